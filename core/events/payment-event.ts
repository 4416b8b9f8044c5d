import type { Minor, Ms } from '../brands.ts';

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

/**
 * What an event after the capture says of the charge beside its own facts. The charge's record completes it: what is told
 * here is compared with the record and files nothing.
 */
export interface ToldCharge extends ChargeRef {
  readonly payer?: string | undefined;
  readonly merchant?: string | undefined;
  readonly order?: string | undefined;
  readonly part?: string | undefined;
  readonly instrument?: string | undefined;
  readonly channel?: string | undefined;
  readonly mcc?: string | undefined;
  readonly payment?: string | undefined;
  /** Told with its currency or not at all. */
  readonly amountMinor?: Minor | undefined;
  readonly currency?: string | undefined;
}

/** All that was refunded of the charge so far, by whomever; or one refund, by its id. */
export type ToldRefund =
  | { readonly refundedTotalMinor: Minor; readonly refundId?: undefined }
  /** What this refund has returned: 0 where it failed. */
  | { readonly refundedTotalMinor?: undefined; readonly refundId: string; readonly refundMinor: Minor };

interface EventHead {
  /** CloudEvents id: identifies one delivery's content, not the charge. */
  readonly eventId: string;
  /** Event time in milliseconds since the epoch, as the processor says it. */
  readonly timeMs: Ms;
}

/** An amount in minor units of its currency. */
export interface Money {
  readonly amountMinor: Minor;
  readonly currency: string;
}

export type ChargeEvent = EventHead &
  (
    | {
        readonly kind: 'charge.captured';
        readonly charge: Charge;
        /** What the whole order costs, in the currency of the charge. */
        readonly orderTotalMinor?: Minor | undefined;
      }
    | { readonly kind: 'charge.failed'; readonly charge: ToldCharge }
    | { readonly kind: 'charge.voided'; readonly charge: ToldCharge }
    | {
        /** The captured amount as of the event's time: a tip, a further or a smaller capture. */
        readonly kind: 'charge.adjusted';
        readonly charge: ToldCharge;
        readonly adjusted: Money;
      }
    | ({
        readonly kind: 'charge.refunded';
        readonly charge: ToldCharge;
        /** Present when the processor was given a reference for the refund; ours tells our own refunds. */
        readonly reference?: string | undefined;
        /** The refund did not succeed, or was returned to the merchant. */
        readonly isFailed?: boolean;
      } & ToldRefund)
    | {
        readonly kind: 'charge.disputed';
        readonly charge: ToldCharge;
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
  readonly total?: Money | undefined;
};

export type PaymentEvent = ChargeEvent | OrderClosed;
/** What happens to a charge beside its capture. */
export type LifecycleEvent = Exclude<ChargeEvent, { readonly kind: 'charge.captured' }>;

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
  'refundId',
] as const;

/** All tokens of events: those in the data, and the event's own id. */
export const TOKEN_FIELDS = ['id', ...CHARGE_TOKENS] as const;
export type TokenField = (typeof TOKEN_FIELDS)[number];
