import type { Fingerprint, Minor, Ms } from '../brands.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import { type ChargeRecord, type Claim, EVIDENCE_MS } from './charge-record.ts';
import type { ChargeWindow } from './charge-window.ts';

export type Version1Verdict =
  | { readonly kind: 'original' }
  | { readonly kind: 'duplicate'; readonly original: ChargeRef; readonly detector: string };

export interface Version1Captured {
  readonly seq: number;
  readonly timeMs: Ms;
  readonly charge: Charge;
  readonly verdict: Version1Verdict;
  /** It reached the stream more than `retain` after its time. */
  readonly stale?: true;
}

/** What one window of version 1 knew of a charge. Each window of the charge had a copy, without the facts' times. */
export interface Version1Entry extends ChargeRef {
  readonly captured?: Version1Captured;
  readonly released?: true;
  /** The largest total of refunds that we did not make. */
  readonly refundedTotalMinor?: Minor;
  readonly dispute?: NonNullable<ChargeRecord['dispute']>;
  readonly kept?: true;
  /** Kept once; then its order was closed unpaid. */
  readonly reviewOnly?: true;
  readonly ours?: Claim;
}

export type CapturedVersion1Entry = Version1Entry & { readonly captured: Version1Captured };

export interface Version1Window {
  readonly fingerprint: Fingerprint;
  readonly detector: string;
  readonly expiresAtMs: Ms;
  readonly entries: readonly Version1Entry[];
  readonly closed?: NonNullable<ChargeWindow['closed']>;
}

export function isCapturedEntry(entry: Version1Entry): entry is CapturedVersion1Entry {
  return entry.captured !== undefined;
}

/**
 * Returns a time that no fact of the window comes after. Each write moved the expiry to half a year after it, or after the
 * event's time if that was later.
 */
export function latestFactMs({ expiresAtMs }: Pick<Version1Window, 'expiresAtMs'>): Ms {
  return Math.max(0, expiresAtMs - EVIDENCE_MS);
}

/**
 * Returns a time by which the window had judged all its charges: that of its last write. A window of originals alone
 * lived for `retain` after it, every other one for half a year at least.
 */
export function judgedByMs(window: Version1Window, retainMs: Ms): Ms {
  return isOriginalsAlone(window) ? Math.max(0, window.expiresAtMs - retainMs) : latestFactMs(window);
}

function isOriginalsAlone({ closed, entries }: Version1Window): boolean {
  if (closed?.owed === 0 || closed?.overrules) return false;
  return entries.every(
    ({ captured, released, refundedTotalMinor, dispute, ours, kept }) =>
      captured?.verdict.kind === 'original' &&
      [released, refundedTotalMinor, dispute, ours, kept].every((fact) => fact === undefined),
  );
}
