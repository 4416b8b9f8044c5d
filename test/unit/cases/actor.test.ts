import { describe, expect, it } from 'vitest';
import { isReservedName, operatorOf } from '../../../core/cases/actor.ts';

const accountId = '123456789012';
const user = (name: string, userId = 'AIDAEXAMPLE') => ({
  accountId,
  userArn: `arn:aws:iam::${accountId}:user/${name}`,
  userId,
});
const session = (role: string, name: string) => ({
  accountId,
  userArn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
  userId: `AROAEXAMPLE:${name}`,
});

describe('the name of an operator', () => {
  it('is the id of an IAM user, whatever its name and path', () => {
    const names = ['ann', 'team/ann', 'bob'].map((name) => operatorOf(user(name)));
    expect(new Set(names)).toEqual(new Set([`aws:${accountId}:user/AIDAEXAMPLE`]));
    expect(operatorOf(user('ann', 'AIDAOTHER'))).not.toBe(names[0]);
  });

  it('is the role, whatever its bearer calls the session', () => {
    expect([operatorOf(session('Admin', 'ann')), operatorOf(session('Admin', 'ben'))]).toEqual([
      `aws:${accountId}:role/Admin`,
      `aws:${accountId}:role/Admin`,
    ]);
  });

  it('is the user of IAM Identity Center, whatever the permission set', () => {
    const roles = ['AWSReservedSSO_Admin_0123456789abcdef', 'AWSReservedSSO_Operator_fedcba9876543210'];
    expect(roles.map((role) => operatorOf(session(role, 'ann@example.com')))).toEqual([
      `aws:${accountId}:sso/ann@example.com`,
      `aws:${accountId}:sso/ann@example.com`,
    ]);
  });

  it('is the same in each partition', () => {
    const userArn = `arn:aws-cn:iam::${accountId}:user/ann`;
    expect(operatorOf({ accountId, userArn, userId: 'AIDAEXAMPLE' })).toBe(`aws:${accountId}:user/AIDAEXAMPLE`);
  });

  it.each([
    ['the root of the account', `arn:aws:iam::${accountId}:root`],
    ['a federated session, whose maker chooses the name', `arn:aws:sts::${accountId}:federated-user/ann`],
    ['an identity of another account', 'arn:aws:iam::210987654321:user/ann'],
    ['a service', 'states.amazonaws.com'],
    ['no identity', ''],
  ])('is none of %s', (_, userArn) => {
    expect(operatorOf({ accountId, userArn, userId: 'AIDAEXAMPLE' })).toBeUndefined();
  });

  it('is none that looks like a card number', () => {
    expect(operatorOf(session('AWSReservedSSO_Admin_0', '4111111111111111'))).toBeUndefined();
  });
});

it.each(['system:sweep', 'aws:123456789012:user/AIDA', ' AWS:x', 'System:'])('%s is a reserved name', (name) => {
  expect(isReservedName(name)).toBe(true);
});

it.each(['d1f0c2aa-0000-4000-8000-000000000000', 'ann', 'awsome'])('%s is no reserved name', (name) => {
  expect(isReservedName(name)).toBe(false);
});
