import type { CapRaise, CapRaiseStore, StoredRaises } from '../../core/refunds/cap-raise.ts';

export type MemoryCapRaises = CapRaiseStore & { acts(): readonly CapRaise[] };

/** Raises of caps in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryCapRaises(): MemoryCapRaises {
  const stored = new Map<string, StoredRaises>();
  const acts: CapRaise[] = [];
  const readNow = (currency: string) => stored.get(currency) ?? { version: 0, raises: [] };
  return {
    acts: () => [...acts],
    raisesIn: async (currency) => readNow(currency),
    replaceRaises: async ({ currency, read, raises, act }) => {
      if (readNow(currency).version !== read.version) return 'conflict';
      stored.set(currency, { version: read.version + 1, raises });
      acts.push(act);
      return 'replaced';
    },
  };
}
