import * as z from 'zod';
import type { Minor, Ms } from '../brands.ts';
import { epochMs } from './event-time.ts';
import { isCurrency } from './money.ts';

/** The processor and its id for a charge: together they identify money captured from a payer. */
export interface ChargeRef {
  readonly source: string;
  readonly chargeId: string;
}

/** A charge as its capture described it. All names are opaque tokens of the processor. */
export interface Charge extends ChargeRef {
  /** Absent where the processor does not know it, as for a guest. */
  readonly payer?: string | undefined;
  readonly merchant: string;
  readonly order?: string | undefined;
  readonly part?: string | undefined;
  readonly instrument?: string | undefined;
  readonly channel?: string | undefined;
  readonly mcc?: string | undefined;
  /** The processor's own id of the money movement: two charges with one payment are one. */
  readonly payment?: string | undefined;
  /** Safe positive integer in minor units of `currency`. */
  readonly amountMinor: Minor;
  readonly currency: string;
}

interface EventHead {
  /** CloudEvents id: identifies one delivery's content, not the charge. */
  readonly eventId: string;
  /** Event time in milliseconds since the epoch, as the processor says it. */
  readonly timeMs: Ms;
}

export type ChargeEvent = EventHead &
  (
    | {
        readonly kind: 'charge.captured';
        readonly charge: Charge;
        /** What the whole order costs, in the currency of the charge. */
        readonly orderTotalMinor?: Minor | undefined;
      }
    | { readonly kind: 'charge.failed'; readonly charge: Charge }
    | { readonly kind: 'charge.voided'; readonly charge: Charge }
    | {
        readonly kind: 'charge.refunded';
        readonly charge: Charge;
        /** All that was refunded of the charge so far, by whomever. */
        readonly refundedTotalMinor: Minor;
        /** Present when the processor was given a reference for the refund; ours tells our own refunds. */
        readonly reference?: string | undefined;
      }
    | {
        readonly kind: 'charge.disputed';
        readonly charge: Charge;
        readonly open: boolean;
        readonly wonBy?: 'merchant' | 'payer' | undefined;
      }
  );

export type OrderClosed = EventHead & {
  readonly kind: 'order.closed';
  readonly source: string;
  readonly merchant: string;
  readonly order: string;
  readonly outcome: 'paid' | 'unpaid';
  /** What the whole order costs. */
  readonly total?: { readonly amountMinor: Minor; readonly currency: string } | undefined;
};

export type PaymentEvent = ChargeEvent | OrderClosed;

/** The tokens in the data of events. */
export const CHARGE_TOKENS = [
  'chargeId',
  'payer',
  'merchant',
  'order',
  'part',
  'instrument',
  'channel',
  'payment',
  'reference',
] as const;

/** All tokens of events: those in the data, and the event's own id. */
export const TOKEN_FIELDS = ['id', ...CHARGE_TOKENS] as const;
export type TokenField = (typeof TOKEN_FIELDS)[number];

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

const chargeData = z.looseObject({
  chargeId: token,
  payer: optionalToken,
  merchant: token,
  order: optionalToken,
  amount: money,
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

const capturedData = chargeData.extend({ orderTotal: money.nullish() });

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
    type: z.literal('charge.refunded'),
    data: chargeData.extend({ refundedTotal: minorUnits, reference: optionalToken }),
  }),
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
  const charge = toCharge(wire.source, wire.data, isPlaceholder);
  switch (wire.type) {
    case 'charge.captured':
      return { eventId, timeMs, kind: wire.type, charge, orderTotalMinor: wire.data.orderTotal?.value };
    case 'charge.refunded':
      return {
        eventId,
        timeMs,
        kind: wire.type,
        charge,
        refundedTotalMinor: wire.data.refundedTotal,
        reference: present(wire.data.reference),
      };
    case 'charge.disputed':
      return { eventId, timeMs, kind: wire.type, charge, open: wire.data.open, wonBy: wire.data.wonBy ?? undefined };
    default:
      return { eventId, timeMs, kind: wire.type, charge };
  }
}

function toCharge(source: string, data: z.infer<typeof chargeData>, isPlaceholder: (token: string) => boolean): Charge {
  const { amount } = data;
  const known = (token: string | null | undefined) =>
    token == null || isBlank(token) || isPlaceholder(token) ? undefined : token;
  return {
    source,
    chargeId: data.chargeId,
    payer: known(data.payer),
    merchant: data.merchant,
    order: known(data.order),
    part: known(data.part),
    instrument: known(data.instrument),
    channel: known(data.channel),
    mcc: present(data.mcc),
    payment: known(data.payment),
    amountMinor: amount.value,
    currency: amount.currency,
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
