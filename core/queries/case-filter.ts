import * as z from 'zod';
import type { Case } from '../cases/case.ts';
import type { Flag } from '../cases/flag.ts';
import { isCurrency } from '../events/money.ts';

/** As long as the tokens of an event may be. */
const token = z.string().min(1).max(256);
export const merchantToken = token;
const instant = z.iso.datetime();

/** A whole number as a query writes it, or as JSON does. */
export function integer<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}

/** Which cases are meant, by the names that a query and an export give it. All that is given must hold. */
export const caseFilterShape = {
  status: z.enum(['open', 'resolved']).optional(),
  merchant: token.optional(),
  /** Of a flagged charge. */
  payer: token.optional(),
  /** Id of a flagged charge or of an original. */
  charge: token.optional(),
  /** The charge's processor: with it, the charge is found by its key. */
  source: token.optional(),
  order: token.optional(),
  detector: token.optional(),
  /** Opened not before, and before. */
  from: instant.optional(),
  to: instant.optional(),
  currency: z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY').optional(),
  /** Bounds of what is at stake, in minor units of the currency, which must be given too. */
  minAmount: integer(z.int().nonnegative()).optional(),
  maxAmount: integer(z.int().nonnegative()).optional(),
};

export const caseFilterSchema = z.strictObject(caseFilterShape);
export type CaseFilter = z.output<typeof caseFilterSchema>;

/** What contradicts itself, or cannot be answered without its other half. */
export function contradictionsIn(filter: CaseFilter): readonly string[] {
  const { charge, source, from, to, currency, minAmount, maxAmount } = filter;
  const problems: string[] = [];
  if (source !== undefined && charge === undefined) problems.push('source: needs charge');
  if ((minAmount !== undefined || maxAmount !== undefined) && currency === undefined) {
    problems.push('minAmount, maxAmount: need currency');
  }
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    problems.push('to: must be after from');
  return problems;
}

/** Whether a case is meant, as far as the case itself tells. */
export function isMeant(one: Case, filter: CaseFilter): boolean {
  const { status, merchant, detector, from, to, currency, minAmount = 0, maxAmount = Number.MAX_SAFE_INTEGER } = filter;
  return (
    (status === undefined || one.status === status) &&
    (merchant === undefined || one.merchant === merchant) &&
    (detector === undefined || one.detectors.includes(detector)) &&
    (from === undefined || one.openedAtMs >= Date.parse(from)) &&
    (to === undefined || one.openedAtMs < Date.parse(to)) &&
    (currency === undefined || one.currency === currency) &&
    one.atStakeMinor >= minAmount &&
    one.atStakeMinor <= maxAmount
  );
}

/** Whether a case is meant by what only its flags tell. */
export function isMeantByFlags(one: Case, flags: readonly Flag[], { payer, order }: CaseFilter): boolean {
  return (
    (payer === undefined || flags.some(({ charge }) => charge.payer === payer)) &&
    (order === undefined || one.order === order || flags.some(({ charge }) => charge.order === order))
  );
}
