import type { Ms } from '../brands.ts';
import { MINUTE_MS } from '../clock-units.ts';

/** An operator's order: refunds are frozen, or they are not. */
export interface FreezeOrder {
  readonly frozen: boolean;
  /** Absent: the order is for all refunds. */
  readonly merchant?: string | undefined;
  /** The operator: the subject of a token, or the name that the command line gave. */
  readonly by: string;
  readonly reason: string;
  readonly atMs: Ms;
}

export type FreezeOutcome =
  | { readonly kind: 'changed'; readonly standing: FreezeOrder }
  /** An earlier order had the same effect and stands. It is absent where refunds were never frozen. */
  | { readonly kind: 'already'; readonly standing?: FreezeOrder }
  /** A freeze stands that no operator can end. */
  | { readonly kind: 'refused'; readonly standing: FreezeOrder };

/**
 * Keeps the orders that freeze and thaw refunds: one standing order for all refunds, and one for each merchant. The two
 * are independent: a merchant's refunds stop while either is frozen.
 *
 * Every write is atomic and every read strongly consistent: a read that begins after `issue` has answered sees the order.
 * Methods reject only when the store cannot be reached or an item in it cannot be read; a refund then waits.
 */
export interface FreezeStore {
  /**
   * Puts an order in the place of the standing one, and keeps it as an act of its own, in one transaction. An order that
   * would change nothing is not written: the standing order is answered. So a repeated order is harmless, and of two
   * operators who freeze at once one is answered `changed` and the other `already`, with the first one's order.
   */
  issue(order: FreezeOrder): Promise<FreezeOutcome>;
  /** Returns the standing order for all refunds, then those of the merchants in the order asked; absent ones are left out. */
  newestOrders(merchants: readonly string[]): Promise<readonly FreezeOrder[]>;
  /** Returns true while all refunds, or this merchant's, are frozen. */
  isFrozen(merchant: string): Promise<boolean>;
  /** Returns true while charges of version 1 have no records yet: a claim that would be denied then may only lack its record. */
  isMigrating(): Promise<boolean>;
}

/** The sweep runs this often: refunds that only a freeze held go on within it after a thaw. */
export const SWEEP_INTERVAL_MS = 5 * MINUTE_MS;

/** What an operator asks for. */
export interface FreezeRequest {
  /** Absent: all refunds. */
  readonly merchant?: string | undefined;
  readonly by: string;
  readonly reason: string;
}

export interface FreezeContext {
  readonly freezes: Pick<FreezeStore, 'issue' | 'newestOrders'>;
  readonly nowMs: () => Ms;
}

export type ThawOutcome = FreezeOutcome & {
  /** The order that still freezes all refunds after one merchant's were thawed. */
  readonly stillFrozen?: FreezeOrder;
};

/** Stops refunds before their next call to a processor. Detection goes on, and flags wait. */
export function freeze(request: FreezeRequest, { freezes, nowMs }: FreezeContext): Promise<FreezeOutcome> {
  return freezes.issue({ ...request, frozen: true, atMs: nowMs() });
}

/** Ends a freeze. The sweep lets refunds that only the freeze held go on; a thaw of all leaves merchants' own freezes. */
export async function thaw(request: FreezeRequest, { freezes, nowMs }: FreezeContext): Promise<ThawOutcome> {
  const outcome = await freezes.issue({ ...request, frozen: false, atMs: nowMs() });
  if (request.merchant === undefined || outcome.kind === 'refused') return outcome;
  const [ofAll] = await freezes.newestOrders([]);
  return ofAll?.frozen ? { ...outcome, stillFrozen: ofAll } : outcome;
}
