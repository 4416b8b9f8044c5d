/** Somebody stopped or released refunds. */
export interface FreezeOrder {
  readonly frozen: boolean;
  /** Absent: all refunds. */
  readonly merchant?: string | undefined;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
}

export interface FreezeOrders {
  /** The newest order for all refunds, and for each of the merchants, where there is one. */
  newestOrders(merchants: readonly string[]): Promise<readonly FreezeOrder[]>;
}

export type FreezeOutcome =
  | { readonly kind: 'changed' }
  /** It was so already, by somebody's earlier word, which stays. */
  | { readonly kind: 'already'; readonly by: string; readonly reason: string; readonly atMs: number };
