import type { Ms } from '../brands.ts';
import { MINUTE_MS } from '../clock-units.ts';

/** What one operator did, and when. */
interface Act {
  readonly by: string;
  readonly atMs: Ms;
}

/** The request to end one freeze. It counts once another operator confirms it. */
export interface ThawRequest {
  readonly id: string;
  /** Absent: all refunds. */
  readonly merchant?: string | undefined;
  readonly reason: string;
  readonly requested: Act;
}

/** An operator's order: refunds are frozen, or they are not. */
export interface FreezeOrder {
  readonly frozen: boolean;
  /** Absent: the order is for all refunds. */
  readonly merchant?: string | undefined;
  /** The subject of the operator who froze, or who asked for the thaw. */
  readonly by: string;
  readonly reason: string;
  readonly atMs: Ms;
  /** Of a freeze: the thaw that waits for another operator. Of a thaw: what was asked for; absent in orders of version 1. */
  readonly thaw?: (ThawRequest & { readonly confirmed?: Act | undefined }) | undefined;
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
   *
   * A thaw ends only the freeze whose pending thaw it confirms. Without that one it is `already`, with what stands.
   * A freeze replaces a standing freeze whose thaw is pending: nothing confirms that thaw afterwards.
   */
  issue(order: FreezeOrder): Promise<FreezeOutcome>;
  /**
   * Puts the request beside the standing freeze and keeps it as an act, in one transaction. `conflict` where the order that
   * was read no longer stands as it was: read again.
   */
  requestThaw(request: ThawRequest, standing: FreezeOrder): Promise<'requested' | 'conflict'>;
  /** Returns a request by its id, also one that is over. */
  thawRequest(id: string): Promise<ThawRequest | undefined>;
  /** Returns the standing order for all refunds, then those of the merchants in the order asked; absent ones are left out. */
  newestOrders(merchants: readonly string[]): Promise<readonly FreezeOrder[]>;
  /** Returns true while all refunds, or this merchant's, are frozen. */
  isFrozen(merchant: string): Promise<boolean>;
  /** Returns true while charges of version 1 have no records yet: a claim that would be denied then may only lack its record. */
  isMigrating(): Promise<boolean>;
}

/** The sweep runs this often: refunds that only a freeze held go on within it after a thaw. */
export const SWEEP_INTERVAL_MS = 5 * MINUTE_MS;

/** A freeze or a thaw, as an operator asks for it. */
export interface FreezeRequest {
  /** Absent: all refunds. */
  readonly merchant?: string | undefined;
  readonly by: string;
  readonly reason: string;
}

export interface FreezeContext {
  readonly freezes: Pick<FreezeStore, 'issue'>;
  readonly nowMs: () => Ms;
}

/** Stops refunds before their next call to a processor. Detection goes on, and flags wait. A pending thaw ends. */
export function freeze(request: FreezeRequest, { freezes, nowMs }: FreezeContext): Promise<FreezeOutcome> {
  return freezes.issue({ ...request, frozen: true, atMs: nowMs() });
}
