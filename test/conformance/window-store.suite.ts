import { beforeAll, describe, expect, it } from 'vitest';
import { asFingerprint, type Fingerprint } from '../../core/brands.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import { observe } from '../../core/detection/transitions.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import { captured, charge, START_MS } from '../fixtures/charges.ts';
import { detector } from '../fixtures/configurations.ts';

const NOW = START_MS;
let named = 0;

/** A window of one original that no other test has; a test shows what it changes. */
function window(shows: Partial<ChargeWindow> = {}): ChargeWindow {
  const { timeMs, charge: of } = captured(charge({ chargeId: 'ch_1', part: 'deposit' }));
  const fingerprint = asFingerprint(`same-order#k1#${++named}`);
  const empty = { fingerprint, detector: 'same-order', version: 0, expiresAtMs: 0, entries: [] };
  const seen = { charge: of, timeMs, nowMs: NOW, arrivedMs: NOW };
  return { ...observe(empty, detector('same-order'), seen).window, ...shows };
}

function next(before: ChargeWindow, shows: Partial<ChargeWindow> = {}): ChargeWindow {
  return { ...before, version: before.version + 1, ...shows };
}

/** What every store of charge windows must do. */
export function windowStoreSuite(name: string, create: () => Promise<WindowStore>): void {
  describe(`the window store ${name}`, () => {
    let store: WindowStore;
    beforeAll(async () => {
      store = await create();
    });
    const found = async (fingerprint: Fingerprint, nowMs = NOW) => (await store.read([fingerprint], nowMs))[0];

    it('finds nothing where nothing is', async () => {
      expect(await found(asFingerprint('nowhere'))).toEqual({ window: undefined, version: 0 });
    });

    it('gives back exactly what was inserted, without fields that are absent', async () => {
      const one = window();
      expect(await store.insertAll([one])).toEqual(['inserted']);
      expect(await found(one.fingerprint)).toEqual({ window: one, version: 1 });
    });

    it('inserts a window once; a second one changes nothing', async () => {
      const one = window();
      await store.insertAll([one]);
      expect(await store.insertAll([{ ...one, version: 9, entries: [] }])).toEqual(['exists']);
      expect(await found(one.fingerprint)).toEqual({ window: one, version: 1 });
    });

    it('inserts many, with one outcome for each, in their order', async () => {
      const many = Array.from({ length: 60 }, () => window());
      const odd = many.filter((_, at) => at % 2 === 1);
      await store.insertAll(odd);
      const outcomes = await store.insertAll(many);
      expect(outcomes).toEqual(many.map((_, at) => (at % 2 === 1 ? 'exists' : 'inserted')));
      const read = await store.read(
        many.map(({ fingerprint }) => fingerprint),
        NOW,
      );
      expect(read.map(({ window }) => window?.fingerprint)).toEqual(many.map(({ fingerprint }) => fingerprint));
      expect(await store.insertAll([])).toEqual([]);
    });

    it('lets exactly one of many inserts at once be the first', async () => {
      const one = window();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.insertAll([one])));
      expect(outcomes.flat().filter((outcome) => outcome === 'inserted')).toHaveLength(1);
      expect(outcomes.flat().filter((outcome) => outcome === 'exists')).toHaveLength(19);
    });

    it('replaces on the version that is there, and on no other', async () => {
      const one = window();
      await store.insertAll([one]);
      const two = next(one, { closed: { owed: 0, atMs: NOW, source: '/p' } });
      expect(await store.replaceAll([{ window: two, expectedVersion: 0 }])).toBe('conflict');
      expect(await store.replaceAll([{ window: two, expectedVersion: 2 }])).toBe('conflict');
      expect(await store.replaceAll([{ window: two, expectedVersion: 1 }])).toBe('replaced');
      expect(await store.replaceAll([{ window: two, expectedVersion: 1 }])).toBe('conflict');
      expect(await found(one.fingerprint)).toEqual({ window: two, version: 2 });
    });

    it('writes on version 0 only where nothing is', async () => {
      const one = window();
      expect(await store.replaceAll([{ window: one, expectedVersion: 0 }])).toBe('replaced');
      expect(await store.replaceAll([{ window: one, expectedVersion: 0 }])).toBe('conflict');
    });

    it('writes several windows together, or none of them', async () => {
      const [a, b, c] = [window(), window(), window()];
      await store.insertAll([a, b]);
      const changes = [a, b].map((before) => ({ window: next(before), expectedVersion: 1 }));
      const stale = { window: next(c), expectedVersion: 1 };
      expect(await store.replaceAll([...changes, stale])).toBe('conflict');
      expect((await found(a.fingerprint))?.version).toBe(1);
      expect(await store.replaceAll([...changes, { window: c, expectedVersion: 0 }])).toBe('replaced');
      const read = await store.read(
        [a, b, c].map(({ fingerprint }) => fingerprint),
        NOW,
      );
      expect(read.map(({ version }) => version)).toEqual([2, 2, 1]);
    });

    it('lets exactly one of many replacements of one version win, alone or in transactions', async () => {
      const [a, b] = [window(), window()];
      await store.insertAll([a, b]);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, worker) => {
          const changes = (worker % 2 === 0 ? [a] : [a, b]).map((before) => ({
            window: next(before),
            expectedVersion: 1,
          }));
          return store.replaceAll(changes);
        }),
      );
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    });

    it('drops a window from the very millisecond of its expiry on, but not its version', async () => {
      const one = window({ expiresAtMs: NOW + 1_000, version: 7 });
      await store.insertAll([one]);
      expect(await found(one.fingerprint, NOW + 999)).toEqual({ window: one, version: 7 });
      expect(await found(one.fingerprint, NOW + 1_000)).toEqual({ window: undefined, version: 7 });
      expect(await store.insertAll([next(one)])).toEqual(['exists']);
      expect(await store.replaceAll([{ window: next(one), expectedVersion: 7 }])).toBe('replaced');
    });

    it('keeps a window of hundreds of charges', async () => {
      const [entry] = window().entries;
      if (entry === undefined) throw new Error('a window without entry');
      const entries = Array.from({ length: 800 }, (_, n) => ({ ...entry, chargeId: `ch_${n}` }));
      const large = window({ entries });
      await store.insertAll([large]);
      expect((await found(large.fingerprint))?.window?.entries).toHaveLength(800);
    });
  });
}
