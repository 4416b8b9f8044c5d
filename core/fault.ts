/** When the same work may succeed: never, within seconds, or once something outside has recovered. */
export type Retry = 'never' | 'soon' | 'later';

/** Every code of a fault, and when to retry after it. Codes are stable: logs, alarms and runbooks name them. */
const RETRY_OF = {
  /** Our own code broke a promise that it makes. */
  'broken-invariant': 'never',
  /** An error that no code expects: a TypeError, say. */
  'unexpected-error': 'never',
  /** Something stored or passed on is not what its schema says. */
  'unreadable-item': 'never',
  /** Something that moves money was not made by what alone may make it. */
  unauthentic: 'never',
  /** A service refused our request as wrong. */
  'request-refused': 'never',
  /** Other workers wrote first, more often than we try at once. */
  'contention-lost': 'soon',
  /** A service refused because of its load or its quota. */
  'dependency-busy': 'soon',
  /** Another worker has the lease. */
  'job-leased': 'soon',
  /** A service did not answer, or answered that it has failed. */
  'dependency-unavailable': 'later',
  /** A service does not let us in, or lacks what we deployed: an operator repairs it. */
  'access-refused': 'later',
  /** An environment variable, a configuration or a secret cannot be used: an operator repairs it. */
  'setting-unusable': 'later',
  /** Newer code wrote the item. A deployment replaces functions one after another, and this one's turn comes. */
  'newer-version': 'later',
} as const satisfies { readonly [code: string]: Retry };

export type FaultCode = keyof typeof RETRY_OF;

/** Error names by retry. Step Functions and Lambda see the name alone: the refund machine's retries match it. */
export const FAULT_NAMES = { never: 'Bug', soon: 'RetrySoon', later: 'RetryLater' } as const satisfies {
  readonly [retry in Retry]: string;
};

/** An error that tells its reader what to do: by its code, and by when to retry. The message never holds a secret. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly retry: Retry;

  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retry = RETRY_OF[code];
    this.name = FAULT_NAMES[this.retry];
  }
}

/** A broken promise of our own code. No retry helps; the work ends at once and an alarm rings. */
export function bug(message: string): Fault {
  return new Fault('broken-invariant', message);
}

/** Refuses to go on where a promise of our own code is broken. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw bug(message);
}

/** Other workers won every race of a bounded number. */
export function contentionLost(what: string, tries: number): Fault {
  return new Fault('contention-lost', `lost ${tries} races for ${what}`);
}

/** Something stored or passed on that its schema refuses. */
export function unreadable(what: string, cause?: unknown): Fault {
  return new Fault('unreadable-item', `${what} cannot be read`, cause);
}
