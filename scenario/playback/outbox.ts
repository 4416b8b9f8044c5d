import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { RecordChange } from '../../core/alerts/notify.ts';

/** Returns the store with an outbox: each commit delivers its changes, the case first, as the table's stream does. */
export function withOutbox(
  cases: MemoryCaseStore,
  deliver: (changes: readonly RecordChange[]) => void,
): MemoryCaseStore {
  return {
    ...cases,
    commit: async (change) => {
      const before = await cases.readCase(change.case.id);
      const flagsBefore = await cases.readFlags(change.flags.map(({ id }) => id));
      const outcome = await cases.commit(change);
      if (outcome === 'committed') {
        const flags = change.flags.map((after, at) => ({ kind: 'flag', before: flagsBefore[at], after }) as const);
        deliver([{ kind: 'case', before, after: change.case }, ...flags]);
      }
      return outcome;
    },
  };
}
