import { Fault } from '../../core/fault.ts';
import type { UndoOutcome, UndoRequest } from '../../core/refunds/refund-gateway.ts';

/** What the sandbox processor knows of a charge. `authorized`: not settled yet, so that it is voided, not refunded. */
export interface BookedCharge {
  readonly state: 'authorized' | 'captured' | 'voided' | 'disputed';
  readonly currency: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly behaviour?: string | undefined;
}

/** What became of one idempotency key. All but `pending` is for good: the answer of the first time is the answer. */
export type BookedRefund =
  | { readonly state: 'pending'; readonly asksLeft: number }
  | { readonly state: 'refunded' | 'undone' }
  | { readonly state: 'failed'; readonly why: string };

export interface Books {
  readonly refund: BookedRefund | undefined;
  readonly charge: BookedCharge | undefined;
  /** Holds for charges that are told nothing of their own. */
  readonly behaviour: string | undefined;
}

/** The answer, and what is written, in one transaction, before it is given. */
export interface Answer {
  readonly outcome: UndoOutcome;
  readonly refund?: BookedRefund;
  readonly charge?: Pick<BookedCharge, 'state' | 'refundedMinor'>;
}

/** What the sandbox may be told to do; `pending:3` answers pending three times before the money is returned. */
export const SANDBOX_BEHAVIOURS = [
  'refunds',
  'fails',
  'disputed',
  'already-undone',
  'times-out-after-success',
  'pending:<times>',
] as const;

const PENDING = /^pending:(\d{1,2})$/;

/** Decides what the sandbox processor does when it is asked: pure, over the books as they were read. */
export function answerOf({ refund, charge, behaviour }: Books, request: UndoRequest): Answer {
  if (refund !== undefined) {
    if (refund.state !== 'pending') return { outcome: outcomeOf(refund, request) };
    if (refund.asksLeft > 0) {
      return { outcome: { kind: 'pending' }, refund: { state: 'pending', asksLeft: refund.asksLeft - 1 } };
    }
    return bookedOn(charge, request);
  }
  const told = charge?.behaviour ?? behaviour ?? 'refunds';
  if (charge === undefined) return refusal('the sandbox processor does not know the charge');
  const refused = refusalOf(charge, request);
  if (refused !== undefined) return refused;
  const pending = PENDING.exec(told);
  if (pending !== null) {
    const asksLeft = Math.max(0, Number(pending[1]) - 1);
    return { outcome: { kind: 'pending' }, refund: { state: 'pending', asksLeft } };
  }
  switch (told) {
    case 'refunds':
      return bookedOn(charge, request);
    case 'times-out-after-success':
      return { ...bookedOn(charge, request), outcome: { kind: 'unknown', why: 'the sandbox was told to time out' } };
    case 'fails':
      return refusal('the sandbox was told to fail');
    case 'disputed':
      return refusal('the charge is disputed');
    case 'already-undone':
      // Made true before it is said: the books show no money of ours, and none that still stands.
      return {
        outcome: { kind: 'already-undone' },
        refund: { state: 'undone' },
        charge: { state: 'voided', refundedMinor: charge.refundedMinor },
      };
    default:
      throw new Fault(
        'unreadable-item',
        `the sandbox does not know the behaviour "${told}"; it knows ${SANDBOX_BEHAVIOURS.join(', ')}`,
      );
  }
}

function bookedOn(charge: BookedCharge | undefined, request: UndoRequest): Answer {
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

/** What the charge's own state forbids, whatever the sandbox was told. */
function refusalOf(charge: BookedCharge, { refundMinor, charge: asked }: UndoRequest): Answer | undefined {
  if (charge.state === 'voided' || charge.refundedMinor >= charge.amountMinor) {
    return { outcome: { kind: 'already-undone' }, refund: { state: 'undone' } };
  }
  if (charge.state === 'disputed') return refusal('the charge is disputed');
  if (charge.currency !== asked.currency || charge.amountMinor !== asked.amountMinor) {
    return refusal(`the charge is of ${charge.amountMinor} ${charge.currency} in the processor's books`);
  }
  const room = charge.amountMinor - charge.refundedMinor;
  if (refundMinor > room) return refusal(`only ${room} of ${refundMinor} minor units are left to refund`);
  return undefined;
}

function refusal(why: string): Answer {
  return { outcome: { kind: 'failed', why }, refund: { state: 'failed', why } };
}

function outcomeOf(refund: Exclude<BookedRefund, { state: 'pending' }>, { idempotencyKey }: UndoRequest): UndoOutcome {
  switch (refund.state) {
    case 'refunded':
      return { kind: 'refunded', processorReference: `sandbox-${idempotencyKey}` };
    case 'undone':
      return { kind: 'already-undone' };
    case 'failed':
      return { kind: 'failed', why: refund.why };
  }
}
