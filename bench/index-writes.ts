import { INDEXES, type IndexName, itemsOf } from '../adapters/dynamodb/case-items.ts';
import type { CaseChange } from '../core/cases/case.ts';
import { moved } from '../test/fixtures/flags.ts';
import { changesOf } from './case-load.ts';

/** What the busiest partition of an index must take. AWS gives each 1,000 write units a second. */
export interface IndexWrites {
  readonly index: IndexName;
  /** Write units of one flag's life, from opened to refunded, that fall on the busiest key before it is spread. */
  readonly unitsPerFlag: number;
  readonly shards: number;
  readonly unitsPerSecond: number;
}

const BYTES_PER_UNIT = 1_024;
/** What an index entry weighs beside its keys (DynamoDB developer guide, "Storage considerations"). */
const ENTRY_BYTES = 100;

type Item = Readonly<Record<string, unknown>>;

/**
 * From the items that the store writes: an index entry is written when its key appears, and when its key changes the old
 * entry is deleted and the new one written. The worst night: one merchant, one order number, one status.
 */
export function indexWrites(flagsPerSecond: number): readonly IndexWrites[] {
  const { opened, closed } = changesOf(1);
  const stages = [opened, ...stepsTo(closed)];
  return (Object.keys(INDEXES) as IndexName[])
    .filter((index) => INDEXES[index].shards > 1)
    .map((index) => {
      const perKey = new Map<string, number>();
      const known = new Map<string, Item>();
      for (const stage of stages) {
        for (const item of itemsOf({ ...stage, audit: [] }) as readonly Item[]) {
          count(index, known.get(String(item.pk)), item, perKey);
          known.set(String(item.pk), item);
        }
      }
      const unitsPerFlag = Math.max(...perKey.values());
      const { shards } = INDEXES[index];
      return { index, unitsPerFlag, shards, unitsPerSecond: (unitsPerFlag * flagsPerSecond) / shards };
    });
}

/** The refund waits, and is then claimed and done: between them the flag has another status each time. */
function stepsTo(closed: CaseChange): readonly CaseChange[] {
  const held = closed.flags.map((flag) => moved(flag, { status: 'held' }).after);
  const claimed = closed.flags.map((flag) => moved(flag, { status: 'refunding' }).after);
  const open = { ...closed.case, status: 'open' } as const;
  return [{ ...closed, case: open, flags: held }, { ...closed, case: open, flags: claimed }, closed];
}

function count(index: IndexName, before: Item | undefined, after: Item, perKey: Map<string, number>): void {
  const { partitionKey: pk, sortKey: sk } = INDEXES[index];
  if (before?.[pk] === after[pk] && before?.[sk] === after[sk]) return;
  for (const item of [before, after]) {
    const key = item?.[pk];
    if (item === undefined || key === undefined) continue;
    const bytes = [item.pk, item.sk, key, item[sk]].reduce<number>(
      (sum, text) => sum + String(text).length,
      ENTRY_BYTES,
    );
    const unsharded = String(key).replace(/#\d+$/, '');
    perKey.set(unsharded, (perKey.get(unsharded) ?? 0) + Math.ceil(bytes / BYTES_PER_UNIT));
  }
}
