import type { Minor } from '../brands.ts';
import {
  type Approval,
  type Flag,
  isUnreconciled,
  passesByItself,
  REASONS_TO_WAIT,
  type ReasonToWait,
} from '../cases/flag.ts';
import type { JudgedFacts } from '../cases/judged-facts.ts';
import { isAsSeen } from '../cases/seen-facts.ts';
import type { Vote } from '../cases/vote.ts';
import { capturedMinorOf } from '../detection/charge-amounts.ts';
import { isCaptured } from '../detection/charge-record.ts';
import { type ChargeView, chargesOf, isStanding } from '../detection/charge-view.ts';
import { entryOf, payerCount, rootOf } from '../detection/charge-window.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { type Suspension, withoutSuspended } from '../detection/suspensions.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Evidence, evidenceFor } from './evidence.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import { gatherFacts } from './gather-facts.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What judging a refund takes of the configuration. */
export type RefundPolicy = RefundSettings & Pick<DetectorCatalog, 'detectors' | 'detectorFor' | 'namespaceOf'>;

/** The evidence with the facts that its sentences name. */
export interface Judgement extends Evidence {
  /** Every reason, also those that the approvals have answered. */
  readonly reasons: readonly ReasonToWait[];
  readonly facts: JudgedFacts;
}

/** More payers or standing charges than this in one cluster speak for a bad rule or blank order numbers, not an outage. */
const SUSPECT_PAYERS_ABOVE = 3;
const SUSPECT_STANDING_ABOVE = 64;

/**
 * Returns why this refund must wait, and what it rests on. An empty list means that it may go. The approval of a person
 * answers the reasons that it has seen, but no freeze and no total; an approval by the system (a thaw, an order closed
 * unpaid) answers none.
 */
export function judgeRefund(
  flag: Flag,
  {
    facts,
    configuration: configured,
    frozen,
    otherCases,
    suspensions = [],
  }: {
    /** Undefined where the deciding window is gone: then the claim is denied. */
    readonly facts: EvidenceFacts | undefined;
    readonly configuration: RefundPolicy;
    readonly frozen: boolean;
    /** Other cases of the payer with a refund within 24 hours. */
    readonly otherCases?: number | undefined;
    /** The merchant's: each counts as absent. */
    readonly suspensions?: readonly Suspension[];
  },
): Judgement {
  const configuration = withoutSuspended(configured, suspensions);
  const known = { flag, facts, configuration, otherCases, suspensions };
  const capturedMinor = capturedOf(flag, facts?.view);
  const view = facts?.view;
  const evidence = facts && evidenceFor(flag, facts, configuration);
  const found: ReasonToWait[] = [...(frozen ? (['frozen'] as const) : []), ...(evidence?.waitsFor ?? [])];
  // What was kept once is a person's again, also where who kept it died between the record and the flag.
  const isForReview = flag.action !== 'refund' || view?.records.get(flag.id)?.kept !== undefined;
  // Where the processor's list has a refund that we do not know, another one would be paid twice.
  if (isForReview || isUnreconciled(flag)) found.push('review');
  if (otherCases !== undefined && otherCases >= configuration.refunds.payerCasesPerDay) found.push('payer-often');
  if (isAboveLimit(flag.charge, Math.max(capturedMinor, flag.charge.amountMinor), configuration)) found.push('limit');
  if (configuration.history === 'hold') found.push(...lateness(flag, view, configuration));
  if (view !== undefined && isSuspect(view, flag)) found.push('suspect');
  const waitsFor = REASONS_TO_WAIT.filter((reason) => found.includes(reason));
  const { restsOn = [], countsOn = [] } = evidence ?? {};
  // An approver saw the flag's amount: another one is answered by no approval. The flag follows it, and is approved anew.
  if (capturedMinor !== flag.charge.amountMinor || !isApproved(flag, configuration)) {
    return {
      waitsFor,
      reasons: waitsFor,
      restsOn,
      countsOn,
      facts: gatherFacts([...waitsFor, ...restsOn], known),
    };
  }
  const judgedOn = gatherFacts(waitsFor, known);
  const unanswered = waitsFor.filter((reason) => !answers(flag, reason, judgedOn));
  // Where an approver must look again, all that there is to see.
  const isForPeople = !unanswered.every(passesByItself);
  const shown = isForPeople ? waitsFor : unanswered;
  const shownFacts = gatherFacts(shown, known);
  return { waitsFor: shown, reasons: waitsFor, restsOn: ['approval'], countsOn, facts: shownFacts };
}

/** No approver lets go what would leave an order below its total, what no hour's cap has room for, or what is frozen. */
function isAnswerable(reason: ReasonToWait): boolean {
  return reason !== 'total-disagrees' && reason !== 'above-cap' && !passesByItself(reason);
}

/**
 * Returns true where each approver of this attempt saw the reason, as it is now, and it is one that an approval answers.
 *
 * @param facts what the reason rests on now; undefined where that does not change
 */
export function answers({ approvals }: Flag, reason: ReasonToWait, facts?: JudgedFacts): boolean {
  const isSeen = (approval: Approval) =>
    (approval.saw === undefined || approval.saw.includes(reason)) &&
    (facts === undefined || isAsSeen(approval, reason, facts));
  return isAnswerable(reason) && approvals.every(isSeen);
}

/** True when enough approvers have approved this attempt, and each saw that the processor's record does not confirm it. */
export function hasAnsweredLookup(flag: Flag, configuration: RefundSettings): boolean {
  return hasAnswered(flag, 'unconfirmed', configuration);
}

/** True when enough approvers have approved this attempt, and each saw the reason. */
export function hasAnswered(flag: Flag, reason: ReasonToWait, configuration: RefundSettings): boolean {
  return isApproved(flag, configuration) && answers(flag, reason);
}

/** True when as many people as the amount asks for have approved this attempt. */
export function isApproved(flag: Flag, configuration: RefundSettings): boolean {
  return areEnough(flag.approvals, flag, configuration);
}

/** Votes of one kind, each of another person: one is enough, above the limit two. */
export function isEnough(votes: readonly Vote[], flag: Pick<Flag, 'charge'>, configuration: RefundSettings): boolean {
  return votes.length >= (needsTwo(flag, configuration) ? 2 : 1);
}

/** The amount asks for two different approvers. */
export function needsTwo({ charge }: Pick<Flag, 'charge'>, { refunds }: RefundSettings): boolean {
  return charge.amountMinor > (refunds.twoPeopleAboveMinor[charge.currency] ?? Number.POSITIVE_INFINITY);
}

/**
 * As many approvals as the amount asks for. One is enough only where its approver may release the amount alone: an approval
 * without the mark counts as the first of two in a currency with a sum per approver, also one from before there were marks.
 */
export function areEnough(
  approvals: readonly Approval[],
  flag: Pick<Flag, 'charge'>,
  configuration: RefundSettings,
): boolean {
  if (!isEnough(approvals, flag, configuration)) return false;
  const isBound = configuration.refunds.approverPerHourMinor[flag.charge.currency] !== undefined;
  return !isBound || approvals.length > 1 || approvals.some(({ alone }) => alone === true);
}

/** A currency that the registry does not name for the source has no limit that anyone has chosen: none is low enough. */
export function isAboveLimit(
  { source, merchant, currency }: Charge,
  amountMinor: Minor,
  { merchants, refunds, sourceOf }: RefundSettings,
): boolean {
  if (sourceOf(source)?.currencies?.has(currency) === false) return true;
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  return amountMinor > (limitMinor ?? Number.POSITIVE_INFINITY);
}

/** What is captured now of a charge that was adjusted; of another one the flag knows it. */
function capturedOf({ id, charge }: Flag, view: ChargeView | undefined): Minor {
  const record = view?.records.get(id);
  return isCaptured(record) && record.adjustments !== undefined ? capturedMinorOf(record) : charge.amountMinor;
}

/** A late copy may have been returned meanwhile, and the event of that return may come later still. */
function lateness(
  flag: Flag,
  view: ChargeView | undefined,
  { detectorFor }: RefundPolicy,
): readonly ('late' | 'stale')[] {
  const arrivedMs = view?.records.get(flag.id)?.capture?.arrivedMs ?? flag.timeMs;
  const latenessMs = detectorFor(flag.detector, flag.charge)?.latenessMs ?? Number.POSITIVE_INFINITY;
  return [
    ...(arrivedMs - flag.timeMs > latenessMs ? (['late'] as const) : []),
    ...(flag.stale ? (['stale'] as const) : []),
  ];
}

function isSuspect(view: ChargeView, flag: Flag): boolean {
  const { window } = view;
  const own = entryOf(window, flag.id);
  if (own === undefined) return false;
  const cluster = window.entries.filter((entry) => rootOf(entry) === rootOf(own));
  const standing = chargesOf(view).filter((one) => rootOf(one.entry) === rootOf(own) && isStanding(one, window));
  return payerCount(cluster) > SUSPECT_PAYERS_ABOVE || standing.length > SUSPECT_STANDING_ABOVE;
}
