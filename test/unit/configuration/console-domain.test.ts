import { expect, it } from 'vitest';
import { consoleDomainSchema } from '../../../core/configuration/console-domain.ts';

const DOMAIN = 'refunds.shop.example';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0123-abc';
const isTaken = (domain: string, certificateArn = CERTIFICATE) =>
  consoleDomainSchema.safeParse({ domain, certificateArn }).success;

it('takes a domain with a certificate of CloudFront’s region', () => {
  expect(isTaken(DOMAIN)).toBe(true);
});

it.each(['https://refunds.shop.example', 'Refunds.shop.example', 'shop', '-a.example', 'a_b.example', '*.example', ''])(
  'refuses %j as a domain',
  (domain) => {
    expect(isTaken(domain)).toBe(false);
  },
);

it.each([
  'arn:aws:acm:eu-west-1:123456789012:certificate/1',
  'arn:aws:iam::123456789012:server-certificate/1',
  'refunds.shop.example',
])('refuses %j as a certificate', (certificateArn) => {
  expect(isTaken(DOMAIN, certificateArn)).toBe(false);
});
