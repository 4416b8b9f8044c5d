import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryWindowStore } from '../../adapters/memory/window-store.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { Watch } from './watch.ts';

/** The store, with the watch looking at what was written in the very moment in which it is. */
export function watchedWindows(store: MemoryWindowStore, watch: Watch, nowMs: () => number): WindowStore {
  const found = (fingerprint: string) => {
    const window = store.all().find((each) => each.fingerprint === fingerprint);
    return window !== undefined && window.expiresAtMs > nowMs() ? window : undefined;
  };
  return {
    read: store.read,
    insertAll: async (windows) => {
      const outcomes = await store.insertAll(windows);
      const inserted = windows.filter((_, at) => outcomes[at] === 'inserted');
      watch.onWindows(inserted.map((after) => ({ before: undefined, after })));
      return outcomes;
    },
    replaceAll: async (replacements) => {
      const written = replacements.map(({ window: after }) => ({ before: found(after.fingerprint), after }));
      const outcome = await store.replaceAll(replacements);
      if (outcome === 'replaced') watch.onWindows(written);
      return outcome;
    },
  };
}

/** The same for flags; each that was written is told to the outbox. */
export function watchedCases(store: MemoryCaseStore, watch: Watch, onFlag: (flag: Flag) => void): CaseStore {
  return {
    ...store,
    commit: async (change) => {
      const before = new Map(store.allFlags().map((flag) => [flag.id, flag]));
      const outcome = await store.commit(change);
      if (outcome === 'committed') {
        watch.onCommit(change, before);
        for (const flag of change.flags) onFlag(flag);
      }
      return outcome;
    },
  };
}
