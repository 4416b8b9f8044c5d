import { faultOf } from '../adapters/fault-of.ts';
import { Fault, type FaultCode } from '../core/fault.ts';

/** What an operator can do after a fault of AWS or of the network. Bugs have no such line: they show their stack. */
const ADVICE: { readonly [code in FaultCode]: string | undefined } = {
  'broken-invariant': undefined,
  'unexpected-error': undefined,
  'unreadable-item': undefined,
  unauthentic: undefined,
  'request-refused': undefined,
  'contention-lost': 'Other workers wrote at the same time. Try again.',
  'dependency-busy': 'AWS throttles our requests. Try again in a minute.',
  'job-leased': 'Another worker has the lease. Try again in some minutes.',
  'dependency-unavailable':
    'AWS cannot be reached. Check the network, the region and AWS_ENDPOINT_URL, then try again.',
  'access-refused': 'AWS does not let us in. Check AWS_PROFILE and the permissions of its role (docs/runbook.md).',
  'newer-version': 'Newer code wrote it. Install the version of onecharge that is deployed.',
  'setting-unusable': 'A setting cannot be used. Check the configuration and the secrets of the stage.',
};

/** The same for errors that have a name of their own. */
const ADVICE_OF_NAME: ReadonlyMap<string, string> = new Map([
  ['CredentialsProviderError', 'No AWS credentials were found. Sign in, or name a profile with AWS_PROFILE.'],
  ['ExpiredToken', 'The AWS session has expired. Sign in again.'],
  ['ExpiredTokenException', 'The AWS session has expired. Sign in again.'],
  ['ValidationError', 'It is not deployed in this account and region. Deploy it, or name another stage with --stage.'],
]);

/** The system's codes of a file that cannot be used. */
const FILE_REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'its permissions forbid it'],
  ['EPERM', 'its permissions forbid it'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['EEXIST', 'it exists already'],
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
]);

/** One line on what happened and what to do; undefined where only a stack helps. Decides on codes and names alone. */
export function reasonOf(error: unknown): string | undefined {
  const { code, message, retry } = faultOf(error);
  // Our own faults say what to do.
  if (error instanceof Fault && retry !== 'never') return message;
  const advice = (error instanceof Error ? ADVICE_OF_NAME.get(error.name) : undefined) ?? ADVICE[code];
  return advice === undefined ? undefined : `${message.split('\n')[0]}. ${advice}`;
}

/** A file that the system refused, and why; undefined for other errors. */
export function fileReasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error && 'path' in error && 'code' in error)) return undefined;
  const code = String(error.code);
  const reason = FILE_REASONS.get(code);
  return `${error.path} cannot be used: ${reason === undefined ? code : `${reason} (${code})`}`;
}
