import { isErased } from '../events/erased-payer.ts';
import type { Charge, ToldCharge } from '../events/payment-event.ts';
import { capturedMinorOf, otherAmountsOf } from './charge-amounts.ts';
import { type CapturedRecord, type ChargeRecord, isCaptured } from './charge-record.ts';
import {
  type ComparedField,
  DETAIL_FIELDS,
  IDENTITY_FIELDS,
  MISMATCH_FIELDS,
  type Mismatch,
  type Repeated,
} from './told-fields.ts';

/** What is compared with a capture: an event after it, or another telling of it with all its fields. */
type Told = Repeated & Pick<ToldCharge, (typeof DETAIL_FIELDS)[number]>;

/** A source that repeats a charge rightly does it in one or two ways; ten differ for certain. */
export const REPEATED_MAX = 10;
/** Each amount may wait for the adjustment that explains it. */
export const AMOUNT_MISMATCHES_MAX = 8;

/**
 * Returns the record with what an event repeats of the charge. What the capture left open is added: a charge is named by
 * source and charge id together, so that only its own source can complete it. What the capture has otherwise is a mismatch.
 * Before the capture it waits. The same record where nothing is new.
 */
export function withRepeated(record: ChargeRecord, told: Told): ChargeRecord {
  if (!isCaptured(record)) return waiting(record, told);
  const fields = told.kind === 'charge.captured' ? [...IDENTITY_FIELDS, ...DETAIL_FIELDS] : IDENTITY_FIELDS;
  const compared = fields.reduce((before, field) => withField(before, field, told), record);
  // A capture's amount is its own fact: it is judged as an adjustment.
  return told.kind === 'charge.captured' ? compared : withAmount(compared, told);
}

/** Returns the record, captured now, with all that waited for its capture compared with it. */
export function withWaited({ repeated = [], ...record }: ChargeRecord): ChargeRecord {
  return repeated.reduce<ChargeRecord>((before, told) => withRepeated(before, told), record);
}

/** In what the events of a charge disagree: a field, or a void or a failure that a later capture has overridden. */
const OWN_DISAGREEMENTS = [...MISMATCH_FIELDS, 'void', 'failure'] as const;
type Disagreement = (typeof OWN_DISAGREEMENTS)[number];

/** The same, or `twin`: another id of the same payment has another amount, or is not known to the deciding window. */
export const DISAGREEMENTS = [...OWN_DISAGREEMENTS, 'twin'] as const;

/** Returns in what the events of a charge disagree, of several fields the latest; undefined where they agree. */
export function disagreementOf(record: CapturedRecord): Disagreement | undefined {
  const { capture, adjustments, mismatches, voidedMs, releasedMs } = record;
  if (voidedMs !== undefined && voidedMs < capture.latestMs) return 'void';
  if (releasedMs !== undefined && releasedMs >= capture.timeMs && releasedMs < capture.latestMs) return 'failure';
  if (adjustments?.some(({ currency }) => currency !== capture.charge.currency)) return 'currency';
  const amounts = [capture.charge.amountMinor, ...otherAmountsOf(record)];
  return mismatches?.findLast(({ amountMinor }) => amountMinor === undefined || !amounts.includes(amountMinor))?.field;
}

export function hasMismatch(record: CapturedRecord): boolean {
  return disagreementOf(record) !== undefined;
}

/** Returns the charge as it is known now: with its present amount, and with what was completed. */
export function presentCharge(record: CapturedRecord): Charge {
  return { ...record.capture.charge, ...record.completed, amountMinor: capturedMinorOf(record) };
}

function waiting(record: ChargeRecord, told: Told): ChargeRecord {
  const { kind, atMs, merchant, payer, order, amountMinor, currency } = told;
  const all = { merchant, payer, order, amountMinor, currency };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  if (Object.keys(said).length === 0) return record;
  const known = record.repeated ?? [];
  if (known.some((each) => isSaidBy(each, all))) return record;
  if (known.length >= REPEATED_MAX) return withMismatch(record, { field: 'amount', kind, atMs });
  return { ...record, repeated: [...known, { kind, atMs, ...said }] };
}

function isSaidBy(known: Repeated, all: Omit<Repeated, 'kind' | 'atMs'>): boolean {
  return (Object.keys(all) as (keyof typeof all)[]).every(
    (field) => known[field] === all[field] || (field === 'payer' && isErased(known.payer)),
  );
}

function withField<Of extends CapturedRecord>(record: Of, field: ComparedField, told: Told): Of {
  const value = told[field];
  if (value === undefined) return record;
  const { capture, completed } = record;
  const known = capture.charge[field] ?? (field === 'merchant' ? undefined : completed?.[field]);
  if (known === undefined) return { ...record, completed: { ...completed, [field]: value } };
  // An erased payer agrees with every payer: nothing of what comes again is stored.
  if (known === value || isErased(known) || isErased(value)) return record;
  return withMismatch(record, { field, kind: told.kind, atMs: told.atMs });
}

function withAmount<Of extends CapturedRecord>(record: Of, { kind, atMs, amountMinor, currency }: Repeated): Of {
  if (amountMinor === undefined) return record;
  const { charge } = record.capture;
  if (currency !== charge.currency) return withMismatch(record, { field: 'currency', kind, atMs });
  if (amountMinor === charge.amountMinor || otherAmountsOf(record).includes(amountMinor)) return record;
  return withMismatch(record, { field: 'amount', kind, atMs, amountMinor });
}

/** One a field, and a few amounts; beyond them one that no adjustment explains. */
function withMismatch<Of extends ChargeRecord>(record: Of, { amountMinor, ...mismatch }: Mismatch): Of {
  const known = record.mismatches ?? [];
  const ofField = known.filter(({ field }) => field === mismatch.field);
  const isKnown = ofField.some((each) => each.amountMinor === undefined || each.amountMinor === amountMinor);
  if (isKnown) return record;
  const isValued = amountMinor !== undefined && ofField.length < AMOUNT_MISMATCHES_MAX;
  return { ...record, mismatches: [...known, { ...mismatch, ...(isValued && { amountMinor }) }] };
}
