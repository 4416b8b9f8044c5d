import type { ProblemCode } from '../../core/queries/problem-code.ts';

/** What stands before the API, or nothing at all, answered: API Gateway has no codes. */
type WithoutCode = 'signed-out' | 'too-many-requests' | 'unreachable' | 'unknown-problem';
export type FaultCode = ProblemCode | WithoutCode;

/** What a page does about a code: ask again, show the new state, or say it and wait for its user. */
const KINDS: { readonly [code in FaultCode]: 'passing' | 'changed' | 'final' } = {
  'input-invalid': 'final',
  'body-not-json': 'final',
  'body-too-large': 'final',
  'bad-cursor': 'final',
  'filters-contradict': 'final',
  'range-invalid': 'final',
  'question-incomplete': 'final',
  'several-payers': 'final',
  'direct-request': 'final',
  'subject-missing': 'final',
  'role-needed': 'final',
  'role-unknown': 'passing',
  'sign-in-again': 'final',
  'own-flag': 'final',
  'path-unknown': 'final',
  'method-unknown': 'final',
  'id-malformed': 'final',
  'case-not-found': 'final',
  'flag-not-found': 'final',
  'incident-not-found': 'final',
  'job-not-found': 'final',
  'not-held': 'changed',
  'too-late': 'changed',
  unreconciled: 'changed',
  'no-gateway': 'final',
  'not-refunded': 'changed',
  'comments-full': 'final',
  'not-migrated': 'final',
  'raise-refused': 'final',
  'raise-not-found': 'changed',
  'own-raise': 'final',
  'thaw-not-found': 'changed',
  'own-thaw': 'final',
  'thaw-over': 'changed',
  'own-order': 'final',
  'order-closed': 'changed',
  'link-unknown': 'final',
  'link-withdrawn': 'final',
  'link-expired': 'final',
  'internal-error': 'passing',
  'signed-out': 'final',
  'too-many-requests': 'passing',
  unreachable: 'passing',
  'unknown-problem': 'final',
};

/** An answer of the API that is a problem (RFC 9457), or none at all. Pages decide on its code alone. */
export class ApiProblem extends Error {
  readonly code: FaultCode;

  constructor({ code, detail }: { readonly code: FaultCode; readonly detail: string }) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
  }
}

/** True when the page was stale: something changed between reading and acting. */
export function isConflict(error: unknown): error is ApiProblem {
  return KINDS[codeOf(error)] === 'changed';
}

/** True when another try may help: after a fault of the network, a busy gateway, a failed service. */
export function isPassing(error: unknown): boolean {
  return KINDS[codeOf(error)] === 'passing';
}

/** The session has ended. */
export function isSignedOut({ code }: ApiProblem): boolean {
  return code === 'signed-out' || code === 'subject-missing';
}

/** The session goes on, and the act needs a sign-in that is not long ago. */
export function needsSignIn(error: unknown): boolean {
  return codeOf(error) === 'sign-in-again';
}

/** What is no answer of the API at all is the network's. */
export function codeOf(error: unknown): FaultCode {
  return error instanceof ApiProblem ? error.code : 'unreachable';
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  const code = textIn(body, 'code');
  return new ApiProblem({
    code: code === undefined ? codeOfGateway(response.status) : known(code),
    detail: textIn(body, 'detail') ?? response.statusText,
  });
}

function textIn(body: unknown, member: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Reflect.get(body, member);
  return typeof value === 'string' ? value : undefined;
}

/** The API may be newer than this page. */
function known(code: string): FaultCode {
  return isKnown(code) ? code : 'unknown-problem';
}

function isKnown(code: string): code is FaultCode {
  return Object.hasOwn(KINDS, code);
}

/** API Gateway answers before the API is asked, and has nothing but the status. */
function codeOfGateway(status: number): FaultCode {
  if (status === 401) return 'signed-out';
  if (status === 429) return 'too-many-requests';
  return status >= 500 ? 'unreachable' : 'unknown-problem';
}
