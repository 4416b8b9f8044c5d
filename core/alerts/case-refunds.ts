import { asCaseId } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import { asksApprover } from '../cases/flag-history.ts';
import { groundsOf, reasonsOf } from '../cases/sentences.ts';
import type { Alert, AlertOf } from './alert.ts';

/** Amazon SNS takes 256 KiB: of a case with more flags the alert has the first, and the console has the rest. */
const REFUNDS_MAX = 20;

export type CaseRefund = NonNullable<AlertOf<'case.resolved'>['refunds']>[number];

/**
 * Returns an alert about a case that is not new with what its refunds wait for or rested on. Reads the flags as they are
 * now; other alerts are returned as they are.
 */
export async function withRefunds(
  alert: Alert,
  { cases }: { readonly cases: Pick<CaseStore, 'flagsOf'> },
): Promise<Alert> {
  switch (alert.kind) {
    case 'case.resolved':
    case 'case.deadline':
    case 'refund.unreconciled': {
      const flags = await cases.flagsOf(asCaseId(alert.caseId));
      const refunds = flags.map(refundOf).filter(({ reasons, grounds }) => reasons.length + grounds.length > 0);
      return { ...alert, refunds: refunds.slice(0, REFUNDS_MAX) };
    }
    default:
      return alert;
  }
}

function refundOf(flag: Flag): CaseRefund {
  const { source, chargeId } = flag.charge;
  const reasons = asksApprover(flag) ? reasonsOf(flag, 'hidden') : [];
  return {
    flagId: flag.id,
    charge: { source, chargeId },
    status: flag.status,
    reasons: reasons.map(({ reason, sentence }) => ({ reason, sentence: { ...sentence } })),
    grounds: groundsOf(flag, 'hidden').map(({ ground, sentence }) => ({ ground, sentence: { ...sentence } })),
  };
}
