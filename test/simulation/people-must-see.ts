import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import { HOUR } from '../fixtures/charges.ts';
import { SAME_ORDER } from '../fixtures/configurations.ts';
import { givenApprovals } from './given-approvals.ts';
import type { Processor } from './processor.ts';
import type { RecordOf } from './promises.ts';
import { TWO_PEOPLE_ABOVE_MINOR } from './settings.ts';
import { amountNow } from './standing.ts';

/** What a claim was granted on. */
interface Granted {
  readonly own: ChargeRecord;
  /** The first charge that it counts on. */
  readonly survivor: ChargeRecord | undefined;
  /** An event that was answered for has told a field of the charge otherwise. */
  readonly isMismatched: boolean;
  /** Other orders of the payer with a refund. */
  readonly otherCases: number;
}

/**
 * Why a claim should not have been granted yet, by the design's words: what must wait for people waits before its claim,
 * and enough of them, each another, have approved. Only what never changes is asked for here: a flag's action may, while
 * its claim runs.
 */
export function reasonToReview(
  flag: Flag,
  { own, survivor, isMismatched, otherCases }: Granted,
  { refunds, merchants, history, detectors }: Configuration,
): string | undefined {
  const { currency, merchant } = flag.charge;
  const amountMinor = amountNow(own);
  if (isEnoughApproved({ ...flag, charge: { ...flag.charge, amountMinor } }, { refunds })) return;
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  if (amountMinor > (limitMinor ?? Number.POSITIVE_INFINITY)) return `${amountMinor} is over the limit`;
  if (otherCases >= refunds.payerCasesPerDay) return `its payer has refunds of ${otherCases} other orders`;
  if (isMismatched) return 'an event has told it otherwise';
  const isComparing = detectors.find(({ id }) => id === flag.detector)?.same.includes('amount');
  if (isComparing && survivor !== undefined && amountNow(survivor) !== amountMinor)
    return 'what remains is another amount';
  if (flag.stale && history === 'hold') return 'its event is stale';
  return undefined;
}

/** As many approvers as the amount asks for, each another one. */
export function isEnoughApproved(
  { charge: { amountMinor, currency }, approvals }: Pick<Flag, 'charge' | 'approvals'>,
  { refunds }: Pick<Configuration, 'refunds'>,
): boolean {
  const people = new Set(givenApprovals({ approvals }).map(({ by }) => by)).size;
  return people >= (amountMinor > (refunds.twoPeopleAboveMinor[currency] ?? Number.POSITIVE_INFINITY) ? 2 : 1);
}

/** Counts the other cases of the flag's payer with a claim that runs or has moved money. A case is counted a bit before a claim. */
export function otherCasesOf(
  { charge, caseId }: Flag,
  {
    flags,
    recordOf,
    namespaceOf,
    wasGranted,
    nowMs,
  }: Pick<Configuration, 'namespaceOf'> & {
    readonly flags: readonly Flag[];
    readonly recordOf: RecordOf;
    /** A forged claim was never granted, and counts nowhere. */
    readonly wasGranted: (of: Pick<Flag, 'id' | 'attempt'>) => boolean;
    readonly nowMs: number;
  },
): number {
  const namespace = namespaceOf(charge.source);
  const others = flags.filter((other) => {
    const { payer, source } = other.charge;
    if (charge.payer === undefined || payer !== charge.payer || namespaceOf(source) !== namespace) return false;
    const ours = recordOf(other.id)?.ours;
    if (ours?.state !== 'claimed' && ours?.state !== 'refunded') return false;
    if (!wasGranted({ id: other.id, attempt: ours.attempt })) return false;
    return other.caseId !== caseId && nowMs - ours.atMs < 23 * HOUR;
  });
  return new Set(others.map((other) => other.caseId)).size;
}

/** Why a refund should not have gone automatically: an approver's word stands beside the processor's record. */
export function reasonToDoubt(flag: Flag, processor: Processor): string | undefined {
  const people = new Set(flag.approvals.map(({ by }) => by)).size;
  if (people >= (flag.charge.amountMinor > TWO_PEOPLE_ABOVE_MINOR ? 2 : 1)) return undefined;
  if (processor.bookOf(flag.charge).lookedUp === undefined) return 'it was never looked up';
  const contradiction = processor.contradictionOf(flag.charge);
  if (contradiction === undefined) return undefined;
  // Another detector's survivor is of another order. Of an order that owes nothing all may go back: there is no survivor.
  const hasSurvivor = flag.status === 'refunding' && !flag.restsOn.includes('closings');
  const isDoubtful = contradiction === 'other-order' || (hasSurvivor && flag.detector === SAME_ORDER.id);
  return isDoubtful ? `the processor's record has ${contradiction}` : undefined;
}
