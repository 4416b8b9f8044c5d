import { beforeAll, describe, expect, it } from 'vitest';
import type { InsertOutcome } from '../../core/detection/window-store.ts';
import { START_MS } from '../fixtures/charges.ts';

const NOW = START_MS;

/** One kind of versioned item, as its port writes and reads it. */
export interface Kind<Item> {
  insertAll(items: readonly Item[]): Promise<readonly InsertOutcome[]>;
  read(items: readonly Item[], nowMs: number): Promise<readonly { item: Item | undefined; version: number }[]>;
  replace(item: Item, expectedVersion: number): Promise<'replaced' | 'conflict'>;
  /** An item that no other test has. */
  fresh(): Item;
}

interface Versioned {
  readonly version: number;
  readonly expiresAtMs: number;
}

/** What every store of versioned items must do: windows and records alike. */
export function versionedItemsSuite<Item extends Versioned>(name: string, create: () => Promise<Kind<Item>>): void {
  describe(name, () => {
    let store: Kind<Item>;
    beforeAll(async () => {
      store = await create();
    });
    const found = async (item: Item, nowMs = NOW) => (await store.read([item], nowMs))[0];
    const next = (item: Item): Item => ({ ...item, version: item.version + 1 });

    it('finds nothing where nothing is', async () => {
      expect(await found(store.fresh())).toEqual({ item: undefined, version: 0 });
    });

    it('gives back exactly what was inserted, without fields that are absent', async () => {
      const one = store.fresh();
      expect(await store.insertAll([one])).toEqual(['inserted']);
      expect(await found(one)).toEqual({ item: one, version: one.version });
    });

    it('inserts an item once; a second one changes nothing', async () => {
      const one = store.fresh();
      await store.insertAll([one]);
      expect(await store.insertAll([next(one)])).toEqual(['exists']);
      expect(await found(one)).toEqual({ item: one, version: one.version });
    });

    it('inserts many, with one outcome for each, in their order, and reads them in any order, twice', async () => {
      const many = Array.from({ length: 120 }, () => store.fresh());
      await store.insertAll(many.filter((_, at) => at % 2 === 1));
      const outcomes = await store.insertAll(many);
      expect(outcomes).toEqual(many.map((_, at) => (at % 2 === 1 ? 'exists' : 'inserted')));
      const asked = [...many.toReversed(), ...many.slice(0, 3)];
      expect((await store.read(asked, NOW)).map(({ item }) => item)).toEqual(asked);
      expect(await store.insertAll([])).toEqual([]);
      expect(await store.read([], NOW)).toEqual([]);
    });

    it('lets exactly one of many inserts at once be the first', async () => {
      const one = store.fresh();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.insertAll([one])));
      expect(outcomes.flat().filter((outcome) => outcome === 'inserted')).toHaveLength(1);
      expect(outcomes.flat().filter((outcome) => outcome === 'exists')).toHaveLength(19);
    });

    it('replaces on the version that is there, and on no other', async () => {
      const one = store.fresh();
      await store.insertAll([one]);
      expect(await store.replace(next(one), 0)).toBe('conflict');
      expect(await store.replace(next(one), one.version + 1)).toBe('conflict');
      expect(await store.replace(next(one), one.version)).toBe('replaced');
      expect(await store.replace(next(one), one.version)).toBe('conflict');
      expect(await found(one)).toEqual({ item: next(one), version: one.version + 1 });
    });

    it('writes on version 0 only where nothing is', async () => {
      const one = store.fresh();
      expect(await store.replace(one, 0)).toBe('replaced');
      expect(await store.replace(one, 0)).toBe('conflict');
    });

    it('lets exactly one of many replacements of one version win', async () => {
      const one = store.fresh();
      await store.insertAll([one]);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.replace(next(one), one.version)));
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    });

    it('drops an item from the very millisecond of its expiry on, but not its version', async () => {
      const one = { ...store.fresh(), expiresAtMs: NOW + 1_000, version: 7 };
      await store.insertAll([one]);
      expect(await found(one, NOW + 999)).toEqual({ item: one, version: 7 });
      expect(await found(one, NOW + 1_000)).toEqual({ item: undefined, version: 7 });
      expect(await store.insertAll([next(one)])).toEqual(['exists']);
      expect(await store.replace(next(one), 7)).toBe('replaced');
    });
  });
}
