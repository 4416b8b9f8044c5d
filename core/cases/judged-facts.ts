import * as z from 'zod';
import { minorSchema, msSchema } from '../brands.ts';
import { DETECTOR_ACTIONS } from '../detection/detector.ts';
import { DISAGREEMENTS } from '../detection/mismatches.ts';
import { ATTESTATIONS } from '../events/source.ts';
import type { Immutable } from '../versioned.ts';
import { UNCONFIRMED_FACTS } from './unconfirmed.ts';

const count = z.int().nonnegative();
const sources = z.array(z.string());
/** Attestations of the merchant that an order contradicts: each counts as absent. */
const suspended = z
  .array(
    z.strictObject({ source: z.string(), attestation: z.enum(ATTESTATIONS), sinceMs: msSchema, order: z.string() }),
  )
  .exactOptional();
/** Payers by token, and charges without a payer: each of these may be of one payer more. */
const payers = z.strictObject({ known: count, unknown: count });

/** What an order is to cost as a source says, and what stands of it. */
const orderTotal = z
  .strictObject({ totalMinor: minorSchema, source: z.string(), paidMinor: minorSchema })
  .exactOptional();

/** Why a closing as unpaid does not speak of a charge. `record-gone`: we may have refunded another charge of the order. */
export const CLOSING_DOUBTS = [
  'unattested',
  'after-paid',
  'stale',
  'before-charge',
  'too-late',
  'after-our-refund',
  'record-gone',
] as const;

/**
 * What reasons to wait and grounds were judged on, by their names: only what the flag does not have anyway. A flag that
 * was stored before facts were has none, and its sentences stay true without them.
 */
export const judgedFactsSchema = z.strictObject({
  /** The sources that do not attest it, and what the order's total was compared with. */
  'may-split': z.strictObject({ sources, suspended, balance: orderTotal }).exactOptional(),
  /** Where an original is one too many: what the copy has that would remain. A copy's flag has its original. */
  'other-payer': z.strictObject({ payer: z.string() }).exactOptional(),
  'other-instrument': z.strictObject({ instrument: z.string().exactOptional() }).exactOptional(),
  'other-source': z.strictObject({ source: z.string() }).exactOptional(),
  late: z.strictObject({ lateMs: msSchema, latenessMs: msSchema }).exactOptional(),
  'late-copy': z.strictObject({ windowMs: msSchema }).exactOptional(),
  'total-disagrees': orderTotal,
  overpaid: orderTotal,
  totals: orderTotal,
  stale: z.strictObject({ retainMs: msSchema }).exactOptional(),
  recurring: z.strictObject({ charges: count, periodMs: msSchema, of: z.enum(['order', 'key']) }).exactOptional(),
  'common-order': z.strictObject({ payers: payers.exactOptional(), spanMs: msSchema.exactOptional() }).exactOptional(),
  /** What is captured now of the charge, and of the other that it is compared with. */
  'amount-changed': z
    .strictObject({ amountMinor: minorSchema, otherMinor: minorSchema, otherChargeId: z.string() })
    .exactOptional(),
  /** In what the events of which charge disagree. */
  mismatch: z.strictObject({ chargeId: z.string(), about: z.enum(DISAGREEMENTS) }).exactOptional(),
  /** What others have returned of the charge, and how many charges would remain that are all returned in part. */
  'partly-returned': z
    .strictObject({ returnedMinor: minorSchema.exactOptional(), remaining: count.exactOptional() })
    .exactOptional(),
  closing: z
    .strictObject({
      source: z.string(),
      atMs: msSchema,
      doubt: z.enum(CLOSING_DOUBTS),
      /** With `unattested`: the sources that do not attest closings. */
      unattestedBy: sources,
      suspended,
    })
    .exactOptional(),
  /** Which charge's record at its processor does not confirm the refund, and why. */
  unconfirmed: z.strictObject({ fact: z.enum(UNCONFIRMED_FACTS), chargeId: z.string() }).exactOptional(),
  /** Which charge the processor has not looked up, and since when no answer has come. */
  silent: z.strictObject({ chargeId: z.string(), sinceMs: msSchema }).exactOptional(),
  /** Other cases of the payer with a refund within 24 hours, and how many cases may go. */
  'payer-often': z.strictObject({ otherCases: count, casesMax: count }).exactOptional(),
  /** The detector's action now; `none` where no detector of that id judges the charge. */
  'configuration-changed': z
    .strictObject({
      action: z.enum([...DETECTOR_ACTIONS, 'none']),
      /** The rule itself has changed: the charge is exempt, or the detector meets others now. */
      change: z.enum(['exempt', 'rule']).exactOptional(),
    })
    .exactOptional(),
  review: z.strictObject({ because: z.enum(['unreconciled', 'kept-before', 'action']) }).exactOptional(),
  /** Without `limitMinor` the registry does not name the currency for the source. */
  limit: z.strictObject({ limitMinor: minorSchema.exactOptional() }).exactOptional(),
  /** The lowest cap of all refunds of an hour. Without `capMinor` the registry does not name the currency for the source. */
  'above-cap': z.strictObject({ capMinor: minorSchema.exactOptional() }).exactOptional(),
  suspect: z.strictObject({ payers, standing: count }).exactOptional(),
  /** The clock hour (UTC), and what its refunds may sum up to. */
  budget: z
    .strictObject({
      hour: z.string(),
      /** The cap of automatic and approved refunds together; absent: the budget of automatic ones. */
      of: z.literal('all-refunds').exactOptional(),
      merchantMaxMinor: minorSchema.exactOptional(),
      totalMaxMinor: minorSchema.exactOptional(),
      /** The bound of a young attestation's source for the day (UTC), where that one is reached. */
      ramp: z.strictObject({ source: z.string(), day: z.string(), maxMinor: minorSchema }).exactOptional(),
    })
    .exactOptional(),
  'single-charge': z.strictObject({ sources }).exactOptional(),
  /** The closing that counted, and the sources that attest closings. */
  closings: z.strictObject({ source: z.string(), atMs: msSchema, sources }).exactOptional(),
});

export type JudgedFacts = Immutable<z.output<typeof judgedFactsSchema>>;
export type ClosingDoubt = (typeof CLOSING_DOUBTS)[number];

/** Returns the facts of these reasons or grounds; undefined where there are none. */
export function factsOfThese(facts: JudgedFacts, names: readonly string[]): JudgedFacts | undefined {
  const chosen = Object.entries(facts).filter(([name]) => names.includes(name));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}
