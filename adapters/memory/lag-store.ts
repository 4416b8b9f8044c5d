import { LAG_CLASSES_MS, type LagStore } from '../../core/detection/reader-lag.ts';

export function createMemoryLagStore(): LagStore {
  const known = new Map<number, number>();
  return {
    reportLag: async ({ classMs, atMs }) => {
      for (const each of LAG_CLASSES_MS.filter((smaller) => smaller <= classMs)) {
        known.set(each, Math.max(atMs, known.get(each) ?? atMs));
      }
    },
    readLag: async () => new Map(known),
  };
}
