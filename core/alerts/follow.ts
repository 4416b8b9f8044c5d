import type { IncidentStore, LiveIncident, OpenedCase } from '../incidents/incident-store.ts';
import { covers } from '../incidents/scope.ts';
import { caseMember } from '../incidents/totals.ts';
import type { RecordChange } from './notify.ts';
import { type OpenContext, openIncidents } from './open-incidents.ts';

export interface FollowContext extends OpenContext {
  readonly incidents: OpenContext['incidents'] & Pick<IncidentStore, 'noteOpened'>;
}

/** One worker looks for bursts at most so often; the minute's run looks too, so that none is missed. */
const LOOK_MS = 1_000;

/**
 * Before a batch is notified: notes the cases that it opens, looks whether they make a burst, and answers which incidents are
 * live. What it answers is as of after the notes, so that a case is either notified, or folded, or both, never neither.
 */
export function createFollower(
  context: FollowContext,
): (batch: readonly RecordChange[]) => Promise<readonly LiveIncident[]> {
  let lookedMs = Number.NEGATIVE_INFINITY;
  /** Cases were noted that no look has counted yet. */
  let isUncounted = false;
  let newestMs = 0;
  return async (batch) => {
    const { incidents, count, nowMs } = context;
    const opened = batch.flatMap(openedIn);
    if (opened.length > 0) {
      await incidents.noteOpened(opened);
      count('casesOpened', opened.length);
      newestMs = Math.max(...opened.map(({ openedAtMs }) => openedAtMs));
    }
    const live = await incidents.liveIncidents();
    isUncounted ||= opened.some((one) => !live.some(({ scope }) => covers(scope, one)));
    if (!isUncounted || nowMs() - lookedMs < LOOK_MS) return live;
    lookedMs = nowMs();
    isUncounted = false;
    // When the outbox is read late, what is a burst was one then: the window ends where the newest noted case is.
    return openIncidents(live, context, Math.min(nowMs(), newestMs));
  };
}

function openedIn(change: RecordChange): readonly OpenedCase[] {
  if (change.kind !== 'case' || change.before !== undefined) return [];
  const { id, merchant, original, openedAtMs } = change.after;
  return [{ caseId: id, merchant, source: original.source, openedAtMs, member: caseMember(change.after) }];
}
