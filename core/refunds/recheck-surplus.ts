import type { Flag } from '../cases/flag.ts';
import { type RaiseContext, raiseFlags } from '../cases/raise-flags.ts';
import type { WindowStore } from '../detection/window-store.ts';

export interface RecheckContext extends RaiseContext {
  readonly windows: Pick<WindowStore, 'read'>;
}

/**
 * Reads all windows of the charge once more and flags what became surplus meanwhile. Follows every end of an attempt: a
 * charge that waited for this one may be surplus now, or no longer. Finds nothing to do when it runs again.
 */
export async function recheckSurplus(flag: Flag, actor: string, context: RecheckContext): Promise<void> {
  const found = await context.windows.read(
    flag.windows.map(({ fingerprint }) => fingerprint),
    context.nowMs(),
  );
  const windows = found.flatMap(({ window }) => (window === undefined ? [] : [window]));
  await raiseFlags(windows, actor, context);
}
