import type { Ms } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Capture, type ChargeRecord, EVIDENCE_MS, nextVersion } from './charge-record.ts';
import { type ChargeWindow, emptyWindow, type WindowEntry } from './charge-window.ts';
import { CHARGE_FIELDS } from './detector.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import { type Digests, flagIdOf, payerDigestOf, paymentDigestOf, sameDigestOf } from './fingerprint.ts';
import type { FoundRecord } from './record-store.ts';
import { capturedIn, retainMsOf } from './version-1-charges.ts';
import { claimBeside, joined, laterDispute, laterKeep, refundsBeside } from './version-1-facts.ts';
import { type CapturedVersion1Entry, judgedByMs, type Version1Window } from './version-1-window.ts';
import type { FoundWindow } from './window-store.ts';

/**
 * Adds the facts of a version-1 charge to its record. What the live record knows holds; version 1 fills in the rest.
 *
 * @returns the live record itself when it knew everything; undefined when both have expired
 */
export function mergeRecord(
  { record: live, version }: FoundRecord,
  version1: ChargeRecord,
  nowMs: Ms,
): ChargeRecord | undefined {
  const expiresAtMs = Math.max(version1.expiresAtMs, nowMs + EVIDENCE_MS);
  if (live === undefined) {
    if (version1.expiresAtMs <= nowMs) return undefined;
    return { ...version1, expiresAtMs, version: nextVersion(version, nowMs) };
  }
  const capture = joined(live.capture, version1.capture, captureBeside);
  const releasedMs = joined(live.releasedMs, version1.releasedMs, Math.max);
  const returned = refundsBeside(live, version1.refundedByOthers);
  const dispute = joined(live.dispute, version1.dispute, laterDispute);
  const kept = joined(live.kept, version1.kept, laterKeep);
  const ours = joined(live.ours, version1.ours, claimBeside);
  const isKnown =
    capture === live.capture &&
    releasedMs === live.releasedMs &&
    returned === live &&
    dispute === live.dispute &&
    kept === live.kept &&
    ours === live.ours;
  if (isKnown) return live;
  const { refundedByOthers: _total, singleRefunds: _single, ...others } = live;
  const { refundedByOthers, singleRefunds } = returned;
  return {
    ...others,
    version: nextVersion(version, nowMs),
    expiresAtMs: Math.max(live.expiresAtMs, expiresAtMs),
    ...(capture !== undefined && { capture }),
    ...(releasedMs !== undefined && { releasedMs }),
    ...(refundedByOthers !== undefined && { refundedByOthers }),
    ...(singleRefunds !== undefined && { singleRefunds }),
    ...(dispute !== undefined && { dispute }),
    ...(kept !== undefined && { kept }),
    ...(ours !== undefined && { ours }),
  };
}

/** The live telling fixes charge and time. Version 1 had judged the charge before, and knows more windows. */
function captureBeside(live: Capture, version1: Capture): Capture {
  const known = new Set(live.windows.map(({ fingerprint }) => fingerprint));
  const added = version1.windows.filter(({ fingerprint }) => !known.has(fingerprint));
  const charge: Charge = { ...version1.charge, ...live.charge };
  const merged: Capture = {
    ...live,
    charge,
    arrivedMs: Math.min(live.arrivedMs, version1.arrivedMs),
    seenMs: Math.min(live.seenMs, version1.seenMs),
    ...(version1.mayHaveExpired && { mayHaveExpired: true as const }),
    latestMs: Math.max(live.latestMs, version1.latestMs),
    windows: [...live.windows, ...added],
  };
  const isKnown =
    added.length === 0 &&
    Object.keys(charge).length === Object.keys(live.charge).length &&
    merged.arrivedMs === live.arrivedMs &&
    merged.seenMs === live.seenMs &&
    merged.mayHaveExpired === live.mayHaveExpired &&
    merged.latestMs === live.latestMs;
  return isKnown ? live : merged;
}

interface WindowRules {
  readonly configuration: Pick<DetectorCatalog, 'detectorFor'>;
  readonly digests: Digests;
  readonly nowMs: Ms;
}

/**
 * Adds the entries and the closing of a version-1 window to the window of today with the same fingerprint. Version 1
 * remembered its charges first, so they come first. Entries that are there keep their verdicts.
 *
 * @returns the live window itself when it knew everything; undefined when both have expired
 */
export function mergeWindow(
  { window: live, version }: FoundWindow,
  version1: Version1Window,
  rules: WindowRules,
): ChargeWindow | undefined {
  const { nowMs } = rules;
  if (version1.expiresAtMs <= nowMs) return live;
  const { detector, fingerprint } = version1;
  const before = live ?? emptyWindow(detector, fingerprint);
  const known = new Set(before.entries.map(({ id }) => id));
  const missing = capturedIn(version1)
    .map((entry) => entryOf(entry, version1, rules))
    .filter(({ id }) => !known.has(id));
  const closed = joined(before.closed, version1.closed, laterClosing);
  const isKnown = missing.length === 0 && closed === before.closed;
  if (isKnown && live !== undefined) return live;
  // Nothing that a window of today remembers: facts of charges that were never captured are in their records.
  if (isKnown) return undefined;
  return {
    ...before,
    version: nextVersion(version, nowMs),
    decisiveVersion: nextVersion(before.decisiveVersion, nowMs),
    expiresAtMs: Math.max(before.expiresAtMs, version1.expiresAtMs),
    entries: [...missing, ...before.entries].map((entry, seq) => ({ ...entry, seq })),
    ...(closed !== undefined && { closed }),
  };
}

function entryOf(
  entry: CapturedVersion1Entry,
  window: Version1Window,
  { configuration, digests }: WindowRules,
): WindowEntry {
  const { charge, timeMs, verdict } = entry.captured;
  // A detector that is gone matches nothing any more.
  const detector = configuration.detectorFor(window.detector, charge) ?? { id: window.detector, same: CHARGE_FIELDS };
  const payment = paymentDigestOf(charge, digests);
  const isNear = 'near' in detector && detector.near !== undefined;
  return {
    id: flagIdOf(entry, digests),
    seq: 0,
    timeMs,
    sinceMs: Math.max(timeMs, judgedByMs(window, retainMsOf(window.detector, charge, configuration))),
    same: sameDigestOf(detector, charge, digests),
    ...(isNear && { amountMinor: charge.amountMinor }),
    ...(payment !== undefined && { payment }),
    payer: payerDigestOf(charge, digests),
    verdict:
      verdict.kind === 'original'
        ? verdict
        : { kind: 'duplicate', root: flagIdOf(verdict.original, digests), detector: verdict.detector },
  };
}

type Closed = NonNullable<ChargeWindow['closed']>;

/** The latest closing holds, on a tie `paid`, and knows whether an earlier one differed. */
function laterClosing(live: Closed, version1: Closed): Closed {
  const isLive = live.atMs === version1.atMs ? live.owed >= version1.owed : live.atMs > version1.atMs;
  const [holds, other] = isLive ? [live, version1] : [version1, live];
  const afterPaid = holds.owed === 0 && (other.owed === 1 || other.afterPaid === true);
  const overrules = holds.owed === 1 && (other.owed === 0 || other.overrules === true);
  if (!(afterPaid && !holds.afterPaid) && !(overrules && !holds.overrules)) return holds;
  return { ...holds, ...(afterPaid && { afterPaid }), ...(overrules && { overrules }) };
}
