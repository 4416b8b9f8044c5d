import type { Minor, Ms } from '../brands.ts';
import type { Discrepancy } from '../cases/discrepancy.ts';
import { type Flag, hasRefunded, type RefundedFlag } from '../cases/flag.ts';
import { isReferenceOf, referenceOf } from '../detection/refund-reference.ts';
import { formatMoney } from '../events/format-money.ts';
import type { ChargeRef } from '../events/payment-event.ts';

/** One refund as a processor lists it. */
export interface ListedRefund extends ChargeRef {
  /** The processor's own id of the refund. */
  readonly refundId?: string | undefined;
  /** What the processor was given as the refund's reference; ours tells our own refunds. */
  readonly reference?: string | undefined;
  readonly merchant?: string | undefined;
  readonly amountMinor: Minor;
  readonly currency: string;
  readonly timeMs: Ms;
}

export type Found = Pick<Discrepancy, 'what' | 'detail'>;

export type Judgement =
  /** Ours, and listed as we have it. */
  | { readonly kind: 'agrees' }
  /** We are still asking what became of it. */
  | { readonly kind: 'on-its-way' }
  /** Not by us, and no more than the charge has room for. */
  | { readonly kind: 'by-others' }
  | ({ readonly kind: 'unreconciled' } & Found);

/**
 * Compares what is listed for one flag, by our reference or for its charge, with what we know. The texts are functions of the
 * facts: the same list gives the same text.
 */
export function judgeListed(flag: Flag, listed: readonly ListedRefund[]): Judgement {
  const refunds = withoutRepetitions(listed);
  const [ours, again] = refunds.filter((refund) => isOurs(flag, refund));
  if (again !== undefined) {
    return unreconciled('twice', `it is listed ${refunds.filter((refund) => isOurs(flag, refund)).length} times`);
  }
  const others = refunds.filter((refund) => !isOurs(flag, refund));
  if (ours === undefined)
    return hasRefunded(flag) ? beside(flag, others, { kind: 'by-others' }) : { kind: 'by-others' };
  if (flag.status === 'refunding' && !flag.unanswered) return { kind: 'on-its-way' };
  if (!hasRefunded(flag))
    return unreconciled('not-known', `it is listed as ${ours.reference}; for us it was not refunded`);
  return differenceOf(flag, ours) ?? beside(flag, others, { kind: 'agrees' });
}

function differenceOf(flag: RefundedFlag, listed: ListedRefund): Judgement | undefined {
  const { charge, refundMinor, processorReference } = flag;
  const differences = [
    ...differing('charge', `${charge.source} ${charge.chargeId}`, `${listed.source} ${listed.chargeId}`),
    ...differing('amount', formatMoney(refundMinor, charge), formatMoney(listed.amountMinor, listed)),
    ...differing('attempt', referenceOf(flag), listed.reference),
    ...differing('refund', processorReference, listed.refundId),
  ];
  return differences.length === 0 ? undefined : unreconciled('differs', differences.join('; '));
}

function differing(what: string, ours: string | undefined, theirs: string | undefined): readonly string[] {
  if (ours === undefined || theirs === undefined || ours === theirs) return [];
  return [`${what}: ${ours} for us, ${theirs} for them`];
}

/** What others gave back beside our own refund may reach the charge's amount, never pass it. */
function beside(flag: RefundedFlag, others: readonly ListedRefund[], otherwise: Judgement): Judgement {
  const { charge, refundMinor } = flag;
  const inCurrency = others.filter(({ currency }) => currency === charge.currency);
  const byOthers = inCurrency.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (refundMinor + byOthers <= charge.amountMinor) return otherwise;
  const [us, them, all] = [refundMinor, byOthers, charge.amountMinor].map((sum) => formatMoney(sum, charge));
  return unreconciled('twice', `refunds exceed the charge: ${us} by us and ${them} by others of ${all}`);
}

function isOurs(flag: Flag, { reference }: ListedRefund): boolean {
  return reference !== undefined && isReferenceOf(flag.id, reference);
}

/** Lists are put together from pages and files: a refund of one id is one. Without an id each line is one. */
function withoutRepetitions(listed: readonly ListedRefund[]): readonly ListedRefund[] {
  return listed.filter(
    ({ refundId, source }, at) =>
      refundId === undefined ||
      at === listed.findIndex((first) => first.refundId === refundId && first.source === source),
  );
}

function unreconciled(what: Found['what'], detail: string): Judgement {
  return { kind: 'unreconciled', what, detail };
}
