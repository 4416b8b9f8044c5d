import type { Case } from '../cases/case.ts';
import type { Flag } from '../cases/flag.ts';
import { groundsOf, reasonsOf } from '../cases/sentences.ts';
import { type CaseView, caseView } from './views.ts';

/** A case with the flags whose refunds its line explains. */
export interface ExportedCase {
  readonly case: Case;
  readonly flags: readonly Flag[];
}

/**
 * What the file says of every case in the words of others: ISO 20022's reason for a payment returned as a duplicate, and
 * what the card schemes call the dispute that a payer could open instead.
 */
const REASON = 'DUPL';
const DISPUTE_REASONS = 'Visa 12.6.1; Mastercard 4834; Amex P08';

/** A cell of a spreadsheet holds 32,767 characters: the refunds of so many charges are told in one. */
const TOLD_MAX = 20;

const CELLS: { readonly [column: string]: (view: CaseView, flags: readonly Flag[]) => string | number } = {
  case: ({ id }) => id,
  status: ({ status }) => status,
  source: ({ original }) => original.source,
  originalCharge: ({ original }) => original.chargeId,
  merchant: ({ merchant }) => merchant,
  order: ({ order }) => order ?? '',
  currency: ({ currency }) => currency,
  action: ({ action }) => action,
  detectors: ({ detectors }) => detectors.join('; '),
  flags: ({ flags }) => flags,
  unresolved: ({ unresolved }) => unresolved,
  held: ({ held }) => held,
  atStakeMinor: ({ atStakeMinor }) => atStakeMinor,
  refundedMinor: ({ refundedMinor }) => refundedMinor,
  openedAt: ({ openedAt }) => openedAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  deadlineAt: ({ deadlineAt }) => deadlineAt ?? '',
  reason: () => REASON,
  disputeReasons: () => DISPUTE_REASONS,
  waitsFor: (_, flags) => told(flags, waitsNow),
  restsOn: (_, flags) => told(flags, (flag) => groundsOf(flag, 'hidden')),
};

/** The columns of an export, in their order. */
export const EXPORT_COLUMNS = Object.keys(CELLS);

/** A case as cells, in the order of the columns. */
export function exportRow({ case: of, flags }: ExportedCase): readonly string[] {
  const view = caseView(of);
  return Object.values(CELLS).map((cell) => String(cell(view, flags)));
}

/** A case as programs read it: the view of the API, and why each refund waits or what it rested on. */
export function exportView({ case: of, flags }: ExportedCase) {
  const refunds = flags.map((flag) => ({
    flagId: flag.id,
    chargeId: flag.charge.chargeId,
    status: flag.status,
    reasons: waitsNow(flag),
    grounds: groundsOf(flag, 'hidden'),
  }));
  return { ...caseView(of), refunds };
}

/** What a refund waits for now. A file of an export has no token of a payer or an instrument. */
function waitsNow(flag: Flag) {
  return flag.status === 'held' || flag.status === 'expired' ? reasonsOf(flag, 'hidden') : [];
}

function told(flags: readonly Flag[], of: (flag: Flag) => ReturnType<typeof reasonsOf | typeof groundsOf>): string {
  const all = flags
    .map((flag) => ({ flag, sentences: of(flag) }))
    .filter(({ sentences }) => sentences.length > 0)
    .map(({ flag, sentences }) => `${flag.charge.chargeId}: ${sentences.map(({ sentence }) => sentence.en).join(' ')}`);
  const more = all.length - TOLD_MAX;
  return [...all.slice(0, TOLD_MAX), ...(more > 0 ? [`${more} more charges`] : [])].join('; ');
}
