import type { Ms } from '../brands.ts';
import type { Case } from '../cases/case.ts';
import type { Asked, Flag, ReasonToWait } from '../cases/flag.ts';
import { amountMinorOf, waitOf } from '../cases/flag-history.ts';
import { groundsOf, reasonsOf } from '../cases/sentences.ts';
import { iso } from '../clock-units.ts';
import { waitsOf } from '../incidents/totals.ts';
import { ALERT_VERSION, type Alert, type AlertOf } from './alert.ts';
import { type Links, linkTo } from './links.ts';

type CaseAlert = AlertOf<'case.opened'> | AlertOf<'case.resolved'>;

/** What a change of a case's record says to people: further duplicates are folded into the case and say nothing. */
export function caseAlerts(before: Case | undefined, after: Case, links: Links): readonly CaseAlert[] {
  const alerts: CaseAlert[] = [];
  if (before === undefined) alerts.push(caseAlert('case.opened', after, links));
  if (after.status === 'resolved' && before?.status === 'open') alerts.push(caseAlert('case.resolved', after, links));
  return alerts;
}

function caseAlert(kind: CaseAlert['kind'], of: Case, links: Links): CaseAlert {
  return {
    kind,
    alertId: kind === 'case.opened' ? `${of.id}:opened` : `${of.id}:resolved:${of.openings}`,
    // Somebody has to decide only where the detector says so; what goes back by itself is worth knowing.
    severity: kind === 'case.opened' && of.action === 'review' ? 'warning' : 'info',
    ...caseFields(of, links),
  };
}

/** An unresolved case's deadline is near, or past. No digest holds it back: days have gone by since the case was new. */
export function deadlineAlert(
  before: Case | undefined,
  after: Case,
  links: Links,
): AlertOf<'case.deadline'> | undefined {
  if (before?.urgentSinceMs !== undefined || after.urgentSinceMs === undefined) return undefined;
  if (after.deadlineAtMs === undefined) return undefined;
  return {
    kind: 'case.deadline',
    alertId: `${after.id}:deadline:${after.openings}`,
    severity: after.urgentSinceMs < after.deadlineAtMs ? 'warning' : 'critical',
    deadlineAt: iso(after.deadlineAtMs),
    ...caseFields(after, links),
  };
}

/** A refund does not match the processor's report: notified at once, by the audit entry that came of it. */
export function unreconciledAlert(
  before: Case | undefined,
  after: Case,
  links: Links,
): AlertOf<'refund.unreconciled'> | undefined {
  if (after.unreconciled <= (before?.unreconciled ?? 0)) return undefined;
  return {
    kind: 'refund.unreconciled',
    alertId: `${after.id}:unreconciled:${after.auditLength}`,
    severity: 'critical',
    unreconciled: after.unreconciled,
    ...caseFields(after, links),
  };
}

function caseFields(of: Case, links: Links) {
  return {
    version: ALERT_VERSION,
    at: iso(of.updatedAtMs),
    ...linkTo(links, 'cases', of.id),
    caseId: of.id,
    merchant: of.merchant,
    action: of.action,
    original: of.original,
    flags: of.flags,
    unresolved: of.unresolved,
    currency: of.currency,
    atStakeMinor: of.atStakeMinor,
    refundedMinor: of.refundedMinor,
  } as const;
}

/** What a change of a flag asks of people at once. */
export function refundAlerts(before: Flag | undefined, after: Flag, links: Links): readonly Alert[] {
  const [was, is] = [before && waitsOf(before), waitsOf(after)];
  const alerts: Alert[] = [];
  if (after.status === 'failed' && was !== 'failed') {
    alerts.push({ kind: 'refund.failed', ...refundFields('failed', after, links), reason: after.failure });
  }
  if (is === 'unknown' && was !== 'unknown') {
    alerts.push({ kind: 'refund.unknown', ...refundFields('unknown', after, links) });
  }
  return alerts;
}

/** A dispute came upon money that we give back: two refunds of one charge are near. Never folded into a digest. */
export function contestedAlert(before: Flag | undefined, after: Flag, links: Links): Alert | undefined {
  if (!after.contested || before?.contested) return undefined;
  return { kind: 'refund.contested', ...refundFields('contested', after, links) };
}

/** After our refund an order keeps less than it owes: the merchant is out of money. Never folded into a digest. */
export function shortOrderAlert(before: Flag | undefined, after: Flag, links: Links): Alert | undefined {
  if (after.short === undefined || before?.short !== undefined) return undefined;
  return {
    kind: 'short-order',
    ...refundFields('short', after, links),
    why: after.short.why,
    evidence: `/cases/${after.caseId}/evidence`,
  };
}

/** People say that we refunded what was meant: somebody is out of money. Never folded into a digest. */
export function refundInErrorAlert(
  before: Flag | undefined,
  after: Flag,
  links: Links,
): AlertOf<'refund.in-error'> | undefined {
  if (after.status !== 'refunded-in-error' || before?.status === 'refunded-in-error') return undefined;
  const { by, reason, evidence } = after.refundError;
  return { kind: 'refund.in-error', ...refundFields('refunded-in-error', after, links), by, reason, evidence };
}

function refundFields(what: string, flag: Flag, links: Links) {
  const { id, caseId, attempt, charge, action } = flag;
  return {
    version: ALERT_VERSION,
    alertId: `${id}:${what}:${attempt}`,
    severity: 'critical',
    at: iso(flag.updatedAtMs),
    ...linkTo(links, 'cases', caseId),
    caseId,
    merchant: charge.merchant,
    action,
    flagId: id,
    attempt,
    charge: { source: charge.source, chargeId: charge.chargeId },
    currency: charge.currency,
    amountMinor: amountMinorOf(flag),
    grounds: groundsOf(flag, 'hidden').map(({ ground, sentence }) => ({ ground, sentence: { ...sentence } })),
  } as const;
}

interface UnansweredHold {
  readonly what: 'escalated' | 'expired';
  readonly asked: Asked;
  readonly waitsFor: readonly ReasonToWait[];
}

/** What has become of a hold that no approver has answered. */
export function unansweredHold(before: Flag | undefined, after: Flag): UnansweredHold | undefined {
  if (before?.status !== 'held') return undefined;
  if (after.status === 'expired') return { what: 'expired', ...after.wait };
  const wait = waitOf(after);
  const { asked } = wait ?? {};
  if (wait === undefined || asked?.escalatedAtMs === undefined) return undefined;
  if (before.wait.asked?.escalatedAtMs !== undefined) return undefined;
  return { what: 'escalated', asked, waitsFor: wait.waitsFor };
}

/** The charges of a case wait together: each is said once for case and clock hour, see `claimOnce` of the store. */
export function holdAlert(
  before: Flag | undefined,
  after: Flag,
  context: Links & { readonly holdExpiresAfterMs: Ms },
): AlertOf<'hold.escalated'> | AlertOf<'hold.expired'> | undefined {
  const unanswered = unansweredHold(before, after);
  if (unanswered === undefined) return undefined;
  const { caseId } = after;
  const {
    what,
    waitsFor,
    asked: { sinceMs },
  } = unanswered;
  const alertId = `${caseId}:hold-${what}:${iso(after.updatedAtMs).slice(0, 13)}`;
  const reasons = reasonsOf(after, 'hidden').map(({ reason, sentence }) => ({ reason, sentence: { ...sentence } }));
  const told = { waitsFor: [...waitsFor], reasons, since: iso(sinceMs) };
  const fields = { ...refundFields(what, after, context), alertId, ...told };
  if (what === 'expired') return { kind: 'hold.expired', ...fields };
  return { kind: 'hold.escalated', ...fields, expiresAt: iso(sinceMs + context.holdExpiresAfterMs) };
}

/** That a refund waits for a budget is said once for merchant, currency and hour: see `claimOnce` of the store. */
export function budgetAlert(before: Flag | undefined, after: Flag, links: Links): AlertOf<'budget.spent'> | undefined {
  const waitsForBudget = (flag: Flag | undefined) => flag?.status === 'held' && flag.wait.waitsFor.includes('budget');
  if (!waitsForBudget(after) || waitsForBudget(before)) return undefined;
  const hour = iso(after.updatedAtMs).slice(0, 13);
  const { merchant, currency } = after.charge;
  return {
    kind: 'budget.spent',
    version: ALERT_VERSION,
    alertId: `budget:${merchant}:${currency}:${hour}`,
    severity: 'warning',
    at: iso(after.updatedAtMs),
    ...linkTo(links, 'cases', after.caseId),
    caseId: after.caseId,
    merchant,
    action: after.action,
    currency,
    hour,
    flagId: after.id,
  };
}
