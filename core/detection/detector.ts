import type { Minor, Ms } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Normaliser, normalised } from './normalise.ts';

/** Fields of a charge that a detector may put into its key or compare within a window. */
export const CHARGE_FIELDS = [
  'payer',
  'merchant',
  'order',
  'part',
  'amount',
  'currency',
  'instrument',
  'channel',
  'mcc',
] as const;
export type ChargeField = (typeof CHARGE_FIELDS)[number];

/** What follows a duplicate: flag and report; ask a person; give the money back. */
export const DETECTOR_ACTIONS = ['monitor', 'review', 'refund'] as const;
export type DetectorAction = (typeof DETECTOR_ACTIONS)[number];

/** How far two amounts of one currency may be apart: by either of the two bounds. */
export interface Nearness {
  /** Of the larger amount. */
  readonly percent: number;
  readonly minor: Minor;
}

/** A configured notion of "the same payment", for one merchant: overrides are already applied. */
export interface Detector {
  readonly id: string;
  readonly key: readonly ChargeField[];
  readonly same: readonly ChargeField[];
  /** True for the one detector that an `order.closed` event speaks to. */
  readonly orders: boolean;
  /** What makes spellings of a key field equal, applied in order. */
  readonly normalise: { readonly [field in ChargeField]?: readonly Normaliser[] };
  /** Absent: amounts meet as `key` and `same` have them. */
  readonly near?: Nearness | undefined;
  /** A copy less than this from its original may be refunded automatically. */
  readonly windowMs: Ms;
  /** Two charges meet when their event times differ by less than this; at least `windowMs`. */
  readonly reviewWindowMs: Ms;
  /** True where a chain of copies may reach further than `reviewWindowMs` from its original. */
  readonly isChainUnlimited: boolean;
  /** An event later than this after its time is marked and counted as late; its verdict is the same. */
  readonly latenessMs: Ms;
  /** How long a window of originals alone is remembered; beyond it an event is stale. */
  readonly retainMs: Ms;
  /** Grace between flag and claim, in which a void may still come. */
  readonly graceMs: Ms;
  readonly action: DetectorAction;
  readonly exemptMccs: ReadonlySet<string>;
}

/** The charge's value of a field as text; undefined when the charge has none. */
export function fieldOf(charge: Charge, field: ChargeField): string | undefined {
  return field === 'amount' ? String(charge.amountMinor) : charge[field];
}

/** The same as a detector's key has it; undefined when the charge has none. */
export function keyFieldOf(
  { normalise }: Pick<Detector, 'normalise'>,
  charge: Charge,
  field: ChargeField,
): string | undefined {
  const value = fieldOf(charge, field);
  return value === undefined ? undefined : normalised(value, normalise[field]);
}

export function isNearAmount(a: Minor, b: Minor, { percent, minor }: Nearness): boolean {
  const apart = Math.abs(a - b);
  return apart <= minor || apart * 100 <= Math.max(a, b) * percent;
}

/** Returns true where charges within one window must agree in their amount, or be near it. */
export function isComparingAmounts({ same, near }: Pick<Detector, 'same' | 'near'>): boolean {
  return near !== undefined || same.includes('amount');
}

/** A detector judges the charges that have all its key fields and are not exempt. */
export function appliesTo(detector: Detector, charge: Charge): boolean {
  if (charge.mcc !== undefined && detector.exemptMccs.has(charge.mcc)) return false;
  return detector.key.every((field) => fieldOf(charge, field) !== undefined);
}
