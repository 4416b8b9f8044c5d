import type { CaseId, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { caseIdOf, flagIdOf } from '../detection/fingerprint.ts';
import type { RecordStore } from '../detection/record-store.ts';
import type { Charge } from '../events/payment-event.ts';
import { pages } from '../pages.ts';
import type { RefundSettings } from '../refunds/refund-settings.ts';
import { type FoundFlag, type PayerStatus, payerStatus } from './payer-status.ts';

/**
 * By order, or by one charge, whose whole case is told; the payer may be left out where there is but one. Charges without
 * a payer can be asked for one by one.
 */
export type PayerQuestion =
  | { readonly payer?: string; readonly source?: string | undefined; readonly merchant: string; readonly order: string }
  | { readonly payer?: string; readonly source: string; readonly charge: string };

export type PayerAnswer =
  | { readonly kind: 'status'; readonly status: PayerStatus }
  /** More than one payer or charge without one, or one token in several namespaces: the question must name which. */
  | { readonly kind: 'several-payers' };

export interface FindPayerContext {
  readonly cases: Pick<CaseStore, 'readFlags' | 'flagsOf' | 'listCases'>;
  readonly records: Pick<RecordStore, 'readRecords'>;
  readonly configuration: Pick<DetectorCatalog, 'namespaceOf' | 'detectorFor'> & Pick<RefundSettings, 'refunds'>;
  readonly digests: Pick<PlainDigests, 'hash128'>;
  readonly nowMs: () => Ms;
}

/** An order has a case or two; a number that stands for "none" may have thousands: of those the newest are told. */
const CASES_PER_PAGE = 100;
const PAGES_MAX = 3;

/** What became of one payer's charges. Which charges are theirs is decided by their token and its namespace alone. */
export async function findPayerStatus(question: PayerQuestion, context: FindPayerContext): Promise<PayerAnswer> {
  const { configuration, nowMs } = context;
  const flags = await ('order' in question ? flagsOfOrder(question.order, context) : flagsOfCharge(question, context));
  const identityOf = (charge: Charge) => payerIdentityOf(charge, configuration);
  const isAsked = askedBy(question, configuration);
  const known = flags.flatMap(({ charge, originalCharge }) => (originalCharge ? [charge, originalCharge] : [charge]));
  const payers = new Set(known.filter(isAsked).map(identityOf));
  const [identity] = payers;
  if (payers.size > 1) return { kind: 'several-payers' };
  const isOwn = (charge: Charge) => identityOf(charge) === identity && (!('order' in question) || isAsked(charge));
  const status = payerStatus(isOwn, await withRecords(flags, context), {
    nowMs: nowMs(),
    arrivesWithinMs: configuration.refunds.arrivesWithinMs,
    graceMsOf: ({ detector, charge }) => configuration.detectorFor(detector, charge)?.graceMs ?? 0,
  });
  return { kind: 'status', status };
}

/** Nothing says that two charges without a payer are of one: each is a payer of its own, and sees itself alone. */
function payerIdentityOf(
  { payer, source, chargeId }: Charge,
  { namespaceOf }: Pick<DetectorCatalog, 'namespaceOf'>,
): string {
  return JSON.stringify(payer === undefined ? { source, chargeId } : [namespaceOf(source), payer]);
}

/** The charges by which a question names its payer. */
function askedBy(
  question: PayerQuestion,
  { namespaceOf }: Pick<DetectorCatalog, 'namespaceOf'>,
): (charge: Charge) => boolean {
  const { payer, source } = question;
  const isPayers = (charge: Charge) => payer === undefined || charge.payer === payer;
  if (!('order' in question)) {
    return (charge) => charge.source === source && charge.chargeId === question.charge && isPayers(charge);
  }
  const isWithin = (charge: Charge) => source === undefined || namespaceOf(charge.source) === namespaceOf(source);
  return (charge) =>
    charge.merchant === question.merchant && charge.order === question.order && isWithin(charge) && isPayers(charge);
}

async function flagsOfOrder(order: string, { cases }: FindPayerContext): Promise<readonly Flag[]> {
  const ids: CaseId[] = [];
  const list = { by: 'order', order } as const;
  const listed = pages((after) => cases.listCases(list, { limit: CASES_PER_PAGE, ...after }), PAGES_MAX);
  for await (const { items } of listed) ids.push(...items.map(({ found }) => found.id));
  return (await Promise.all(ids.map((id) => cases.flagsOf(id)))).flat();
}

/** A charge's flag names its case; a charge without one may be the original whose own id the case has. */
async function flagsOfCharge(
  { source, charge }: { readonly source: string; readonly charge: string },
  { cases, digests }: FindPayerContext,
): Promise<readonly Flag[]> {
  const ref = { source, chargeId: charge };
  const [own] = await cases.readFlags([flagIdOf(ref, digests)]);
  const listed = await cases.flagsOf(own?.caseId ?? caseIdOf(ref, digests));
  // The list may lag behind the flag itself.
  return own === undefined ? listed : [own, ...listed.filter((flag) => flag.id !== own.id)];
}

/** The charge of a flag, and its original, with their records: each is read once. */
async function withRecords(
  flags: readonly Flag[],
  { records, digests, nowMs }: FindPayerContext,
): Promise<readonly FoundFlag[]> {
  const ids = [...new Set(flags.flatMap((flag) => [flag.id, flagIdOf(flag.original, digests)]))];
  const found = ids.length === 0 ? [] : await records.readRecords(ids, nowMs());
  const recordOf = new Map(ids.map((id, at) => [id, found[at]?.record]));
  return flags.map((flag) => ({
    flag,
    record: recordOf.get(flag.id),
    originalRecord: recordOf.get(flagIdOf(flag.original, digests)),
  }));
}
