import type { Minor } from '../../core/brands.ts';
import { Fault } from '../../core/fault.ts';
import type { Lookup, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';

/** What the sandbox processor knows of a charge. `authorized`: not settled yet, so that it is voided, not refunded. */
export interface BookedCharge {
  readonly state: 'authorized' | 'captured' | 'voided' | 'disputed';
  readonly currency: string;
  readonly amountMinor: Minor;
  readonly refundedMinor: Minor;
  readonly behaviour?: string | undefined;
  /** Shared by charges that are one payment; without it the charge is a movement of its own. */
  readonly movement?: string | undefined;
  readonly merchant?: string | undefined;
  readonly order?: string | undefined;
  readonly payer?: string | undefined;
}

/** What became of one idempotency key. All but `pending` is for good: the answer of the first time is the answer. */
export type BookedRefund =
  | { readonly state: 'pending'; readonly asksLeft: number }
  | { readonly state: 'refunded' | 'reversed-externally' }
  | { readonly state: 'failed'; readonly reason: string };

export interface Books {
  readonly refund: BookedRefund | undefined;
  readonly charge: BookedCharge | undefined;
  /** Applies to charges without a behaviour of their own. */
  readonly behaviour: string | undefined;
}

/** The answer, and what is written, in one transaction, before it is given. */
export interface Answer {
  readonly outcome: ReversalOutcome;
  readonly refund?: BookedRefund;
  readonly charge?: Pick<BookedCharge, 'state' | 'refundedMinor'>;
}

/** What the sandbox may be instructed to do; `pending:3` answers pending three times before the money is returned. */
export const SANDBOX_BEHAVIOURS = [
  'refunds',
  'fails',
  'disputed',
  'reversed-externally',
  'times-out-after-success',
  'pending:<times>',
] as const;

const PENDING = /^pending:(\d{1,2})$/;

/** Returns what the sandbox processor knows of a charge. Its books have one movement for each key, unless they say more. */
export function lookupOf(charge: BookedCharge | undefined, key: string): Lookup {
  if (charge === undefined) return { kind: 'not-found' };
  const { movement = key, merchant, order, payer, amountMinor, currency, refundedMinor, state } = charge;
  const isHeld = state === 'authorized' || state === 'captured';
  const refundableMinor = isHeld ? amountMinor - refundedMinor : 0;
  return { kind: 'found', movement, merchant, order, payer, amountMinor, currency, refundableMinor };
}

/** Decides what the sandbox processor does when it is asked: pure, over the books as they were read. */
export function answerOf({ refund, charge, behaviour }: Books, request: ReversalRequest): Answer {
  if (refund !== undefined) {
    if (refund.state !== 'pending') return { outcome: outcomeOf(refund, request) };
    if (refund.asksLeft > 0) {
      return { outcome: { kind: 'pending' }, refund: { state: 'pending', asksLeft: refund.asksLeft - 1 } };
    }
    return bookedOn(charge, request);
  }
  const chosen = charge?.behaviour ?? behaviour ?? 'refunds';
  if (charge === undefined) return refusal('the sandbox processor does not know the charge');
  const refused = refusalOf(charge, request);
  if (refused !== undefined) return refused;
  const pending = PENDING.exec(chosen);
  if (pending !== null) {
    const asksLeft = Math.max(0, Number(pending[1]) - 1);
    return { outcome: { kind: 'pending' }, refund: { state: 'pending', asksLeft } };
  }
  switch (chosen) {
    case 'refunds':
      return bookedOn(charge, request);
    case 'times-out-after-success':
      return {
        ...bookedOn(charge, request),
        outcome: { kind: 'unknown', reason: 'the sandbox was instructed to time out' },
      };
    case 'fails':
      return refusal('the sandbox was instructed to fail');
    case 'disputed':
      return refusal('the charge is disputed');
    case 'reversed-externally':
      // Made true before it is said: the books show no money of ours, and none that still stands.
      return {
        outcome: { kind: 'reversed-externally' },
        refund: { state: 'reversed-externally' },
        charge: { state: 'voided', refundedMinor: charge.refundedMinor },
      };
    default:
      throw new Fault(
        'unreadable-item',
        `the sandbox does not know the behaviour "${chosen}"; it knows ${SANDBOX_BEHAVIOURS.join(', ')}`,
      );
  }
}

function bookedOn(charge: BookedCharge | undefined, request: ReversalRequest): Answer {
  if (charge === undefined) return refusal('the sandbox processor does not know the charge');
  const refused = refusalOf(charge, request);
  if (refused !== undefined) return refused;
  const refund = { state: 'refunded' } as const;
  const after =
    charge.state === 'authorized'
      ? ({ state: 'voided', refundedMinor: charge.refundedMinor } as const)
      : ({ state: charge.state, refundedMinor: charge.refundedMinor + request.refundMinor } as const);
  return { outcome: outcomeOf(refund, request), refund, charge: after };
}

/** What the charge's own state forbids, whatever the sandbox was instructed to do. */
function refusalOf(charge: BookedCharge, { refundMinor, charge: asked }: ReversalRequest): Answer | undefined {
  if (charge.state === 'voided' || charge.refundedMinor >= charge.amountMinor) {
    return { outcome: { kind: 'reversed-externally' }, refund: { state: 'reversed-externally' } };
  }
  if (charge.state === 'disputed') return refusal('the charge is disputed');
  if (charge.currency !== asked.currency || charge.amountMinor !== asked.amountMinor) {
    return refusal(`the charge is of ${charge.amountMinor} minor units of ${charge.currency} in the processor's books`);
  }
  const room = charge.amountMinor - charge.refundedMinor;
  if (refundMinor > room) return refusal(`only ${room} of ${refundMinor} minor units are left to refund`);
  return undefined;
}

function refusal(reason: string): Answer {
  return { outcome: { kind: 'failed', reason }, refund: { state: 'failed', reason } };
}

function outcomeOf(
  refund: Exclude<BookedRefund, { state: 'pending' }>,
  { idempotencyKey }: ReversalRequest,
): ReversalOutcome {
  switch (refund.state) {
    case 'refunded':
      return { kind: 'refunded', processorReference: `sandbox-${idempotencyKey}` };
    case 'reversed-externally':
      return { kind: 'reversed-externally' };
    case 'failed':
      return { kind: 'failed', reason: refund.reason };
  }
}
