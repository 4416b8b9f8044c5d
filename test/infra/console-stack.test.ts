import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { API_CODE, PAGES_CODE } from '../../lib/console-stack.ts';
import { resourcesOf, synthesizeConsole } from './synthesized.ts';

const template = synthesizeConsole();
const only = (type: string) => {
  const found = resourcesOf(template, type).map(([id, resource]) => ({ id, ...resource }));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${type}`);
  return first;
};

const behavior = z.looseObject({
  ViewerProtocolPolicy: z.string(),
  ResponseHeadersPolicyId: z.unknown(),
  FunctionAssociations: z.array(z.looseObject({ EventType: z.string(), FunctionARN: z.unknown() })),
});
const distribution = z
  .object({
    DistributionConfig: z.looseObject({
      DefaultCacheBehavior: behavior,
      CacheBehaviors: z.array(behavior.extend({ PathPattern: z.string(), AllowedMethods: z.array(z.string()) })),
      Origins: z.array(z.looseObject({ OriginAccessControlId: z.unknown().optional() })),
      CustomErrorResponses: z.unknown().optional(),
    }),
  })
  .parse(only('AWS::CloudFront::Distribution').Properties).DistributionConfig;

describe('the console’s files', () => {
  it('are in a bucket that nobody but the distribution can read', () => {
    const [, files] = resourcesOf(template, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Files')) ?? [];
    expect(files?.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const policies = resourcesOf(template, 'AWS::S3::BucketPolicy').filter(([id]) => id.startsWith('Files'));
    const policy = JSON.stringify(policies.map(([, { Properties }]) => Properties.PolicyDocument));
    expect(policy).toContain('"Principal":{"Service":"cloudfront.amazonaws.com"}');
    expect(policy).toContain('AWS:SourceArn');
    expect(policy).toContain('"aws:SecureTransport":"false"');
    expect(distribution.Origins.filter((origin) => origin.OriginAccessControlId !== undefined)).toHaveLength(1);
  });

  it('are kept for ever by browsers where their names say what is in them, and never where not', () => {
    const deployments = resourcesOf(template, 'Custom::CDKBucketDeployment').map(([, { Properties }]) => Properties);
    const kept = deployments.map(
      ({ SystemMetadata }) => z.record(z.string(), z.string()).parse(SystemMetadata)['cache-control'],
    );
    expect(kept.sort()).toEqual(['no-cache', 'public, max-age=31536000, immutable']);
  });
});

describe('the distribution', () => {
  it('speaks HTTPS alone, with the same headers on pages and on the API’s answers', () => {
    const behaviors = [distribution.DefaultCacheBehavior, ...distribution.CacheBehaviors];
    expect(new Set(behaviors.map((one) => one.ViewerProtocolPolicy))).toEqual(new Set(['redirect-to-https']));
    expect(new Set(behaviors.map((one) => JSON.stringify(one.ResponseHeadersPolicyId))).size).toBe(1);
  });

  it('lets scripts come from its own files only, and requests go to itself and to Cognito', () => {
    const { SecurityHeadersConfig } = z
      .object({ ResponseHeadersPolicyConfig: z.object({ SecurityHeadersConfig: z.record(z.string(), z.unknown()) }) })
      .parse(only('AWS::CloudFront::ResponseHeadersPolicy').Properties).ResponseHeadersPolicyConfig;
    const { ContentSecurityPolicy } = z
      .object({ ContentSecurityPolicy: z.unknown() })
      .parse(SecurityHeadersConfig.ContentSecurityPolicy);
    const text = JSON.stringify(ContentSecurityPolicy);
    expect(text).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(text).toContain("connect-src 'self' https://cognito-idp.us-east-1.");
    expect(text).not.toMatch(/unsafe|\*/);
    expect(SecurityHeadersConfig).toHaveProperty('StrictTransportSecurity');
  });

  it('hands the API’s paths on with any method, and keeps its errors as they are', () => {
    const [api] = distribution.CacheBehaviors;
    expect(api?.PathPattern).toBe('/api/*');
    expect(api?.AllowedMethods).toContain('POST');
    // A fallback by error code would turn the API's own 403 and 404 into a page.
    expect(distribution.CustomErrorResponses).toBeUndefined();
  });
});

describe('its functions', () => {
  const request = z.object({ uri: z.string(), headers: z.record(z.string(), z.unknown()) });
  const handled = (code: string, uri: string) => {
    const headers = { 'x-onecharge-viewer': { value: 'made up' } };
    const event = { viewer: { ip: '203.0.113.7' }, request: { uri, headers } };
    return request.parse(runInNewContext(`${code}\nhandler(event)`, { event }));
  };
  const rewritten = (code: string, uri: string) => handled(code, uri).uri;

  it.each([
    { asked: '/', served: '/index.html' },
    { asked: '/cases/0123456789abcdef0123456789abcdef', served: '/index.html' },
    { asked: '/incidents/20241111T000000000Z-all', served: '/index.html' },
    { asked: '/settings.json', served: '/settings.json' },
    { asked: '/assets/index-BPNJ__Wj.js', served: '/assets/index-BPNJ__Wj.js' },
  ])('serve $served for $asked', ({ asked, served }) => expect(rewritten(PAGES_CODE, asked)).toBe(served));

  it('take the prefix off what goes to the API', () => {
    expect(rewritten(API_CODE, '/api/cases/1')).toBe('/cases/1');
  });

  it('state the address of the sender, whatever the sender wrote', () => {
    expect(handled(API_CODE, '/api/cases').headers).toEqual({ 'x-onecharge-viewer': { value: '203.0.113.7' } });
  });
});
