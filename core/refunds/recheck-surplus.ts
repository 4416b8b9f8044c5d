import type { Flag } from '../cases/flag.ts';
import { type RaiseContext, raiseFlags } from '../cases/raise-flags.ts';
import { readViews, strongestFirst, type ViewContext } from '../detection/read-views.ts';
import { filedIn } from './attempt.ts';

export interface RecheckContext extends RaiseContext, ViewContext {}

/**
 * Reads all windows of the charge and their records once more and flags what became surplus meanwhile. Follows every end
 * of an attempt: a charge that waited for this one may be surplus now, or no longer. Finds nothing to do when it runs
 * again.
 */
export async function recheckSurplus(flag: Flag, actor: string, context: RecheckContext): Promise<void> {
  const filed = await filedIn(flag, context);
  const views = await readViews(
    filed.map(({ fingerprint }) => fingerprint),
    context,
  );
  await raiseFlags(strongestFirst(views, context.configuration), actor, context);
}
