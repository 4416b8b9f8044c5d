import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryWindowStore } from '../../adapters/memory/window-store.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import { unreadableChange, unreadableWindow } from './readable.ts';
import type { Referee } from './referee.ts';

const READABLE = 'what is written can be read';

/** The store, with the referee checking each write at the moment of the write. */
export function refereedWindows(store: MemoryWindowStore, referee: Referee, nowMs: () => number): WindowStore {
  const found = (fingerprint: string) => {
    const window = store.all().find((each) => each.fingerprint === fingerprint);
    return window !== undefined && window.expiresAtMs > nowMs() ? window : undefined;
  };
  const mustBeReadable = (window: ChargeWindow) => {
    const fault = unreadableWindow(window);
    if (fault !== undefined) referee.break(READABLE, fault);
  };
  return {
    read: store.read,
    insertAll: async (windows) => {
      const outcomes = await store.insertAll(windows);
      const inserted = windows.filter((_, at) => outcomes[at] === 'inserted');
      inserted.forEach(mustBeReadable);
      referee.onWindows(inserted.map((after) => ({ before: undefined, after })));
      return outcomes;
    },
    replaceAll: async (replacements) => {
      const written = replacements.map(({ window: after }) => ({ before: found(after.fingerprint), after }));
      const outcome = await store.replaceAll(replacements);
      if (outcome === 'replaced') {
        for (const { after } of written) mustBeReadable(after);
        referee.onWindows(written);
      }
      return outcome;
    },
  };
}

/** The same for flags; each that was written goes to the outbox. */
export function refereedCases(store: MemoryCaseStore, referee: Referee, onFlag: (flag: Flag) => void): CaseStore {
  return {
    ...store,
    commit: async (change) => {
      const before = new Map(store.allFlags().map((flag) => [flag.id, flag]));
      const outcome = await store.commit(change);
      if (outcome === 'committed') {
        const fault = unreadableChange(change);
        if (fault !== undefined) referee.break(READABLE, fault);
        referee.onCommit(change, before);
        for (const flag of change.flags) onFlag(flag);
      }
      return outcome;
    },
  };
}
