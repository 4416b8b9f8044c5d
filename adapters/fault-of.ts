import { Fault, type FaultCode } from '../core/fault.ts';

/** Names of errors, and codes of statements and cancelled transactions, that mean load, a quota or a lost race. */
const CODE_OF_NAME: ReadonlyMap<string, FaultCode> = new Map([
  ...named('dependency-busy', [
    'ThrottlingError',
    'ThrottlingException',
    'Throttling',
    'ProvisionedThroughputExceeded',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'LimitExceededException',
    'ExecutionLimitExceeded',
    'RequestThrottled',
    'RequestThrottledException',
    'ThrottledException',
    'BandwidthLimitExceeded',
    'SlowDown',
    'TooManyRequestsException',
  ]),
  ...named('contention-lost', [
    'ConditionalCheckFailed',
    'ConditionalCheckFailedException',
    'TransactionConflict',
    'TransactionConflictException',
    'TransactionInProgressException',
    'ReplicatedWriteConflictException',
    'PreconditionFailed',
    'ConditionalRequestConflict',
    'OperationAborted',
  ]),
  ...named('dependency-unavailable', [
    'InternalServerError',
    'ServiceUnavailable',
    'TimeoutError',
    'RequestTimeout',
    'RequestTimeoutException',
    'NetworkingError',
    'AbortError',
  ]),
  ...named('access-refused', [
    'AccessDenied',
    'AccessDeniedException',
    'AuthorizationError',
    'CredentialsProviderError',
    'DecryptionFailure',
    'ExpiredToken',
    'ExpiredTokenException',
    'NoSuchBucket',
    'NotFoundException',
    'QueueDoesNotExist',
    'ResourceNotFound',
    'ResourceNotFoundException',
    'StateMachineDeleting',
    'StateMachineDoesNotExist',
    'UnrecognizedClientException',
    // The clock or the signature is off; DynamoDB answers them with 400.
    'AuthFailure',
    'IncompleteSignatureException',
    'InvalidSignatureException',
    'MissingAuthenticationTokenException',
    'RequestExpired',
    'RequestInTheFuture',
    'RequestTimeTooSkewed',
    'SignatureDoesNotMatch',
  ]),
  ...named('unreadable-item', ['ZodError']),
]);

/** Each service spells a refusal of KMS in its own way: `KMSDisabledException`, `KmsDisabled`, `KMS.DisabledException`. */
const OF_KMS = /^kms/i;

/** Node's codes of a connection that failed. */
const NETWORK_CODE =
  /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|EPROTO|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENETRESET|EADDRNOTAVAIL|EMFILE|ENFILE|ENOTFOUND|EAI_(AGAIN|FAIL)|UND_ERR_\w+|ERR_HTTP2_\w+|ERR_STREAM_PREMATURE_CLOSE|ERR_(SSL|TLS)_\w+|HPE_\w+)$/;
/** Errors nest their causes; more levels than these are a circle. */
const CAUSES_MAX = 5;

/**
 * Classifies what was thrown. Whatever is not known to pass is a bug (docs/decisions/0903-faults.md): a TypeError, an
 * item that its schema refuses, a request that AWS calls wrong.
 */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Fault(codeOf(error, CAUSES_MAX) ?? 'unexpected-error', text, error);
}

/** A statement of a batch, or a record of one, that a service refused with this code. */
export function faultOfCode(code: string, message: string): Fault {
  return new Fault(codeOfName(code) ?? 'request-refused', `${code}: ${message}`);
}

function codeOf(error: unknown, causesLeft: number): FaultCode | undefined {
  if (!(error instanceof Error) || causesLeft === 0) return undefined;
  if (error instanceof Fault) return error.code;
  const cancelled = ofCancelledTransaction(error);
  return (
    cancelled ?? codeOfName(error.name) ?? ofNetwork(error) ?? ofService(error) ?? codeOf(error.cause, causesLeft - 1)
  );
}

function codeOfName(name: string): FaultCode | undefined {
  if (OF_KMS.test(name)) return /throttl/i.test(name) ? 'dependency-busy' : 'access-refused';
  return CODE_OF_NAME.get(name);
}

/** A transaction is cancelled by its members: the worst of their reasons counts. */
function ofCancelledTransaction(error: Error): FaultCode | undefined {
  if (!('CancellationReasons' in error) || !Array.isArray(error.CancellationReasons)) return undefined;
  const reasons = error.CancellationReasons.map((reason: { readonly Code?: unknown }) => String(reason.Code ?? 'None'));
  const codes = reasons.filter((reason) => reason !== 'None').map(codeOfName);
  if (codes.length === 0) return 'contention-lost';
  return codes.includes(undefined) ? 'request-refused' : (codes.find((code) => code !== 'contention-lost') ?? codes[0]);
}

function ofNetwork(error: Error): FaultCode | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return NETWORK_CODE.test(code) ? 'dependency-unavailable' : undefined;
}

/** By what the SDK says of an answer: throttled, retryable, or whose fault it was. */
function ofService(error: Error): FaultCode | undefined {
  const status = statusOf(error);
  // The SDK hangs an answer that it could not parse on the error.
  if ('$responseBodyText' in error) return 'dependency-unavailable';
  if (status === 429) return 'dependency-busy';
  if ('$retryable' in error && typeof error.$retryable === 'object' && error.$retryable !== null) {
    return 'throttling' in error.$retryable && error.$retryable.throttling === true
      ? 'dependency-busy'
      : 'dependency-unavailable';
  }
  if (status !== undefined && (status >= 500 || status === 408)) return 'dependency-unavailable';
  if (!('$fault' in error)) return undefined;
  if (error.$fault === 'server') return 'dependency-unavailable';
  return status === 401 || status === 403 ? 'access-refused' : 'request-refused';
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return undefined;
  const { $metadata } = error;
  return 'httpStatusCode' in $metadata && typeof $metadata.httpStatusCode === 'number'
    ? $metadata.httpStatusCode
    : undefined;
}

function named(code: FaultCode, names: readonly string[]): readonly (readonly [string, FaultCode])[] {
  return names.map((name) => [name, code]);
}
