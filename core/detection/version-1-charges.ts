import type { FlagId, Ms } from '../brands.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import { type Capture, type ChargeRecord, EVIDENCE_MS, emptyRecord, type FiledIn } from './charge-record.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import { flagIdOf, type PlainDigests } from './fingerprint.ts';
import { joined, largerRefunds, laterDispute, laterKeep, standingClaim } from './version-1-facts.ts';
import {
  isCapturedEntry,
  judgedByMs,
  latestFactMs,
  type Version1Captured,
  type Version1Entry,
  type Version1Window,
} from './version-1-window.ts';

export interface Version1Rules {
  readonly configuration: Pick<DetectorCatalog, 'detectors' | 'detectorFor'>;
  readonly digests: Pick<PlainDigests, 'hash128'>;
}

/** The records of version-1 charges by id, none of them written yet. */
export type Version1Charges = Map<FlagId, ChargeRecord>;

/**
 * Adds what one window knows to the records of its charges. Whatever the order of the windows, the records are the same.
 *
 * @returns the charges whose copies differ in amount or currency
 */
export function addWindow(
  charges: Version1Charges,
  window: Version1Window,
  rules: Version1Rules,
): readonly ChargeRef[] {
  const differing: ChargeRef[] = [];
  for (const entry of window.entries) {
    const id = flagIdOf(entry, rules.digests);
    const facts = factsOf(entry, id, window, rules);
    const known = charges.get(id);
    if (known === undefined) {
      charges.set(id, facts);
      continue;
    }
    if (hasOtherAmount(known.capture?.charge, facts.capture?.charge)) differing.push(entry);
    charges.set(id, union(known, facts, rules));
  }
  return differing;
}

function factsOf(entry: Version1Entry, id: FlagId, window: Version1Window, rules: Version1Rules): ChargeRecord {
  const { captured, released, refundedTotalMinor, dispute, ours } = entry;
  const latestMs = latestFactMs(window);
  return {
    ...emptyRecord(id, entry),
    expiresAtMs: window.expiresAtMs,
    ...(captured !== undefined && { capture: captureOf(captured, window, rules) }),
    // The time of a void was not stored: it holds as if it were the last that the window has seen.
    ...(released && { releasedMs: Math.max(latestMs, captured?.timeMs ?? latestMs) }),
    ...(refundedTotalMinor !== undefined && { refundedByOthers: { totalMinor: refundedTotalMinor, atMs: latestMs } }),
    ...(dispute !== undefined && { dispute }),
    ...((entry.kept ?? entry.reviewOnly) && { kept: keptOf(entry, window) }),
    ...(ours !== undefined && { ours }),
  };
}

function captureOf(
  { charge, timeMs, stale }: Version1Captured,
  window: Version1Window,
  { configuration }: Version1Rules,
): Capture {
  const judgedMs = Math.max(timeMs, judgedByMs(window, retainMsOf(window.detector, charge, configuration)));
  const mayHaveExpired = stale && judgedMs - timeMs >= EVIDENCE_MS;
  return {
    charge,
    timeMs,
    // Version 1 kept neither time; both are at the latest that of the last write.
    arrivedMs: judgedMs,
    seenMs: judgedMs,
    ...(mayHaveExpired && ({ mayHaveExpired } as const)),
    latestMs: timeMs,
    windows: [{ detector: window.detector, fingerprint: window.fingerprint }],
  };
}

/** Returns today's memory of a detector. One that is gone remembers as evidence does. */
export function retainMsOf(detector: string, charge: Charge, configuration: Pick<DetectorCatalog, 'detectorFor'>): Ms {
  return configuration.detectorFor(detector, charge)?.retainMs ?? EVIDENCE_MS;
}

/** Only a keep that came after an unpaid closing has seen it: the closing would have opened an earlier one again. */
function keptOf({ kept }: Version1Entry, { closed }: Version1Window): NonNullable<ChargeRecord['kept']> {
  return kept && closed?.owed === 0 ? { unpaidMs: closed.atMs } : {};
}

function union(a: ChargeRecord, b: ChargeRecord, rules: Version1Rules): ChargeRecord {
  const capture = joined(a.capture, b.capture, (one, other) => sameCapture(one, other, rules));
  const releasedMs = joined(a.releasedMs, b.releasedMs, Math.max);
  const refundedByOthers = joined(a.refundedByOthers, b.refundedByOthers, largerRefunds);
  const dispute = joined(a.dispute, b.dispute, laterDispute);
  const kept = joined(a.kept, b.kept, laterKeep);
  const ours = joined(a.ours, b.ours, standingClaim);
  return {
    ...a,
    expiresAtMs: Math.max(a.expiresAtMs, b.expiresAtMs),
    ...(capture !== undefined && { capture }),
    ...(releasedMs !== undefined && { releasedMs }),
    ...(refundedByOthers !== undefined && { refundedByOthers }),
    ...(dispute !== undefined && { dispute }),
    ...(kept !== undefined && { kept }),
    ...(ours !== undefined && { ours }),
  };
}

/** The earlier telling holds. A refunded charge had lost some fields in some of its windows: the other copy has them. */
function sameCapture(a: Capture, b: Capture, { configuration }: Version1Rules): Capture {
  const [first, other] = isFirst(a, b) ? [a, b] : [b, a];
  const mayHaveExpired = a.mayHaveExpired ?? b.mayHaveExpired;
  return {
    ...first,
    charge: { ...other.charge, ...first.charge },
    arrivedMs: Math.min(a.arrivedMs, b.arrivedMs),
    seenMs: Math.min(a.seenMs, b.seenMs),
    ...(mayHaveExpired && { mayHaveExpired }),
    latestMs: Math.max(a.latestMs, b.latestMs),
    windows: strongestFirst([...a.windows, ...b.windows], configuration),
  };
}

/** Of two tellings of one time, the one in the window whose key comes first. */
function isFirst(a: Capture, b: Capture): boolean {
  return a.timeMs === b.timeMs ? keyOf(a) <= keyOf(b) : a.timeMs < b.timeMs;
}

function keyOf({ windows }: Capture): string {
  return windows.reduce(
    (least, { fingerprint }) => (fingerprint < least ? fingerprint : least),
    windows[0]?.fingerprint ?? '',
  );
}

function strongestFirst(
  windows: readonly FiledIn[],
  { detectors }: Pick<DetectorCatalog, 'detectors'>,
): readonly FiledIn[] {
  const rankOf = ({ detector }: FiledIn) => {
    const rank = detectors.findIndex(({ id }) => id === detector);
    return rank < 0 ? detectors.length : rank;
  };
  return windows.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** Returns the captured charges among the window's entries, in its own order. */
export function capturedIn({ entries }: Version1Window) {
  return entries.filter(isCapturedEntry).toSorted((a, b) => a.captured.seq - b.captured.seq);
}

function hasOtherAmount(a: Charge | undefined, b: Charge | undefined): boolean {
  return a !== undefined && b !== undefined && (a.amountMinor !== b.amountMinor || a.currency !== b.currency);
}
