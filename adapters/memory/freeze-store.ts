import type { FreezeOrder, FreezeStore } from '../../core/refunds/freeze.ts';

/** Keeps freeze orders in this process, with the answers of the store in DynamoDB. For tests and the simulator. */
export function createMemoryFreezeStore(): FreezeStore {
  const standing = new Map<string | undefined, FreezeOrder>();
  const isFrozen = (merchant: string | undefined) => standing.get(merchant)?.frozen === true;
  return {
    issue: async (order) => {
      const before = standing.get(order.merchant);
      if (isFrozen(order.merchant) === order.frozen) {
        return before === undefined ? { kind: 'already' } : { kind: 'already', standing: before };
      }
      standing.set(order.merchant, order);
      return { kind: 'changed', standing: order };
    },
    newestOrders: async (merchants) => [undefined, ...merchants].flatMap((merchant) => standing.get(merchant) ?? []),
    isFrozen: async (merchant) => isFrozen(undefined) || isFrozen(merchant),
    isMigrating: async () => false,
  };
}
