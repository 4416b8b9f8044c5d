import type { Minor, Ms } from '../brands.ts';
import type { Claimed, Flag, FlagIn } from '../cases/flag.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import { MINUTE_MS } from '../clock-units.ts';
import { capturedMinorOf } from '../detection/charge-amounts.ts';
import { type CapturedRecord, isCaptured, isDisputed, isReleased, isSameCharge } from '../detection/charge-record.ts';
import { type ChargeView, countedStanding, presentIn } from '../detection/charge-view.ts';
import { entryOf, owedBy, rootOf } from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';
import { flagIdOf, type PlainDigests } from '../detection/fingerprint.ts';
import { presentCharge } from '../detection/mismatches.ts';
import { recordClaim } from '../detection/record-transitions.ts';
import { attemptName } from '../detection/refund-reference.ts';
import type { Charge } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { decidingFactsOrEmpty } from './attempt.ts';
import { type CapRaiseStore, readRaised } from './cap-raise.ts';
import { changeRecord, type RecordsContext } from './change-record.ts';
import type { Reservation, ReservationReader } from './claim-store.ts';
import { type ConfirmContext, confirm } from './confirm.ts';
import type { Confirmation } from './confirmation.ts';
import { isRuleOfBefore } from './evidence.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import type { FreezeStore } from './freeze.ts';
import { hourlyCapsOf, isAboveWhole } from './hourly-caps.ts';
import type { Outflow, Outflows } from './outflow.ts';
import { areEnough, hasAnswered, hasAnsweredLookup, isAboveLimit } from './policy.ts';
import type { FinalOutcome } from './refund-gateway.ts';
import { stayingInOrder, survivorsIn } from './survivors.ts';

/** What the last check before the gateway reads and writes. */
export interface LastCheckContext extends RecordsContext, ConfirmContext {
  readonly reservations: ReservationReader;
  readonly outflows: Outflows;
  readonly raises: Pick<CapRaiseStore, 'raisesIn'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
  readonly digests: RecordsContext['digests'] & Pick<PlainDigests, 'hash128'>;
}

/** A claim this old before the first call to the gateway is looked at again: its workflow slept. */
const CLAIM_FRESH_MS = 5 * MINUTE_MS;

/** The claim goes back before the gateway was called. */
interface ReturnedClaim {
  readonly kind: 'returned';
  readonly reason: Extract<
    DenialReason,
    'released' | 'disputed' | 'given-back' | 'configuration-changed' | 'amount-lowered' | 'not-approved' | 'above-cap'
  >;
  readonly deciding: ChargeView;
  readonly unconfirmed?: Unconfirmed;
}

/** What the gateway is asked for. */
interface Call {
  readonly reservation: Reservation;
  /** As its record has it, with its present amount: the processor's books must say the same. */
  readonly charge: Charge;
}

export type LastCheck =
  | ({ readonly kind: 'call' } & Call)
  /** The hour's cap has no room: no gateway is called, and the claim stays for the next hour or a raise of the cap. */
  | { readonly kind: 'beyond-cap'; readonly amountMinor: Minor; readonly currency: string }
  /** The refunds of the record's merchant are frozen: the flag names another. */
  | { readonly kind: 'frozen' }
  | ReturnedClaim
  /** An earlier run has written how the attempt ended without money, and the flag does not know yet. */
  | { readonly kind: 'concluded'; readonly outcome: FinalOutcome }
  /** The claim or its reservation is missing: a late run, an expired or a restored table, or an item written by hand. */
  | { readonly kind: 'not-ours'; readonly reason: string };

const ASK_THE_PROCESSOR = 'an approver must ask the processor';
const NO_CLAIM = `the charge's record does not have the claim of this attempt: ${ASK_THE_PROCESSOR}`;
const NO_CAPTURE = `the charge's record has no capture: ${ASK_THE_PROCESSOR}`;
const OTHER_CHARGE = `the charge's record is of another charge than its id: ${ASK_THE_PROCESSOR}`;
const OTHER_OUTFLOW = `this attempt was counted with another charge, amount, currency or merchant: ${ASK_THE_PROCESSOR}`;
const NO_RESERVATION = `this attempt has no reservation of this charge and amount: ${ASK_THE_PROCESSOR}`;
const NO_APPROVAL = `this attempt has been called for without the approvals that it needs: ${ASK_THE_PROCESSOR}`;

/** What is to be asked before the call is decided. Nothing is written. */
type Question =
  /** The processor's record has not been asked for. */
  | ({ readonly kind: 'unasked'; readonly facts: EvidenceFacts } & Call)
  /** The claim states a call, and its flag lacks the approvals that it would need today. */
  | ({ readonly kind: 'unapproved' } & Call);

/**
 * Before the first call: the processor's own record must confirm the refund, else the claim is returned. The refund then
 * opens as the next attempt, and its assessment asks an approver. An approval that saw the lookup's answer needs no other:
 * `reverse` itself moves at most what the processor holds. The hour's cap comes last: no gateway is called for an amount
 * that is not counted.
 */
export async function checkLast(flag: FlagIn<'refunding'>, context: LastCheckContext): Promise<LastCheck> {
  const last = await decideCall(flag, context);
  return last.kind === 'call' ? ((await stoppedByCap(flag, last, context)) ?? last) : last;
}

async function decideCall(flag: FlagIn<'refunding'>, context: LastCheckContext): Promise<LastCheck> {
  const checked = await checkClaim(flag, {}, context);
  if (!('charge' in checked)) return checked;
  // A flag is written by more functions: the merchant of the record is the one that may be frozen.
  if (await context.freezes.isFrozen(checked.charge.merchant)) return { kind: 'frozen' };
  if (checked.kind === 'call') return checked;
  const outflow = await outflowOf(flag, checked, context);
  if (checked.kind === 'unapproved') {
    // The limit was lowered since, or the flag is of before approvals had MACs: the first call had passed every check.
    return (await context.outflows.isCounted(outflow)) ? { ...checked, kind: 'call' } : notOurs(NO_APPROVAL);
  }
  const confirmation = await confirmCall(flag, checked.facts, context);
  const isAboveCap = isAboveWhole(outflow.refundMinor, outflow);
  // Before the record notes the call: until then the claim can still be returned, also after hours without room.
  if (confirmation.kind === 'confirmed' && !isAboveCap && !(await context.outflows.hasRoom(outflow))) {
    return beyondCap(checked);
  }
  const again = await checkClaim(flag, { confirmation, isAboveCap }, context);
  if (again.kind === 'unasked' || again.kind === 'unapproved') {
    throw bug(`the claim of flag ${flag.id} is not decided by a lookup`);
  }
  return again;
}

async function confirmCall(
  flag: FlagIn<'refunding'>,
  facts: EvidenceFacts,
  context: LastCheckContext,
): Promise<Confirmation> {
  if (hasAnsweredLookup(flag, context.configuration)) return { kind: 'confirmed' };
  const { refundMinor, claimedAtMs: sinceMs } = flag;
  const survivors = isOrderEmptied(flag, facts, context.configuration) ? 'none' : survivorsIn(facts, flag.id);
  return confirm(presentIn(facts.view, flag), { refundMinor, survivors, sinceMs }, context);
}

/** Counts the amount in the outflow of the hour, right before its call. Undefined where the gateway may be asked. */
async function stoppedByCap(
  flag: FlagIn<'refunding'>,
  call: Call,
  context: LastCheckContext,
): Promise<LastCheck | undefined> {
  switch (await context.outflows.countOutflow(await outflowOf(flag, call, context))) {
    case 'counted':
      return undefined;
    case 'beyond-cap':
      return beyondCap(call);
    case 'differs':
      return notOurs(OTHER_OUTFLOW);
  }
}

/** The caps are those of the record's merchant: a flag is written by more functions. */
async function outflowOf(
  flag: FlagIn<'refunding'>,
  { reservation: { amountMinor, currency }, charge: { source, chargeId, merchant } }: Call,
  context: LastCheckContext,
): Promise<Outflow> {
  const caps = hourlyCapsOf({ source, merchant, currency }, await readRaised(context.configuration, currency, context));
  const refund = { charge: { source, chargeId }, merchant, currency, refundMinor: amountMinor };
  return { name: attemptName(flag), ...refund, ...caps, nowMs: context.nowMs() };
}

function beyondCap({ reservation: { amountMinor, currency } }: Call): LastCheck {
  return { kind: 'beyond-cap', amountMinor, currency };
}

/** The order came to keep nothing since the claim, and no approver has seen that it would. */
function isOrderEmptied(flag: Flag, facts: EvidenceFacts, configuration: LastCheckContext['configuration']): boolean {
  if (owedBy(facts.view.window) === 0 || stayingInOrder(facts, flag.id) !== 'none') return false;
  return !hasAnswered(flag, 'empties-order', configuration);
}

/**
 * Decides in one write whether the gateway is called. An old claim that was never acted upon is returned when the cluster
 * needs the charge again, and any claim that the processor's record does not confirm. Otherwise the record notes the call,
 * and from then on no run can return the claim.
 */
async function checkClaim(
  flag: FlagIn<'refunding'>,
  { confirmation, isAboveCap = false }: { readonly confirmation?: Confirmation; readonly isAboveCap?: boolean },
  context: LastCheckContext,
): Promise<LastCheck | Question> {
  const facts = await decidingFactsOrEmpty(flag, context);
  const deciding = facts.view;
  const reservation = await context.reservations.readReservation({ flagId: flag.id, attempt: flag.attempt });
  return changeRecord<LastCheck | Question>(
    flag.id,
    (record) => {
      const ours = record?.ours;
      if (record === undefined || ours?.attempt !== flag.attempt) return { answer: notOurs(NO_CLAIM) };
      switch (ours.state) {
        case 'denied':
          return { answer: { kind: 'returned', reason: 'given-back', deciding } };
        case 'failed':
          return { answer: concluded({ kind: 'failed', reason: 'the processor had refused this attempt before' }) };
        case 'reversed-externally':
          return { answer: concluded({ kind: 'reversed-externally' }) };
        default:
          break;
      }
      if (!isCaptured(record)) return { answer: notOurs(NO_CAPTURE) };
      const charge = presentCharge(record);
      if (flagIdOf(charge, context.digests) !== flag.id) return { answer: notOurs(OTHER_CHARGE) };
      if (reservation === undefined || !isFor(reservation, charge, ours.refundMinor)) {
        return { answer: notOurs(NO_RESERVATION) };
      }
      const call = { reservation, charge };
      const isAllowed = hasApprovals(flag, { charge, ...ours }, context.configuration);
      if (ours.state !== 'claimed' || ours.called)
        return { answer: isAllowed ? { ...call, kind: 'call' } : { ...call, kind: 'unapproved' } };
      const nowMs = context.nowMs();
      const denial = recordClaim(record, { attempt: flag.attempt, state: 'denied' }, nowMs);
      const isRuled = isRuledToday(flag, context.configuration);
      const reason =
        reasonToReturn({ flag, record, deciding, refundMinor: ours.refundMinor, isRuled }, nowMs) ??
        (isAllowed ? (isAboveCap ? 'above-cap' : undefined) : 'not-approved');
      if (reason !== undefined) return { answer: { kind: 'returned', reason, deciding }, record: denial };
      if (confirmation === undefined) return { answer: { ...call, kind: 'unasked', facts } };
      if (confirmation.kind === 'unconfirmed') {
        const { fact, chargeId } = confirmation;
        const answer = { kind: 'returned', reason: 'given-back', deciding, unconfirmed: { fact, chargeId } } as const;
        return { answer, record: denial };
      }
      return { answer: { ...call, kind: 'call' }, record: recordClaim(record, { ...ours, called: true }, nowMs) };
    },
    context,
  );
}

/** Why a claim that was not acted upon is returned. What an approver saw of the charge before is no answer to it. */
function reasonToReturn(
  {
    flag,
    record,
    deciding,
    refundMinor,
    isRuled,
  }: {
    readonly flag: FlagIn<'refunding'>;
    readonly record: CapturedRecord;
    readonly deciding: ChargeView;
    readonly refundMinor: Minor;
    readonly isRuled: boolean;
  },
  nowMs: Ms,
): ReturnedClaim['reason'] | undefined {
  if (isReleased(record)) return 'released';
  if (isDisputed(record)) return 'disputed';
  if (!isRuled) return 'configuration-changed';
  if (isOld(flag, nowMs) && isNeeded(flag, deciding)) return 'given-back';
  // What others have returned meanwhile the gateway answers for.
  return capturedMinorOf(record) < refundMinor ? 'amount-lowered' : undefined;
}

/** The rule that found the charge is that of today, or its approvers saw that it is not. */
function isRuledToday(flag: Flag, configuration: LastCheckContext['configuration']): boolean {
  return !isRuleOfBefore(flag, configuration) || hasAnswered(flag, 'configuration-changed', configuration);
}

function notOurs(reason: string): LastCheck {
  return { kind: 'not-ours', reason };
}

function concluded(outcome: FinalOutcome): LastCheck {
  return { kind: 'concluded', outcome };
}

function isOld({ claimedAtMs }: FlagIn<'refunding'>, nowMs: Ms): boolean {
  return claimedAtMs === 'unknown' || nowMs - claimedAtMs > CLAIM_FRESH_MS;
}

/** Fewer charges stand in its cluster than are owed. */
function isNeeded({ id }: Pick<Flag, 'id'>, view: ChargeView): boolean {
  const entry = entryOf(view.window, id);
  const standing = entry === undefined ? 0 : countedStanding(view, rootOf(entry)).length;
  return standing < owedBy(view.window);
}

function isFor({ charge, amountMinor, currency }: Reservation, claimed: Charge, claimedMinor: Minor): boolean {
  return isSameCharge(charge, claimed) && amountMinor === claimedMinor && currency === claimed.currency;
}

/**
 * What rests on an approval, and what is above the limit of today, has its approvals on the flag. Charge and amount are
 * those of record and reservation: a flag is written by more functions than a claim. The MACs cover the amount that the flag
 * states, so that none lets a larger one go.
 */
function hasApprovals(
  { approvals, charge: approved }: Flag,
  { charge, refundMinor, restsOn }: Pick<Claimed, 'refundMinor' | 'restsOn'> & { readonly charge: Charge },
  configuration: LastCheckContext['configuration'],
): boolean {
  if (!restsOn.includes('approval') && !isAboveLimit(charge, refundMinor, configuration)) return true;
  if (refundMinor > approved.amountMinor || charge.currency !== approved.currency) return false;
  return areEnough(approvals, { charge }, configuration);
}
