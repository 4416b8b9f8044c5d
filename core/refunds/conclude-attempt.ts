import { changeFlags } from '../cases/change-flag.ts';
import type { Flag } from '../cases/flag.ts';
import { dismiss as dismissFlag, may } from '../cases/flag-transitions.ts';
import { raiseFlags } from '../cases/raise-flags.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';
import { attemptName } from '../detection/refund-reference.ts';
import type { WindowsContext } from './change-windows.ts';
import { denialFacts, explainDenial } from './denial.ts';
import type { RefundContext } from './refund-context.ts';

const ACTOR = 'system:claim';

/** Whoever ends a claim looks at all windows of the charge once more: what became surplus meanwhile is flagged. */
export async function lookAgain(flag: Flag, actor: string, context: WindowsContext): Promise<void> {
  const found = await context.windows.read(
    flag.windows.map(({ fingerprint }) => fingerprint),
    context.nowMs(),
  );
  const windows = found.flatMap(({ window }) => (window === undefined ? [] : [window]));
  await raiseFlags(windows, actor, context);
}

/** No claim: the flag is dismissed with the reason, and the windows are looked at once more. */
export async function dismiss(flag: Flag, { reason, deciding }: Denial, context: RefundContext): Promise<void> {
  const denialText = explainDenial(reason, denialFacts(deciding, flag));
  await context.controls.giveBack(attemptName(flag));
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.attempt !== flag.attempt || !may('dismiss', now)) return [];
      const act = { actor: ACTOR, atMs: context.nowMs(), reason: `no refund: ${denialText}` };
      return [dismissFlag(now, { denial: reason, denialText }, act)];
    },
    context,
  );
  await lookAgain(flag, ACTOR, context);
}

/** A denial and the deciding window as it was then. */
export interface Denial {
  readonly reason: DenialReason;
  readonly deciding: ChargeWindow;
}
