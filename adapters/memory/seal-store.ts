import type { SealStore } from '../../core/cases/seal.ts';

/** Seals in this process, each written once and for good. For tests. */
export function createMemorySealStore(): SealStore {
  const seals = new Map<string, string>();
  const parts = new Map<string, string>();
  return {
    days: async () => [...seals.keys()].sort(),
    readSeal: async (day) => seals.get(day),
    putSeal: async (day, text) => {
      if (seals.has(day)) return 'there-is-one';
      seals.set(day, text);
      return 'written';
    },
    readPart: async (sha256) => parts.get(sha256),
    putPart: async (sha256, text) => {
      if (!parts.has(sha256)) parts.set(sha256, text);
    },
  };
}
