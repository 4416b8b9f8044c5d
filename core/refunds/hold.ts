import { changed } from '../cases/case.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import type { HoldReason } from '../cases/flag.ts';
import type { Attempt } from './refund-context.ts';
import type { Workflows } from './workflows.ts';

const ACTOR = 'system:hold';

/**
 * Lets the workflow wait: the flag is held and remembers the token that wakes it. When a person was faster than a
 * repetition of this step, the workflow is woken at once; the next step reads the flag, not the token's answer.
 */
export async function hold(
  { flagId, attempt, holds, token }: Attempt & { readonly holds: readonly HoldReason[]; readonly token: string },
  context: CaseContext & Pick<Workflows, 'wake'>,
): Promise<void> {
  const [flag] = await changeFlags(
    [flagId],
    ([flag]) => {
      if (flag === undefined || flag.attempt !== attempt) return [];
      const mayWait = flag.status === 'open' || flag.status === 'held' || flag.status === 'approved';
      // This token has been held before: a repetition must not undo the approval that came since.
      if (!mayWait || flag.token === token) return [];
      const act = { actor: ACTOR, atMs: context.nowMs(), reason: `waits for: ${holds.join(', ')}` };
      return [changed(flag, { status: 'held', holds, token }, act)];
    },
    context,
  );
  const waits = flag?.attempt === attempt && flag.status === 'held' && flag.token === token;
  if (!waits) await context.wake(token);
}
