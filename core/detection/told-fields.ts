import type { Minor, Ms } from '../brands.ts';
import type { ChargeEvent, ToldCharge } from '../events/payment-event.ts';

/** Another of these under one charge id makes a capture a conflict: the id was used twice. */
export const IDENTITY_FIELDS = ['merchant', 'payer', 'order'] as const;
/** A capture that comes again may name others of these: then its charge has a mismatch. */
export const DETAIL_FIELDS = ['part', 'instrument', 'channel', 'mcc', 'payment'] as const;
export const MISMATCH_FIELDS = [...IDENTITY_FIELDS, ...DETAIL_FIELDS, 'amount', 'currency'] as const;

export type ComparedField = (typeof IDENTITY_FIELDS)[number] | (typeof DETAIL_FIELDS)[number];

/** What the capture left open and its own source has told later. */
export type Completed = { readonly [field in Exclude<ComparedField, 'merchant'>]?: string };

/** A field that an event about the charge has told otherwise than its capture. */
export interface Mismatch {
  readonly field: (typeof MISMATCH_FIELDS)[number];
  readonly kind: ChargeEvent['kind'];
  readonly atMs: Ms;
  /** Only an amount needs its value: an adjustment that comes later may explain it. */
  readonly amountMinor?: Minor;
}

/** What an event says of its charge beside its own facts: before the capture it waits to be compared. */
export interface Repeated extends Pick<ToldCharge, (typeof IDENTITY_FIELDS)[number] | 'amountMinor' | 'currency'> {
  readonly kind: ChargeEvent['kind'];
  readonly atMs: Ms;
}
