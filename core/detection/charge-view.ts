import type { FlagId, Minor } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import { capturedMinorOf, returnedByOthersMinor } from './charge-amounts.ts';
import {
  type CapturedRecord,
  type ChargeRecord,
  isCaptured,
  isDisputed,
  isReleased,
  isUnclaimed,
  isWhole,
} from './charge-record.ts';
import { type ChargeWindow, owedBy, rootOf, unpaidMsOf, type WindowEntry } from './charge-window.ts';
import { hasMismatch, presentCharge } from './mismatches.ts';

/** A window and the records it names. Standing, surplus and what is owed are functions of it. */
export interface ChargeView {
  readonly window: ChargeWindow;
  /** By id; a record that is missing has expired, or was not written yet: its charge matches and does not stand. */
  readonly records: ReadonlyMap<FlagId, ChargeRecord>;
}

/** An entry whose record knows the capture. */
export interface ViewedCharge {
  readonly entry: WindowEntry;
  readonly record: CapturedRecord;
  /** Other entries of the same payment: the same money told under other ids. What is known of one is known of all. */
  readonly twins: readonly CapturedRecord[];
  /** An earlier entry has the same payment: that one counts. */
  readonly isTwin: boolean;
}

/** Returns the charges of the window in its order, without those whose record is missing. */
export function chargesOf({ window, records }: ChargeView): readonly ViewedCharge[] {
  const known = window.entries.flatMap((entry) => {
    const record = records.get(entry.id);
    return isCaptured(record) ? [{ entry, record }] : [];
  });
  const ofPayment = Map.groupBy(known, ({ entry }) => entry.payment);
  return known.map((charge) => {
    const { payment } = charge.entry;
    const same = payment === undefined ? [charge] : (ofPayment.get(payment) ?? [charge]);
    const others = same.filter((other) => other !== charge);
    return { ...charge, twins: others.map(({ record }) => record), isTwin: same[0] !== charge };
  });
}

export function chargeIn(view: ChargeView, id: FlagId): ViewedCharge | undefined {
  return chargesOf(view).find(({ entry }) => entry.id === id);
}

/** Returns a flag's charge as its record knows it now; without a record as the flag knows it. */
export function presentIn(
  { records }: ChargeView,
  { id, charge }: { readonly id: FlagId; readonly charge: Charge },
): Charge {
  const record = records.get(id);
  return isCaptured(record) ? presentCharge(record) : charge;
}

/** Kept, and no unpaid closing came that who kept it has not seen. */
export function isKept({ kept }: ChargeRecord, window: ChargeWindow): boolean {
  if (kept === undefined) return false;
  const unpaidMs = unpaidMsOf(window);
  return unpaidMs === undefined || (kept.unpaidMs ?? Number.NEGATIVE_INFINITY) >= unpaidMs;
}

/** Captured, not released, not disputed, not kept, no twin of an earlier one, and without a claim that runs or is done. */
export function isStanding({ record, twins, isTwin }: ViewedCharge, window: ChargeWindow): boolean {
  if (isTwin || record.capture.mayHaveExpired) return false;
  return [record, ...twins].every(
    (one) => !isReleased(one) && !isDisputed(one) && !isKept(one, window) && isUnclaimed(one),
  );
}

/** Returns what of the captured amount is not returned by others, minor units. Of twins the largest return holds. */
export function remainingMinor({ record, twins }: ViewedCharge): Minor {
  const returnedMinor = Math.max(...[record, ...twins].map(returnedByOthersMinor));
  return Math.max(0, capturedMinorOf(record) - returnedMinor);
}

/** Returns the standing charges that count for one cluster, in the window's own order. */
export function countedStanding(view: ChargeView, root: FlagId): readonly ViewedCharge[] {
  const { window } = view;
  return chargesOf(view).filter(
    (charge) => rootOf(charge.entry) === root && counts(charge, window) && isStanding(charge, window),
  );
}

/** Returns what would stand in a charge's cluster without it, first those that are whole and without a mismatch. */
export function survivorsOf(view: ChargeView, { entry: own }: ViewedCharge): readonly ViewedCharge[] {
  const others = countedStanding(view, rootOf(own)).filter(({ entry }) => entry.id !== own.id);
  const isUndoubted = (charge: ViewedCharge) => isWholeCharge(charge) && !isDisagreeing(charge);
  return [...others.filter(isUndoubted), ...others.filter((charge) => !isUndoubted(charge))];
}

/** Returns true when others have returned nothing of it. */
export function isWholeCharge({ record, twins }: ViewedCharge): boolean {
  return [record, ...twins].every(isWhole);
}

/** Returns true where the events of the charge, or of a twin, disagree. */
export function isDisagreeing({ record, twins }: ViewedCharge): boolean {
  return [record, ...twins].some(hasMismatch);
}

/** Returns true where the id is one of those under which the charge's money was told. */
export function isToldAs({ entry, twins }: ViewedCharge, id: FlagId): boolean {
  return entry.id === id || twins.some((twin) => twin.id === id);
}

/** Returns the records that say whether the charge stands. */
export function recordsOf({ record, twins }: ViewedCharge): readonly CapturedRecord[] {
  return [record, ...twins];
}

/**
 * Returns the standing charges beyond what is owed, last remembered first to go. In a cluster that owes one, only charges
 * that this window's detector decided; in an order closed unpaid, every charge that stands.
 */
export function surplusOf(view: ChargeView): readonly ViewedCharge[] {
  const { window } = view;
  const owed = owedBy(window);
  const clusters = Map.groupBy(chargesOf(view), ({ entry }) => rootOf(entry));
  return [...clusters.values()].flatMap((cluster) => {
    const standing = cluster.filter((charge) => counts(charge, window) && isStanding(charge, window));
    const surplus = standing.length - owed;
    if (surplus <= 0) return [];
    const candidates = owed === 0 ? standing : standing.filter((charge) => isDecidedBy(charge, window.detector));
    return candidates.slice(-surplus);
  });
}

/** A charge that a stronger detector decided is that one's to refund: it counts here only once it was dismissed. */
function counts({ entry: { verdict }, record }: ViewedCharge, { detector }: ChargeWindow): boolean {
  return verdict.kind === 'original' || verdict.detector === detector || record.ours?.state === 'denied';
}

function isDecidedBy({ entry: { verdict } }: ViewedCharge, detector: string): boolean {
  return verdict.kind === 'duplicate' && verdict.detector === detector;
}
