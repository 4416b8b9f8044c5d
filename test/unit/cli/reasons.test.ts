import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';
import { expect, it } from 'vitest';
import { reasonOf } from '../../../cli/reasons.ts';
import { bug, Fault } from '../../../core/fault.ts';

const refused = (name: string, message: string) =>
  new CloudFormationServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: 400 } });

it.each([
  [refused('ExpiredToken', 'in any words'), 'The AWS session has expired. Sign in again.'],
  [refused('AccessDenied', 'in other words'), 'AWS does not let us in.'],
  [refused('ValidationError', 'Stack is missing'), 'It is not deployed in this account and region.'],
  [refused('Throttling', 'Rate exceeded'), 'AWS throttles our requests.'],
  [new Fault('contention-lost', 'case 1 changed during each of 5 reads: verify it again'), 'verify it again'],
])('%s is told with what to do', (error, advice) => {
  expect(reasonOf(error)).toContain(advice);
});

it.each([bug('no case'), new TypeError('x is not a function'), refused('Odd', 'wrong')])(
  '%s has no advice: its stack is shown',
  (error) => {
    expect(reasonOf(error)).toBeUndefined();
  },
);
