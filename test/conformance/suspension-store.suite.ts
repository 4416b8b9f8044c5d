import { beforeAll, describe, expect, it } from 'vitest';
import type { Contradiction, SuspensionStore } from '../../core/detection/suspensions.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';

let named = 0;

function contradiction(shows: Partial<Contradiction> = {}): Contradiction {
  return {
    source: '/processors/wallet',
    merchant: `m_${++named}`,
    attestation: 'single-charge',
    order: 'o_1',
    atMs: START_MS,
    ...shows,
  };
}

const ANN = { by: 'ann', reason: 'the shop told a wrong total' };

/** What the store of suspended attestations must do. */
export function suspensionStoreSuite(name: string, create: () => Promise<SuspensionStore>): void {
  describe(`the store of suspensions ${name}`, () => {
    let store: SuspensionStore;
    beforeAll(async () => {
      store = await create();
    });

    it('keeps the first contradiction', async () => {
      const first = contradiction();
      expect(await store.suspend(first, START_MS)).toBe('suspended');
      expect(await store.suspend({ ...first, order: 'o_2', atMs: START_MS + HOUR }, START_MS + HOUR)).toBe('known');
      const kept = { ...first, sinceMs: START_MS, isAlerted: false };
      expect(await store.suspensionsOf(first.merchant)).toEqual([kept]);
      expect(await store.allSuspensions()).toContainEqual(kept);
    });

    it('suspends once, however many workers find it', async () => {
      const found = contradiction();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, at) => store.suspend({ ...found, order: `o_${at}` }, START_MS)),
      );
      expect(answers.filter((answer) => answer === 'suspended')).toHaveLength(1);
    });

    it('tells merchants apart whose names begin alike', async () => {
      const one = contradiction({ merchant: 'm#1' });
      await store.suspend(one, START_MS);
      await store.suspend(contradiction({ merchant: 'm' }), START_MS);
      expect((await store.suspensionsOf('m')).map(({ merchant }) => merchant)).toEqual(['m']);
      expect((await store.suspensionsOf('m#1')).map(({ merchant }) => merchant)).toEqual(['m#1']);
      expect(await store.suspensionsOf('none')).toEqual([]);
    });

    it('keeps each attestation and each source of a merchant apart', async () => {
      const one = contradiction();
      const others = [
        { ...one, attestation: 'totals' },
        { ...one, source: '/processors/bank' },
      ] as const;
      for (const each of [one, ...others]) expect(await store.suspend(each, START_MS)).toBe('suspended');
      expect(await store.suspensionsOf(one.merchant)).toHaveLength(3);
    });

    it('restores once, and suspends again only by a newer fact', async () => {
      const one = contradiction();
      expect(await store.restore({ ...ANN, ...keyOf(one) }, START_MS)).toBe('not-suspended');
      await store.suspend(one, START_MS);
      const restoredMs = START_MS + HOUR;
      expect(await store.restore({ ...ANN, ...keyOf(one) }, restoredMs)).toBe('restored');
      expect(await store.restore({ ...ANN, ...keyOf(one) }, restoredMs)).toBe('not-suspended');
      expect(await store.suspensionsOf(one.merchant)).toEqual([]);
      expect(await store.allSuspensions()).not.toContainEqual(expect.objectContaining(keyOf(one)));
      expect(await store.suspend({ ...one, atMs: restoredMs }, START_MS + 2 * HOUR)).toBe('known');
      const newer = { ...one, order: 'o_2', atMs: restoredMs + 1 };
      expect(await store.suspend(newer, START_MS + 3 * HOUR)).toBe('suspended');
      expect(await store.suspensionsOf(one.merchant)).toEqual([
        { ...newer, sinceMs: START_MS + 3 * HOUR, isAlerted: false },
      ]);
    });

    it('notes the alert of the suspension that was alerted, and of no other', async () => {
      const one = contradiction();
      await store.suspend(one, START_MS);
      const [first] = await store.suspensionsOf(one.merchant);
      if (first === undefined) throw new Error('nothing is suspended');
      await store.markAlerted(first);
      await store.markAlerted(first);
      expect(await store.suspensionsOf(one.merchant)).toEqual([{ ...first, isAlerted: true }]);
      await store.restore({ ...ANN, ...keyOf(one) }, START_MS + HOUR);
      await store.markAlerted(first);
      expect(await store.suspensionsOf(one.merchant)).toEqual([]);
      await store.suspend({ ...one, atMs: START_MS + 2 * HOUR }, START_MS + 2 * HOUR);
      await store.markAlerted(first);
      expect(await store.suspensionsOf(one.merchant)).toMatchObject([{ isAlerted: false }]);
    });
  });
}

function keyOf({ source, merchant, attestation }: Contradiction) {
  return { source, merchant, attestation };
}
