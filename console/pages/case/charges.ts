import type { Charge, ChargeRef } from '../../../core/events/payment-event.ts';
import type { FlagView } from '../../../core/queries/views.ts';
import type { CaseDetail } from '../../api/answers.ts';

/** One charge of a case as it is laid beside the others. */
export interface ShownCharge {
  readonly ref: ChargeRef;
  /** Absent for an original that only another namespace's window remembers. */
  readonly charge?: Charge | undefined;
  readonly chargedAt?: string | undefined;
  /** Absent for an original that is not flagged itself. */
  readonly flag?: FlagView;
}

/** The original first, then those that were flagged, in the order in which they were charged. */
export function chargesOf({ original, flags }: Pick<CaseDetail, 'original' | 'flags'>): readonly ShownCharge[] {
  const flagged = flags.map((flag) => ({ ref: flag.charge, charge: flag.charge, chargedAt: flag.chargedAt, flag }));
  const [own, others] = [
    flagged.filter(({ ref }) => isSame(ref, original)),
    flagged.filter((one) => !isSame(one.ref, original)),
  ];
  const [withOriginal] = flags.filter((flag) => flag.originalCharge !== undefined);
  const first = own[0] ?? {
    ref: original,
    charge: withOriginal?.originalCharge,
    chargedAt: withOriginal?.originalChargedAt,
  };
  return [first, ...others.toSorted((a, b) => a.chargedAt.localeCompare(b.chargedAt))];
}

/** Fields by which charges are compared, in the order in which people ask for them. */
export const COMPARED = [
  'amount',
  'merchant',
  'order',
  'part',
  'payer',
  'instrument',
  'payment',
  'channel',
  'mcc',
  'source',
] as const;
export type Compared = (typeof COMPARED)[number];

/** How a field of one charge stands to the same field of the original. */
export type Agreement = 'agrees' | 'differs' | 'unknown';

export function agreement(field: Compared, charge: Charge, original: Charge | undefined): Agreement {
  if (original === undefined) return 'unknown';
  return partOf(field, charge) === partOf(field, original) ? 'agrees' : 'differs';
}

/** Fields that at least one of the charges has: a row of nothing says nothing. */
export function fieldsOf(charges: readonly ShownCharge[]): readonly Compared[] {
  return COMPARED.filter((field) =>
    charges.some(({ charge }) => charge !== undefined && partOf(field, charge) !== undefined),
  );
}

function partOf(field: Compared, charge: Charge): string | undefined {
  return field === 'amount' ? `${charge.amountMinor} ${charge.currency}` : charge[field];
}

/** Where each charge lies between the first and the last, from 0 to 1; undefined where its time is not known. */
export function positionsOf(charges: readonly ShownCharge[]): readonly (number | undefined)[] {
  const times = charges.map(({ chargedAt }) => (chargedAt === undefined ? undefined : Date.parse(chargedAt)));
  const known = times.filter((ms) => ms !== undefined);
  const from = Math.min(...known);
  const span = Math.max(...known) - from;
  return times.map((ms) => (ms === undefined ? undefined : span === 0 ? 0 : (ms - from) / span));
}

function isSame(a: ChargeRef, b: ChargeRef): boolean {
  return a.source === b.source && a.chargeId === b.chargeId;
}
