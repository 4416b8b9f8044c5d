import type { FlagId } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import { bug } from '../fault.ts';
import type { Budgets } from './budgets.ts';
import type { WindowsContext } from './change-windows.ts';
import type { FreezeStore } from './freeze.ts';
import type { RefundGateway } from './refund-gateway.ts';

export interface RefundContext extends WindowsContext {
  readonly budgets: Budgets;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
  readonly gatewayOf: (source: string) => RefundGateway;
}

/** One try at a refund: what every step of the workflow is given. */
export interface Attempt {
  readonly flagId: FlagId;
  readonly attempt: number;
}

/** The flag, when this attempt is still the one that counts. */
export async function flagOf(
  { flagId, attempt }: Attempt,
  context: Pick<RefundContext, 'cases'>,
): Promise<Flag | undefined> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) throw bug(`flag ${flagId} is not in the store`);
  return flag.attempt === attempt ? flag : undefined;
}

/** The window whose detector decides over the flag. */
export async function decidingWindow(
  flag: Flag,
  context: Pick<RefundContext, 'windows' | 'nowMs'>,
): Promise<ChargeWindow | undefined> {
  const affectedWindow = flag.windows.find(({ detector }) => detector === flag.detector);
  if (affectedWindow === undefined) return undefined;
  const [found] = await context.windows.read([affectedWindow.fingerprint], context.nowMs());
  return found?.window;
}
