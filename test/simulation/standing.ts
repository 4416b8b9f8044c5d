import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow, WindowEntry } from '../../core/detection/charge-window.ts';
import type { RecordOf } from './promises.ts';

type Captured = ChargeRecord & { readonly capture: NonNullable<ChargeRecord['capture']> };

/** A charge of a window with its record. Written apart from the core on purpose, as is all that follows from it. */
export interface Member {
  readonly entry: WindowEntry;
  readonly record: Captured;
  /** The records of the other ids under which its money was told. */
  readonly twins: readonly Captured[];
  /** Its money was told before under another id, which counts. */
  readonly isTwin: boolean;
}

/** The charges of a window whose record knows their capture, in its order. */
export function membersOf({ entries }: ChargeWindow, recordOf: RecordOf): readonly Member[] {
  const all = entries.flatMap((entry) => {
    const record = recordOf(entry.id);
    const capture = record?.capture;
    return record === undefined || capture === undefined ? [] : [{ entry, record: { ...record, capture } }];
  });
  return all.map(({ entry, record }) => {
    const { payment } = record.capture.charge;
    const same = all.filter((other) => payment !== undefined && other.record.capture.charge.payment === payment);
    const twins = same.flatMap((other) => (other.entry === entry ? [] : [other.record]));
    return { entry, record, twins, isTwin: payment !== undefined && same[0]?.entry !== entry };
  });
}

/** The ids under which the money of a charge was told. */
export function idsOf({ record, twins }: Member): readonly Captured[] {
  return [record, ...twins];
}

/** Standing by the design's words, from what the stores hold. Twins share their facts and count once. */
export function isStanding(member: Member, window: ChargeWindow): boolean {
  return !member.isTwin && idsOf(member).every((record) => isUntouched(record, window));
}

function isUntouched(record: Captured, { closed }: ChargeWindow): boolean {
  const { capture, releasedMs, dispute, kept, ours } = record;
  if (releasedMs !== undefined && releasedMs >= capture.latestMs) return false;
  if (returnedOf(record) >= amountNow(record)) return false;
  if (dispute?.open || dispute?.wonBy === 'payer') return false;
  const isSeen = closed?.owed !== 0 || (kept?.unpaidMs ?? Number.NEGATIVE_INFINITY) >= closed.atMs;
  if (kept !== undefined && isSeen) return false;
  return !['claimed', 'refunded', 'reversed-externally'].includes(ours?.state ?? '');
}

/** What is left of the captured amount, as adjusted, when others' refunds are taken from it. */
export function remainingOf(member: Member): number {
  return Math.max(0, amountNow(member.record) - Math.max(...idsOf(member).map(returnedOf)));
}

/** What others have returned, by what a record holds. */
function returnedOf({ refundedByOthers, singleRefunds = [] }: ChargeRecord): number {
  return singleRefunds.reduce((sum, { minor }) => sum + minor, refundedByOthers?.totalMinor ?? 0);
}

/** The amount of the latest time, of one time the smallest, by what a record holds. */
export function amountNow({ capture, adjustments = [] }: ChargeRecord): number {
  if (capture === undefined) return 0;
  const all = [{ amountMinor: capture.charge.amountMinor, atMs: capture.timeMs }, ...adjustments];
  const latestMs = Math.max(...all.map(({ atMs }) => atMs));
  return Math.min(...all.filter(({ atMs }) => atMs === latestMs).map(({ amountMinor }) => amountMinor));
}

/** The id at the root of an entry's cluster. */
export function rootOf({ id, verdict }: WindowEntry): string {
  return verdict.kind === 'duplicate' ? verdict.root : id;
}

/** The charges of one cluster that count in a window. */
export function clusterOf(window: ChargeWindow, root: string, recordOf: RecordOf): readonly Member[] {
  return membersOf(window, recordOf).filter((member) => rootOf(member.entry) === root && counts(member, window));
}

/** For a weaker detector the charges of a stronger one do not count, unless they were dismissed. */
export function counts({ entry: { verdict }, record }: Member, { detector }: ChargeWindow): boolean {
  return verdict.kind === 'original' || verdict.detector === detector || record.ours?.state === 'denied';
}
