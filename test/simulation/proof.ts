import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { AttestationOf } from '../../core/detection/suspensions.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import type { Attestation, CopyDifference } from '../../core/events/source.ts';
import type { RecordOf } from './promises.ts';
import { type Member, remainingOf, rootOf } from './standing.ts';
import type { KnownTotals, PossibleTotal } from './told-totals.ts';

/** On what a claim without an approval is judged. */
export interface Case {
  readonly flag: Flag;
  readonly window: ChargeWindow;
  readonly own: Member;
  /** All that stands in the window without the charge. */
  readonly others: readonly Member[];
  /** The claim's run has seen the window and its records as they are now. */
  readonly isFresh: boolean;
  /** Of the order, where the window is the order's. */
  readonly totals: KnownTotals;
  readonly recordOf: RecordOf;
  readonly configuration: Pick<Configuration, 'sourceOf'>;
  /** Attestations that count for nothing. */
  readonly suspended: readonly AttestationOf[];
}

/**
 * Returns why nothing proves that the charge is one too many, by the design's words and by what was told: its processors
 * attest it, or the order's total does, told by those who attest totals.
 */
export function unprovedBecause(found: Case): string | undefined {
  const { window, own } = found;
  const { charge } = own.record.capture;
  if (window.closed?.owed === 0) {
    const isFinal = areAttested('closings', [charge.source, window.closed.source], found);
    return isFinal ? undefined : 'its order was closed unpaid by a source that does not attest closings';
  }
  const original = originalOf(found);
  if (original === undefined) return 'it has no original';
  const difference = differenceFrom(original, found);
  if (difference !== undefined) return `it is a copy of ${original.chargeId} with ${difference}`;
  if (areAttested('single-charge', [charge.source, original.source], found)) return undefined;
  const isProof = (total: PossibleTotal) => isProvedBy(total, original, found);
  return found.totals.latest.some(isProof) ? undefined : 'neither an attestation nor a total proves it';
}

/** The charge at the root of its cluster; for a root itself the first other one that stands. */
function originalOf({ flag, own, others, recordOf }: Case): Charge | undefined {
  const root = rootOf(own.entry);
  if (root === own.entry.id) return others.find(({ entry }) => rootOf(entry) === root)?.record.capture.charge;
  return recordOf(root)?.capture?.charge ?? flag.originalCharge;
}

function differenceFrom(original: Charge, { own, configuration }: Case): CopyDifference | undefined {
  const { charge } = own.record.capture;
  const mayDiffer = (difference: CopyDifference) =>
    [charge, original].every(({ source }) => configuration.sourceOf(source)?.copies.has(difference));
  const found: CopyDifference[] = [
    ...(charge.payer === original.payer ? [] : (['other-payer'] as const)),
    ...(charge.instrument === original.instrument ? [] : (['other-instrument'] as const)),
    ...(charge.source === original.source ? [] : (['other-source'] as const)),
  ];
  return found.find((difference) => !mayDiffer(difference));
}

function areAttested(
  attestation: Attestation,
  sources: readonly string[],
  { own, configuration, suspended }: Case,
): boolean {
  const { merchant } = own.record.capture.charge;
  return sources.every((source) => {
    const isSuspended = suspended.some(
      (each) => each.source === source && each.attestation === attestation && each.merchant === merchant,
    );
    return !isSuspended && configuration.sourceOf(source)?.attests.has(attestation);
  });
}

/**
 * All who speak attest totals; the order keeps the highest total that was told; and what was paid beyond it is the charge
 * alone, or with other copies.
 */
function isProvedBy({ totalMinor, source }: PossibleTotal, original: Charge, found: Case): boolean {
  const { own, others, window, isFresh } = found;
  const { charge } = own.record.capture;
  if (!areAttested('totals', [charge.source, original.source, source], found)) return false;
  if (totalMinor < found.totals.highestMinor) return false;
  if (!isFresh) return true;
  if (others.some(({ record }) => record.capture.charge.currency !== charge.currency)) return false;
  const excessMinor = sumOf([own, ...others]) - totalMinor - remainingOf(own);
  const copies = others.filter(
    ({ entry: { verdict } }) => verdict.kind === 'duplicate' && verdict.detector === window.detector,
  );
  return isSumOfSome(copies.map(remainingOf), excessMinor);
}

function isSumOfSome(amounts: readonly number[], sum: number): boolean {
  if (sum === 0) return true;
  const [first, ...rest] = amounts;
  return first !== undefined && (isSumOfSome(rest, sum - first) || isSumOfSome(rest, sum));
}

export function sumOf(members: readonly Member[]): number {
  return members.reduce((sum, member) => sum + remainingOf(member), 0);
}
