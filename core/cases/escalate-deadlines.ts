import type { CaseId } from '../brands.ts';
import { DAY_MS, HOUR_MS, iso } from '../clock-units.ts';
import { pages } from '../pages.ts';
import type { CaseStore } from './case-store.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import { type Flag, isUnresolved } from './flag.ts';
import { markUrgent } from './flag-transitions.ts';

const ACTOR = 'system:sweep';
/** So long before its deadline an unresolved case asks for people. */
const ESCALATE_BEFORE_MS = 10 * DAY_MS;
/** A younger case is still on its way: a scheme of a few days must not cry for each refund in its grace period. */
const YOUNG_MS = HOUR_MS;
const PAGE = 100;
/** Bounds one run. What was marked leaves the list, so the next run goes on where this one ended. */
const PAGES_MAX = 5;

export interface EscalateContext extends CaseContext {
  readonly cases: CaseContext['cases'] & Pick<CaseStore, 'casesNotUrgent' | 'flagsOf'>;
}

/**
 * Marks each unresolved case whose deadline is near, once each time that it was opened: the mark is a change of the flag
 * whose deadline comes first, audited as any other, and the case's change that it brings is the alert.
 *
 * @returns how many cases were marked.
 */
export async function escalateDeadlines(context: EscalateContext): Promise<number> {
  const { cases, nowMs } = context;
  let marked = 0;
  for await (const { items } of pages((place) => cases.casesNotUrgent({ limit: PAGE, ...place }), PAGES_MAX)) {
    const near = items.filter(
      ({ deadlineAtMs }) => (deadlineAtMs ?? Number.POSITIVE_INFINITY) - nowMs() <= ESCALATE_BEFORE_MS,
    );
    for (const { id } of near.filter(({ openedAtMs }) => nowMs() - openedAtMs >= YOUNG_MS)) {
      if (await escalate(id, context)) marked++;
    }
    if (near.length < items.length) break;
  }
  return marked;
}

async function escalate(caseId: CaseId, context: EscalateContext): Promise<boolean> {
  const [first] = (await context.cases.flagsOf(caseId))
    .filter(isUnresolved)
    .toSorted((a, b) => a.deadlineAtMs - b.deadlineAtMs);
  if (first === undefined) return false;
  const atMs = context.nowMs();
  const [after] = await changeFlags(
    [first.id],
    ([flag]) => {
      if (flag === undefined || flag.urgentSinceMs !== undefined || !isUnresolved(flag)) return [];
      return [markUrgent(flag, { actor: ACTOR, atMs, reason: reasonOf(flag) })];
    },
    context,
  );
  return after?.urgentSinceMs === atMs;
}

function reasonOf({ scheme, reasonCode, deadlineAtMs }: Flag): string {
  const deadline = iso(deadlineAtMs);
  return `must be closed by ${deadline} (${scheme} ${reasonCode})`;
}
