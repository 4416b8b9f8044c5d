import * as z from 'zod';
import type { Minor, Ms } from '../brands.ts';
import { type Flag, type FlagIn, isUnreconciled } from '../cases/flag.ts';
import { claimOf, denialOf } from '../cases/flag-history.ts';
import { iso } from '../clock-units.ts';
import { type ChargeRecord, isDisputed, isReleased } from '../detection/charge-record.ts';
import { referenceOf } from '../detection/refund-reference.ts';
import type { Charge } from '../events/payment-event.ts';
import { minor, named, time, type View } from './view-schema.ts';

/**
 * What has become of a charge, as its payer may know it. `standing`: paid, and nothing goes back. `refunded`: by us, or by
 * others before us. `being-checked`: a person, or a bank, has to decide.
 */
const PAYER_STATES = ['standing', 'refund-on-its-way', 'refunded', 'being-checked'] as const;
type PayerState = (typeof PAYER_STATES)[number];

const payerChargeSchema = z
  .strictObject({
    source: z.string(),
    chargeId: z.string(),
    state: z.enum(PAYER_STATES),
    amountMinor: minor,
    currency: z.string(),
    refundedMinor: minor.optional(),
    /** Ours: the processor was given it with the refund. */
    reference: z.string().optional(),
    /** The processor's own, by which a bank finds the refund. */
    processorReference: z.string().optional(),
    /** When the money is on the payer's account at the latest; absent where nobody can say, or when it has passed. */
    expectedBy: time.optional(),
    /** The same in a sentence that may be shown to the payer. */
    message: z.strictObject({ en: z.string(), zh: z.string() }),
  })
  .register(named, { id: 'PayerCharge' });
type PayerCharge = View<typeof payerChargeSchema>;

/** One payer's own charges, and nobody else's. */
export const payerStatusSchema = z
  .strictObject({
    /** One of these charges was found to be a duplicate, or one of an order closed unpaid. */
    found: z.boolean(),
    charges: z.array(payerChargeSchema),
  })
  .register(named, { id: 'PayerStatus' });
export type PayerStatus = View<typeof payerStatusSchema>;

/** A flag with the records of its charge and of its original, as far as they are still remembered. */
export interface FoundFlag {
  readonly flag: Flag;
  readonly record: ChargeRecord | undefined;
  readonly originalRecord: ChargeRecord | undefined;
}

export interface PayerStatusContext {
  readonly nowMs: Ms;
  /** From the refund until it shows on the payer's account, at the latest. */
  readonly arrivesWithinMs: Ms;
  readonly graceMsOf: (flag: Flag) => Ms;
}

/**
 * What one payer may know of what was found: the flagged charges that are theirs, and their originals that are theirs
 * too. Two people who paid one order do not see each other, not even that there was another. Pure.
 *
 * @param isOwn says which charges are this payer's.
 */
export function payerStatus(
  isOwn: (charge: Charge) => boolean,
  found: readonly FoundFlag[],
  context: PayerStatusContext,
): PayerStatus {
  const own = found.filter(({ flag }) => isOwn(flag.charge));
  const charges = new Map(own.map((one) => [keyOf(one.flag.charge), flaggedCharge(one, context)] as const));
  for (const { flag, originalRecord } of found) {
    const { originalCharge: original } = flag;
    if (original === undefined || !isOwn(original) || charges.has(keyOf(original))) continue;
    charges.set(keyOf(original), described(original, { state: stateByFacts(originalRecord) ?? 'standing' }));
  }
  return { found: own.length > 0, charges: [...charges.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

interface Answer {
  readonly state: PayerState;
  readonly refundedMinor?: Minor | undefined;
  readonly reference?: string;
  readonly processorReference?: string;
  readonly expectedByMs?: Ms;
}

function flaggedCharge({ flag, record }: FoundFlag, context: PayerStatusContext): PayerCharge {
  const answer = answerOf(flag, record, context);
  const { expectedByMs = Number.NEGATIVE_INFINITY, ...rest } = answer;
  return described(flag.charge, expectedByMs > context.nowMs ? answer : rest);
}

function answerOf(
  flag: Flag,
  record: ChargeRecord | undefined,
  { arrivesWithinMs, graceMsOf }: PayerStatusContext,
): Answer {
  // What the processor lists otherwise than we is no answer to give before a person has explained it.
  if (isUnreconciled(flag)) return { state: 'being-checked', ...ourReference(flag) };
  switch (flag.status) {
    case 'open':
      // A review holds as soon as its grace period is over: to promise its refund would be to decide it.
      if (flag.action !== 'refund') return { state: 'being-checked' };
      return { state: 'refund-on-its-way', expectedByMs: flag.updatedAtMs + graceMsOf(flag) + arrivesWithinMs };
    case 'approved':
      return { state: 'refund-on-its-way', expectedByMs: flag.updatedAtMs + arrivesWithinMs };
    case 'refunding':
      if (flag.unanswered || flag.contested) return { state: 'being-checked', reference: referenceOf(flag) };
      return {
        state: 'refund-on-its-way',
        reference: referenceOf(flag),
        expectedByMs: (flag.claimedAtMs === 'unknown' ? flag.updatedAtMs : flag.claimedAtMs) + arrivesWithinMs,
      };
    case 'refunded':
    // Given back in error is given back all the same.
    case 'refunded-in-error':
      return {
        state: 'refunded',
        refundedMinor: flag.refundMinor,
        reference: referenceOf(flag),
        processorReference: flag.processorReference,
        expectedByMs: flag.refundedAtMs + arrivesWithinMs,
      };
    case 'reversed-externally':
      return { state: 'refunded', refundedMinor: flag.charge.amountMinor };
    case 'held':
      // The next hour's budget comes without people; when this refund has its turn in it nobody can say.
      return { state: isForBudgetAlone(flag) ? 'refund-on-its-way' : 'being-checked' };
    case 'expired':
    case 'failed':
      return { state: 'being-checked' };
    case 'dismissed':
    case 'kept':
    case 'monitored': {
      const state = stateByFacts(record) ?? stateByDenial(flag);
      return { state, refundedMinor: state === 'refunded' ? flag.charge.amountMinor : undefined };
    }
  }
}

function ourReference(flag: Flag): Pick<Answer, 'reference'> {
  return claimOf(flag) === undefined ? {} : { reference: referenceOf(flag) };
}

function isForBudgetAlone({ wait: { waitsFor } }: FlagIn<'held'>): boolean {
  return waitsFor.length > 0 && waitsFor.every((reason) => reason === 'budget');
}

/** The record is the arbiter of what stands, also of charges that have no flag; undefined when it remembers nothing. */
function stateByFacts(record: ChargeRecord | undefined): PayerState | undefined {
  if (record === undefined) return undefined;
  if (isReleased(record) || record.ours?.state === 'refunded') return 'refunded';
  if (isDisputed(record)) return 'being-checked';
  return record.ours?.state === 'claimed' ? 'refund-on-its-way' : 'standing';
}

function stateByDenial(flag: FlagIn<'dismissed' | 'kept' | 'monitored'>): PayerState {
  const denial = denialOf(flag)?.denial;
  if (denial === 'released') return 'refunded';
  return denial === 'disputed' ? 'being-checked' : 'standing';
}

function described({ source, chargeId, amountMinor, currency }: Charge, answer: Answer): PayerCharge {
  const { state, expectedByMs, ...rest } = answer;
  const expectedBy = expectedByMs === undefined ? {} : { expectedBy: iso(expectedByMs) };
  const charge = { source, chargeId, state, amountMinor, currency, ...rest, ...expectedBy };
  return { ...charge, message: { en: inEnglish(charge), zh: inChinese(charge) } };
}

type Describable = Omit<PayerCharge, 'message'>;

function inEnglish({ state, reference, expectedBy }: Describable): string {
  const under = reference === undefined ? '' : ` under the reference ${reference}`;
  const by = expectedBy === undefined ? '' : `; the money is expected by ${dayOf(expectedBy)} (UTC)`;
  switch (state) {
    case 'standing':
      return 'This payment stands.';
    case 'refund-on-its-way':
      return `Found to be charged by mistake. The refund is on its way${under}${by}.`;
    case 'refunded':
      return reference === undefined ? 'The payment provider has given this money back.' : `Refunded${under}${by}.`;
    case 'being-checked':
      return 'This charge is being checked by a person.';
  }
}

function inChinese({ state, reference, expectedBy }: Describable): string {
  const under = reference === undefined ? '' : `，退款编号 ${reference}`;
  const by = expectedBy === undefined ? '' : `，预计不晚于 ${dayOf(expectedBy)}（UTC）到账`;
  switch (state) {
    case 'standing':
      return '该笔付款有效。';
    case 'refund-on-its-way':
      return `已发现该笔为误扣，退款正在处理中${under}${by}。`;
    case 'refunded':
      return reference === undefined ? '支付渠道已退回该笔款项。' : `已退款${under}${by}。`;
    case 'being-checked':
      return '该笔扣款正在人工核查。';
  }
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}

function keyOf({ source, chargeId }: { readonly source: string; readonly chargeId: string }): string {
  return `${source}\n${chargeId}`;
}
