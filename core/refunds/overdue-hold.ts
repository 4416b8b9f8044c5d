import type { Ms } from '../brands.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import { type Asked, type Flag, passesByItself } from '../cases/flag.ts';
import { escalate, expire } from '../cases/flag-transitions.ts';
import { iso } from '../clock-units.ts';
import type { RefundSettings } from './refund-settings.ts';

const ACTOR = 'system:sweep';

export type Overdue = { readonly due: 'escalate' | 'expire'; readonly asked: Asked } | { readonly due: 'no' };

/**
 * What is due of a hold that people have not answered: first it is notified with a higher severity, then it ends, and never by moving
 * money. A hold that waits only for a thaw or for the next hour's budget asks nobody, and so is never overdue.
 */
export function overdue(flag: Flag, { refunds: { holds } }: Pick<RefundSettings, 'refunds'>, nowMs: Ms): Overdue {
  if (flag.status !== 'held') return { due: 'no' };
  const { asked, waitsFor: reasons } = flag.wait;
  if (asked === undefined || reasons.every(passesByItself)) return { due: 'no' };
  const waitedMs = nowMs - asked.sinceMs;
  if (waitedMs >= holds.expireAfterMs) return { due: 'expire', asked };
  const isQuiet = waitedMs < holds.escalateAfterMs || asked.escalatedAtMs !== undefined;
  return isQuiet ? { due: 'no' } : { due: 'escalate', asked };
}

/**
 * Escalates or expires a hold that is overdue. Decided again on the flag as it is when it is written, so that neither a
 * repetition nor a person who was faster is overruled. The waiting workflow follows from the flag's change.
 *
 * @returns the flag as it is afterwards.
 */
export async function escalateHold(
  { id }: Pick<Flag, 'id'>,
  context: CaseContext & { readonly configuration: RefundSettings },
): Promise<Flag | undefined> {
  const [after] = await changeFlags(
    [id],
    ([flag]) => {
      const atMs = context.nowMs();
      if (flag?.status !== 'held') return [];
      const late = overdue(flag, context.configuration, atMs);
      if (late.due === 'no') return [];
      const since = iso(late.asked.sinceMs);
      const act = { actor: ACTOR, atMs, reason: `no answer since ${since}` };
      return [(late.due === 'escalate' ? escalate : expire)(flag, late.asked, act)];
    },
    context,
  );
  return after;
}
