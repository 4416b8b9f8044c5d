import type { Ms } from '../brands.ts';
import type { Case } from '../cases/case.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import type { IncidentStore, LiveIncident } from '../incidents/incident-store.ts';
import { type CaseOrigin, covers } from '../incidents/scope.ts';
import { caseMember, flagMember, type Member, waitsOf } from '../incidents/totals.ts';
import type { Alert } from './alert.ts';
import {
  budgetAlert,
  caseAlerts,
  contestedAlert,
  deadlineAlert,
  holdAlert,
  refundAlerts,
  refundInErrorAlert,
  shortOrderAlert,
  unansweredHold,
  unreconciledAlert,
} from './case-alerts.ts';
import { withRefunds } from './case-refunds.ts';
import type { AlertContext } from './context.ts';
import type { Links } from './links.ts';

export interface NotifyContext extends AlertContext {
  readonly incidents: Pick<IncidentStore, 'noteMembers' | 'claimOnce'>;
  readonly cases: Pick<CaseStore, 'flagsOf'>;
  /** How long a hold waits for an approver at most. */
  readonly holdExpiresAfterMs: Ms;
}

/** A change of a case's or a flag's record, as the outbox delivers it. */
export type RecordChange =
  | { readonly kind: 'case'; readonly before: Case | undefined; readonly after: Case }
  | { readonly kind: 'flag'; readonly before: Flag | undefined; readonly after: Flag };

/**
 * Notifies of one change, or folds it into the incidents that cover it. Delivered again it says the same under the
 * same alert id, or folds the same member once more, which changes nothing. Returns when all is sent or stored: what
 * fails before is delivered again, so that no alert is lost.
 */
export async function notify(
  change: RecordChange,
  live: readonly LiveIncident[],
  context: NotifyContext,
): Promise<void> {
  const origin = originOf(change);
  const covering = live.filter(({ scope }) => covers(scope, origin));
  await notifyAtOnce(change, context);
  if (covering.length === 0) {
    for (const alert of singleAlerts(change, context)) await context.send(await withRefunds(alert, context));
    return;
  }
  const member = memberOf(change);
  if (member === undefined) return;
  await Promise.all(covering.map(({ id }) => context.incidents.noteMembers(id, [member])));
  if (change.kind === 'case') context.count('casesFolded', 1);
}

/** What no digest may hold back. */
async function notifyAtOnce(change: RecordChange, context: NotifyContext): Promise<void> {
  if (change.kind === 'case') {
    for (const alertOf of [deadlineAlert, unreconciledAlert]) {
      const alert = alertOf(change.before, change.after, context);
      if (alert !== undefined) await context.send(await withRefunds(alert, context));
    }
    return;
  }
  const { before, after } = change;
  countWaits(before, after, context);
  const contested = contestedAlert(before, after, context);
  if (contested !== undefined) {
    context.count('refundsContested', 1);
    await context.send(contested);
  }
  const short = shortOrderAlert(before, after, context);
  if (short !== undefined) {
    context.count('ordersShort', 1);
    await context.send(short);
  }
  const inError = refundInErrorAlert(before, after, context);
  if (inError !== undefined) {
    context.count('refundsInError', 1);
    await context.send(inError);
  }
  // Days have gone by since it was new.
  const hold = holdAlert(before, after, context);
  if (hold !== undefined && (await isFirst(hold, after, context))) await context.send(hold);
  const budget = budgetAlert(before, after, context);
  if (budget !== undefined && (await isFirst(budget, after, context))) {
    context.count('budgetsSpent', 1);
    await context.send(budget);
  }
}

/** Who was given the name sends, again if a crash took the answer; all others know that it will. */
async function isFirst({ alertId }: Alert, { id, attempt }: Flag, context: NotifyContext): Promise<boolean> {
  return (await context.incidents.claimOnce(alertId, `${id}:${attempt}`, context.nowMs())) === 'yours';
}

/** For the alarms: folded or not, each counts. */
function countWaits(before: Flag | undefined, after: Flag, { count }: AlertContext): void {
  const unanswered = unansweredHold(before, after);
  if (unanswered !== undefined) count(unanswered.what === 'expired' ? 'holdsExpired' : 'holdsEscalated', 1);
  const is = waitsOf(after);
  if (before !== undefined && waitsOf(before) === is) return;
  if (is === 'failed') count('refundsRefused', 1);
  if (is === 'unknown') count('outcomesUnknown', 1);
}

function singleAlerts(change: RecordChange, context: Links): readonly Alert[] {
  return change.kind === 'case'
    ? caseAlerts(change.before, change.after, context)
    : refundAlerts(change.before, change.after, context);
}

function originOf({ after }: RecordChange): CaseOrigin {
  return 'charge' in after
    ? { merchant: after.charge.merchant, source: after.original.source }
    : { merchant: after.merchant, source: after.original.source };
}

/** Nothing, if the change adds nothing to what an incident counts. */
function memberOf(change: RecordChange): Member | undefined {
  if (change.kind === 'flag') {
    const was = change.before === undefined ? 'no' : waitsOf(change.before);
    return was === waitsOf(change.after) ? undefined : flagMember(change.after);
  }
  const { before, after } = change;
  const isSame =
    before !== undefined &&
    before.flags === after.flags &&
    before.status === after.status &&
    before.atStakeMinor === after.atStakeMinor &&
    before.refundedMinor === after.refundedMinor;
  return isSame ? undefined : caseMember(after);
}
