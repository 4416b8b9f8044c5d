import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { AccessDeniedException } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { faultOf, faultOfCode } from '../../../adapters/fault-of.ts';
import { SecretFault } from '../../../adapters/secrets/read-secret.ts';
import { assert, bug, contentionLost, Fault } from '../../../core/fault.ts';

const answered = (httpStatusCode: number) => ({ message: 'said so', $metadata: { httpStatusCode } });
const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({ ...answered(400), CancellationReasons: codes.map((Code) => ({ Code })) });
const unmodelled = (name: string, status: number) =>
  new DynamoDBServiceException({ ...answered(status), name, $fault: 'client' });
const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('a bug', () => {
  it.each([
    ['a broken invariant', bug('an empty group')],
    ['an assertion', thrownBy(() => assert(false, 'an empty group'))],
    ['a TypeError', thrownBy(() => z.object({}).parse.call(undefined, {}))],
    ['a RangeError', thrownBy(() => new Array(-1))],
    ['a ReferenceError', new ReferenceError('x is not defined')],
    ['a SyntaxError', thrownBy(() => JSON.parse('{'))],
    ['an item that its schema refuses', thrownBy(() => z.object({ id: z.string() }).parse({}))],
    ['a request that AWS calls wrong', unmodelled('ValidationException', 400)],
    ['a transaction with a wrong member', cancelled('None', 'ValidationError', 'TransactionConflict')],
    ['something that is no error', 'a text'],
  ])('%s is never retried, and Step Functions sees its name', (_what, error) => {
    expect(faultOf(error)).toMatchObject({ retry: 'never', name: 'Bug' });
  });
});

describe('what passes within seconds', () => {
  it.each([
    ['a lost race', contentionLost('one window', 60), 'contention-lost'],
    ['a condition that did not hold', new ConditionalCheckFailedException(answered(400)), 'contention-lost'],
    ['a transaction that lost a race', cancelled('None', 'TransactionConflict'), 'contention-lost'],
    ['a transaction that was throttled', cancelled('TransactionConflict', 'ThrottlingError'), 'dependency-busy'],
    ['a throttled table', new ProvisionedThroughputExceededException(answered(400)), 'dependency-busy'],
    ['a throttled statement', faultOfCode('ThrottlingError', 'slow'), 'dependency-busy'],
    ['a throttle without a model', unmodelled('Whatever', 429), 'dependency-busy'],
    ['a throttle of SQS', unmodelled('RequestThrottled', 400), 'dependency-busy'],
    ['a throttle of KMS behind Step Functions', unmodelled('KmsThrottlingException', 400), 'dependency-busy'],
    ['a throttle of KMS behind S3', unmodelled('KMS.ThrottlingException', 400), 'dependency-busy'],
    ['two conditional writes of one object at once', unmodelled('ConditionalRequestConflict', 409), 'contention-lost'],
  ])('%s', (_what, error, code) => {
    expect(faultOf(error)).toMatchObject({ retry: 'soon', name: 'RetrySoon', code });
  });
});

describe('what passes once something outside recovers', () => {
  it.each([
    ['a service that failed', new InternalServerError(answered(500)), 'dependency-unavailable'],
    ['a service that failed without a model', unmodelled('Whatever', 503), 'dependency-unavailable'],
    ['a connection that broke', Object.assign(new Error('socket'), { code: 'ECONNRESET' }), 'dependency-unavailable'],
    [
      'a fetch whose connection was refused',
      new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }),
      'dependency-unavailable',
    ],
    [
      'an answer that did not come',
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
      'dependency-unavailable',
    ],
    ['a grant that is missing', new AccessDeniedException(answered(400)), 'access-refused'],
    ['a key that is disabled behind Step Functions', unmodelled('KmsInvalidStateException', 400), 'access-refused'],
    ['a key that is disabled behind S3', unmodelled('KMS.DisabledException', 400), 'access-refused'],
    ['a key that is missing behind SQS', unmodelled('KmsNotFound', 400), 'access-refused'],
    ['a secret whose key is disabled', unmodelled('DecryptionFailure', 400), 'access-refused'],
    ['a state machine that is not deployed', unmodelled('StateMachineDoesNotExist', 400), 'access-refused'],
    ['a queue that is not deployed', unmodelled('QueueDoesNotExist', 400), 'access-refused'],
    ['a statement on a table that is not deployed', faultOfCode('ResourceNotFound', 'no table'), 'access-refused'],
    ['a request that was signed too long ago', unmodelled('InvalidSignatureException', 400), 'access-refused'],
    ['an answer that timed out at the service', unmodelled('RequestTimeoutException', 400), 'dependency-unavailable'],
    ['a connection that TLS broke', Object.assign(new Error('write'), { code: 'EPROTO' }), 'dependency-unavailable'],
    ['a process without free sockets', Object.assign(new Error('open'), { code: 'EMFILE' }), 'dependency-unavailable'],
    ['an aborted request', new DOMException('aborted', 'AbortError'), 'dependency-unavailable'],
    ['a secret that cannot be used', new SecretFault('stripe', 'empty'), 'setting-unusable'],
  ])('%s', (_what, error, code) => {
    expect(faultOf(error)).toMatchObject({ retry: 'later', name: 'RetryLater', code });
  });
});

it('keeps a fault as it is, and what was thrown as the cause of a new one', () => {
  const fault = new Fault('job-leased', 'job 1 is leased by another worker');
  expect(faultOf(fault)).toBe(fault);
  const thrown = new TypeError('x is not a function');
  expect(faultOf(thrown)).toMatchObject({ cause: thrown, message: 'TypeError: x is not a function' });
});
