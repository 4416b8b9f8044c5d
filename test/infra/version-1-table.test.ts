import { expect, it } from 'vitest';
import { idOf, resourcesOf, synthesize } from './synthesized.ts';

const prod = synthesize('prod');
const local = synthesize('local');

it('the table of version 1 keeps its logical id: under another an update would leave it outside the stack', () => {
  expect(idOf(prod, 'AWS::DynamoDB::GlobalTable', 'DetectionWindows')).toBe('DetectionWindows5CC87765');
});

it('a stage that keeps no history has no table of version 1, and no freeze for it', () => {
  const ids = resourcesOf(local, 'AWS::DynamoDB::GlobalTable').map(([id]) => id);
  expect(ids.filter((id) => id.startsWith('DetectionWindows'))).toEqual([]);
  expect(local.Outputs).not.toHaveProperty('WindowsTableName');
  for (const [, { Properties }] of resourcesOf(local, 'AWS::Lambda::Function')) {
    expect(JSON.stringify(Properties)).not.toMatch(/"VERSION_1_WINDOWS_TABLE":(?!"none")/);
  }
});

it('the sweep alone may read the table of version 1', () => {
  const policies = resourcesOf(prod, 'AWS::IAM::Policy').filter(([, policy]) =>
    JSON.stringify(policy.Properties).includes('"Fn::GetAtt":["DetectionWindows5CC87765","Arn"]'),
  );
  expect(policies.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['RefundsSweepRoleDefaultPolicy']);
});
