import type { AlertKind } from '../../core/alerts/alert.ts';
import type { Minor } from '../../core/brands.ts';
import type { Flag, FlagStatus } from '../../core/cases/flag.ts';
import { waitOf } from '../../core/cases/flag-history.ts';
import { groundsOf, reasonsOf } from '../../core/cases/sentences.ts';
import type { ChargeRef } from '../../core/events/payment-event.ts';
import type { Played } from './playback.ts';
import { readLine, type StreamLine } from './stream-line.ts';

/** How a charge ends. `waits` is for an approver, who never comes; `dismissed`: flagged, and then it was no surplus. */
export const OUTCOMES = ['none', 'monitored', 'waits', 'refunded', 'failed', 'dismissed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface ChargeResult extends ChargeRef {
  readonly outcome: Outcome;
  /** The reasons to wait; empty for every other outcome. */
  readonly waitsFor: readonly string[];
  /** Each reason to wait as a sentence, or what the refund rested on. */
  readonly sentences: readonly string[];
  /** What our refunds have returned, minor units. */
  readonly refundedMinor: Minor;
  /** The charge that this one repeats; null where it repeats none. */
  readonly original: string | null;
}

/** What became of one file. */
export interface CaseResult {
  readonly file: string;
  /** Each charge that a capture of the file names, also where the capture was quarantined. */
  readonly charges: readonly ChargeResult[];
  /** Each record once; null where a record names no charge. */
  readonly quarantined: readonly { readonly chargeId: string | null; readonly reason: string }[];
  /** The kind of each alert, in the order in which they were sent. */
  readonly alerts: readonly AlertKind[];
}

export function caseResult(file: string, stream: readonly StreamLine[], played: Played): CaseResult {
  const flags = new Map(played.flags.map((flag) => [keyOf(flag.charge), flag]));
  return {
    file,
    charges: capturedIn(stream).map((charge) => chargeResult(charge, flags.get(keyOf(charge)), played)),
    quarantined: played.quarantined.map(({ bytes, reason }) => ({
      chargeId: readLine(bytes).said.chargeId ?? null,
      reason,
    })),
    alerts: played.alerts.map(({ kind }) => kind),
  };
}

function chargeResult(charge: ChargeRef, flag: Flag | undefined, played: Played): ChargeResult {
  const outcome = flag === undefined ? 'none' : outcomeOf(flag.status);
  const repeats = flag !== undefined && keyOf(flag.original) !== keyOf(charge);
  return {
    ...charge,
    outcome,
    waitsFor: outcome === 'waits' && flag !== undefined ? (waitOf(flag)?.waitsFor ?? []) : [],
    sentences: flag === undefined ? [] : sentencesOf(flag, outcome),
    refundedMinor: played.returnedMinor(charge),
    original: repeats ? flag.original.chargeId : null,
  };
}

function sentencesOf(flag: Flag, outcome: Outcome): readonly string[] {
  const told = outcome === 'waits' ? reasonsOf(flag, 'shown') : outcome === 'refunded' ? groundsOf(flag, 'shown') : [];
  return told.map(({ sentence }) => sentence.en);
}

/** Returns what a reader of the story sees of a flag's status. */
export function outcomeOf(status: FlagStatus): Outcome {
  switch (status) {
    case 'monitored':
    case 'failed':
      return status;
    case 'open':
    case 'held':
    case 'approved':
    // An approver must act as before, whether or not the hold has expired or the processor has answered.
    case 'expired':
    case 'refunding':
      return 'waits';
    case 'refunded':
    case 'refunded-in-error':
      return 'refunded';
    case 'reversed-externally':
    case 'dismissed':
    case 'kept':
      return 'dismissed';
  }
}

function capturedIn(stream: readonly StreamLine[]): readonly ChargeRef[] {
  const charges = new Map<string, ChargeRef>();
  for (const { said } of stream) {
    const { isCapture, source, chargeId } = said;
    if (!isCapture || source === undefined || chargeId === undefined) continue;
    charges.set(keyOf({ source, chargeId }), { source, chargeId });
  }
  return [...charges.values()];
}

function keyOf({ source, chargeId }: ChargeRef): string {
  return JSON.stringify([source, chargeId]);
}
