import type { FlagId, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import type { WindowStore } from '../detection/window-store.ts';
import { bug } from '../fault.ts';

/** One try at a refund: what every step of the workflow is given. */
export interface Attempt {
  readonly flagId: FlagId;
  readonly attempt: number;
}

/** The flag, when this attempt is still the one that counts. */
export async function flagOf(
  { flagId, attempt }: Attempt,
  context: { readonly cases: Pick<CaseStore, 'readFlags'> },
): Promise<Flag | undefined> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) throw bug(`flag ${flagId} is not in the store`);
  return flag.attempt === attempt ? flag : undefined;
}

/** The window whose detector decides over the flag. */
export async function decidingWindow(
  flag: Flag,
  context: { readonly windows: Pick<WindowStore, 'read'>; readonly nowMs: () => Ms },
): Promise<ChargeWindow | undefined> {
  const affectedWindow = flag.windows.find(({ detector }) => detector === flag.detector);
  if (affectedWindow === undefined) return undefined;
  const [found] = await context.windows.read([affectedWindow.fingerprint], context.nowMs());
  return found?.window;
}
