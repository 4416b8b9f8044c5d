import { changed } from '../cases/case.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import { type Flag, passesByItself } from '../cases/flag.ts';
import type { RefundSettings } from './refund-settings.ts';

const ACTOR = 'system:sweep';

export type Overdue = 'escalate' | 'expire' | 'no';

/**
 * What is due of a hold that people have not answered: first it is told more loudly, then it ends, and never by moving
 * money. A hold that waits only for a thaw or for the next hour's budget asks nobody, and so is never overdue.
 */
export function overdue(flag: Flag, { refunds: { holds } }: Pick<RefundSettings, 'refunds'>, nowMs: number): Overdue {
  const { status, waitsSinceMs, escalatedAtMs } = flag;
  if (status !== 'held' || waitsSinceMs === undefined || (flag.holds ?? []).every(passesByItself)) return 'no';
  const waitedMs = nowMs - waitsSinceMs;
  if (waitedMs >= holds.expireAfterMs) return 'expire';
  return waitedMs >= holds.escalateAfterMs && escalatedAtMs === undefined ? 'escalate' : 'no';
}

/**
 * Escalates or expires a hold that is overdue. Decided again on the flag as it is when it is written, so that neither a
 * repetition nor a person who was faster is overruled. The waiting workflow follows from the flag's change.
 *
 * @returns the flag as it is afterwards.
 */
export async function pressHold(
  { id }: Pick<Flag, 'id'>,
  context: CaseContext & { readonly configuration: RefundSettings },
): Promise<Flag | undefined> {
  const [after] = await changeFlags(
    [id],
    ([flag]) => {
      const atMs = context.nowMs();
      const due = flag === undefined ? 'no' : overdue(flag, context.configuration, atMs);
      if (flag === undefined || due === 'no') return [];
      const since = new Date(flag.waitsSinceMs ?? atMs).toISOString();
      const act = { actor: ACTOR, atMs, reason: `nobody has answered since ${since}` };
      const change = due === 'escalate' ? { escalatedAtMs: atMs } : ({ status: 'expired' } as const);
      return [changed(flag, change, act)];
    },
    context,
  );
  return after;
}
