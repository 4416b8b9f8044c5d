import type { Flag } from '../cases/flag.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import type { Workflows } from './workflows.ts';

export interface DispatchContext {
  readonly configuration: Pick<DetectorCatalog, 'detectorFor'>;
  readonly workflows: Workflows;
}

/**
 * What a flag's state asks of its workflow: an open one is started, one whose hold people or the system have ended is woken.
 * Both are idempotent, so a flag may be dispatched as often as its record is delivered.
 */
export async function dispatch(
  flag: Flag,
  { configuration, workflows }: DispatchContext,
): Promise<'started' | 'already-started' | 'woken' | 'gone' | 'nothing'> {
  switch (flag.status) {
    case 'open': {
      const graceMs = configuration.detectorFor(flag.detector, flag.charge)?.graceMs ?? 0;
      return workflows.start({ flagId: flag.id, attempt: flag.attempt, graceMs });
    }
    case 'approved':
    case 'expired':
    case 'kept':
    case 'dismissed':
      return flag.wait === undefined ? 'nothing' : workflows.wake(flag.wait.token);
    case 'held':
    case 'refunding':
    case 'refunded':
    case 'refunded-in-error':
    case 'reversed-externally':
    case 'failed':
    case 'monitored':
      return 'nothing';
  }
}
