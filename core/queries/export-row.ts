import type { Case } from '../cases/case.ts';
import { caseView } from './views.ts';

type CaseView = ReturnType<typeof caseView>;

/**
 * What the file says of every case in the words of others: ISO 20022's reason for a payment returned as a duplicate, and
 * what the card schemes call the dispute that a payer could open instead.
 */
const REASON = 'DUPL';
const DISPUTE_REASONS = 'Visa 12.6.1; Mastercard 4834; Amex P08';

const CELLS: { readonly [column: string]: (view: CaseView) => string | number } = {
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
};

/** The columns of an export, in their order. */
export const EXPORT_COLUMNS = Object.keys(CELLS);

/** A case as cells, in the order of the columns. */
export function exportRow(of: Case): readonly string[] {
  const view = caseView(of);
  return Object.values(CELLS).map((cell) => String(cell(view)));
}
