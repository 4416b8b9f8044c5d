import * as z from 'zod';
import { epochMs } from './event-time.ts';
import { isCurrency } from './money.ts';
import type { PaymentEvent, ToldCharge, ToldRefund } from './payment-event.ts';

/** DynamoDB and Kinesis keys bound what a token may be; processors' ids are far below it. */
const TOKEN_LENGTH_MAX = 256;

/** Half a surrogate pair has the UTF-8 of any other half: a fingerprint would take two such orders for one. */
const NOT_WHOLE = 'must be of whole characters';
const wholeText = z
  .string()
  .max(TOKEN_LENGTH_MAX)
  .refine((text) => text.isWellFormed(), NOT_WHOLE);
/** One look for both rules: tokens are most of an event, and each look is a call. */
const token = z
  .string()
  .max(TOKEN_LENGTH_MAX)
  .refine((text) => text.isWellFormed() && !isBlank(text), {
    error: ({ input }) => (String(input).trim() === '' ? 'must not be blank' : NOT_WHOLE),
  });
const optionalToken = wholeText.nullish();
const minorUnits = z.int().positive();
const testMark = z.boolean('must be true or false').nullish();
const testMarks = { livemode: testMark, test: testMark };

const money = z.looseObject({
  value: minorUnits,
  currency: z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY'),
});

/** The fields of a charge. After the capture only its id is needed. */
const chargeData = z.looseObject({
  chargeId: token,
  payer: optionalToken,
  merchant: optionalToken,
  order: optionalToken,
  amount: money.nullish(),
  instrument: optionalToken,
  channel: optionalToken,
  mcc: z
    .string()
    .regex(/^(?:\d{4}|\s*)$/, 'must be four digits (ISO 18245)')
    .nullish(),
  part: optionalToken,
  payment: optionalToken,
  ...testMarks,
});

const capturedData = chargeData.extend({ merchant: token, amount: money, orderTotal: money.nullish() });

/** An amount of 0 would be a release under another name, which an adjustment of a later time could take back. */
const adjustedMoney = money.extend({
  value: z.int().positive('must be at least 1; send charge.voided where nothing stays captured'),
});

const refundedData = chargeData
  .extend({
    // A total falls to 0 when the only refund fails.
    refundedTotal: z.int().nonnegative().nullish(),
    refundId: optionalToken,
    refundAmount: minorUnits.nullish(),
    refundStatus: z.enum(['succeeded', 'failed']).nullish(),
    reference: optionalToken,
  })
  .refine(({ refundedTotal, refundId }) => refundedTotal != null || present(refundId) !== undefined, {
    path: ['refundedTotal'],
    message: 'must be what was refunded in all; or send refundId and refundAmount for this refund alone',
  })
  .refine(
    ({ refundedTotal, refundAmount, refundStatus }) =>
      refundedTotal != null || refundAmount != null || refundStatus === 'failed',
    { path: ['refundAmount'], message: 'must be what the refund with this refundId has returned' },
  );

const eventTime = z.iso.datetime({ offset: true });

/** Returns true for a time that the schema passes: RFC 3339 with `Z` or an offset. */
export function isEventTime(time: unknown): time is string {
  return eventTime.safeParse(time).success;
}

const envelope = {
  specversion: z.literal('1.0'),
  id: token,
  source: token,
  time: eventTime,
  ...testMarks,
};

/** What the stream carries: CloudEvents 1.0 in JSON. Unknown extra fields are kept. It only checks, and changes nothing. */
export const paymentEventSchema = z.discriminatedUnion('type', [
  z.looseObject({ ...envelope, type: z.literal('charge.captured'), data: capturedData }),
  z.looseObject({ ...envelope, type: z.literal('charge.failed'), data: chargeData }),
  z.looseObject({ ...envelope, type: z.literal('charge.voided'), data: chargeData }),
  z.looseObject({
    ...envelope,
    type: z.literal('charge.adjusted'),
    data: chargeData.extend({ amount: adjustedMoney }),
  }),
  z.looseObject({ ...envelope, type: z.literal('charge.refunded'), data: refundedData }),
  z.looseObject({
    ...envelope,
    type: z.literal('charge.disputed'),
    data: chargeData
      .extend({ open: z.boolean(), wonBy: z.enum(['merchant', 'payer']).nullish() })
      .refine((data) => data.open || data.wonBy != null, {
        path: ['wonBy'],
        message: 'must be "merchant" or "payer" when the dispute is closed',
      }),
  }),
  z.looseObject({
    ...envelope,
    type: z.literal('order.closed'),
    data: z.looseObject({
      merchant: token,
      order: token,
      outcome: z.enum(['paid', 'unpaid']),
      total: money.nullish(),
      ...testMarks,
    }),
  }),
]);

export type PaymentEventWire = z.infer<typeof paymentEventSchema>;

/**
 * Returns what is wrong with the order total of a capture that has passed the schema. As a part of the schema this one rule
 * would cost as much as half of all others: a refinement has zod build its output.
 */
export function totalProblem({ amount, orderTotal }: z.infer<typeof capturedData>): string | undefined {
  if (orderTotal == null) return undefined;
  if (orderTotal.currency !== amount.currency) {
    return "data.orderTotal.currency: must be the charge's currency; convert the total, or leave orderTotal out";
  }
  if (orderTotal.value >= amount.value) return undefined;
  return "data.orderTotal.value: must be at least the charge's amount; send what the whole order costs, not what is left to pay";
}

/** The domain's view of an event that has passed the schema. Blank is absent, and so is a placeholder. */
export function toPaymentEvent(wire: PaymentEventWire, isPlaceholder: (token: string) => boolean): PaymentEvent {
  const eventId = wire.id;
  const timeMs = epochMs(wire.time);
  if (wire.type === 'order.closed') {
    const { merchant, order, outcome, total } = wire.data;
    const closed = { eventId, timeMs, kind: wire.type, source: wire.source, merchant, order, outcome };
    return total == null ? closed : { ...closed, total: { amountMinor: total.value, currency: total.currency } };
  }
  const told = toldCharge(wire.source, wire.data, isPlaceholder);
  switch (wire.type) {
    case 'charge.captured': {
      const { merchant, amount, orderTotal } = wire.data;
      const charge = { ...told, merchant, amountMinor: amount.value, currency: amount.currency };
      return { eventId, timeMs, kind: wire.type, charge, orderTotalMinor: orderTotal?.value };
    }
    case 'charge.adjusted': {
      const { value: amountMinor, currency } = wire.data.amount;
      const { amountMinor: _, currency: __, ...charge } = told;
      return { eventId, timeMs, kind: wire.type, charge, adjusted: { amountMinor, currency } };
    }
    case 'charge.refunded': {
      const { reference, refundStatus } = wire.data;
      const isFailed = refundStatus === 'failed';
      const head = { eventId, timeMs, kind: wire.type, charge: told, reference: present(reference) };
      return { ...head, ...(isFailed && { isFailed }), ...toldRefund(wire.data, isFailed) };
    }
    case 'charge.disputed': {
      const { open, wonBy } = wire.data;
      return { eventId, timeMs, kind: wire.type, charge: told, open, wonBy: wonBy ?? undefined };
    }
    default:
      return { eventId, timeMs, kind: wire.type, charge: told };
  }
}

/** Where both are present the total wins: it holds the refund. */
function toldRefund(
  { refundedTotal, refundId, refundAmount }: z.infer<typeof refundedData>,
  isFailed: boolean,
): ToldRefund {
  if (refundedTotal != null) return { refundedTotalMinor: refundedTotal };
  // The schema has passed: without a total there is an id, and without an amount the refund has failed.
  return { refundId: refundId ?? '', refundMinor: isFailed ? 0 : (refundAmount ?? 0) };
}

function toldCharge(
  source: string,
  data: z.infer<typeof chargeData>,
  isPlaceholder: (token: string) => boolean,
): ToldCharge {
  const { amount } = data;
  const known = (token: string | null | undefined) =>
    token == null || isBlank(token) || isPlaceholder(token) ? undefined : token;
  return {
    source,
    chargeId: data.chargeId,
    payer: known(data.payer),
    merchant: known(data.merchant),
    order: known(data.order),
    part: known(data.part),
    instrument: known(data.instrument),
    channel: known(data.channel),
    mcc: present(data.mcc),
    payment: known(data.payment),
    amountMinor: amount?.value,
    currency: amount?.currency,
  };
}

/** Two charges without an order number must never meet on the empty one. */
function present(text: string | null | undefined): string | undefined {
  return text == null || isBlank(text) ? undefined : text;
}

function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  // A visible ASCII character: no need to look at the rest.
  return !(first > 0x20 && first < 0x7f) && text.trim() === '';
}
