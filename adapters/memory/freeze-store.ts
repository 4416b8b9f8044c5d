import type { FreezeOrder, FreezeStore, ThawRequest } from '../../core/refunds/freeze.ts';

/** Keeps freeze orders in this process, with the answers of the store in DynamoDB. For tests and the simulator. */
export function createMemoryFreezeStore(): FreezeStore {
  const standing = new Map<string | undefined, FreezeOrder>();
  const requests = new Map<string, ThawRequest>();
  const isFrozen = (merchant: string | undefined) => standing.get(merchant)?.frozen === true;
  const isChange = ({ merchant, frozen, thaw }: FreezeOrder) => {
    const pending = isFrozen(merchant) ? standing.get(merchant)?.thaw : undefined;
    return frozen ? !isFrozen(merchant) || pending !== undefined : pending !== undefined && pending.id === thaw?.id;
  };
  return {
    issue: async (order) => {
      const before = standing.get(order.merchant);
      if (!isChange(order)) return before === undefined ? { kind: 'already' } : { kind: 'already', standing: before };
      standing.set(order.merchant, order);
      return { kind: 'changed', standing: order };
    },
    requestThaw: async (request, read) => {
      const before = standing.get(request.merchant);
      if (!before?.frozen || before.atMs !== read.atMs || before.thaw?.id !== read.thaw?.id) return 'conflict';
      standing.set(request.merchant, { ...before, thaw: request });
      requests.set(request.id, request);
      return 'requested';
    },
    thawRequest: async (id) => requests.get(id),
    newestOrders: async (merchants) => [undefined, ...merchants].flatMap((merchant) => standing.get(merchant) ?? []),
    isFrozen: async (merchant) => isFrozen(undefined) || isFrozen(merchant),
    isMigrating: async () => false,
  };
}
