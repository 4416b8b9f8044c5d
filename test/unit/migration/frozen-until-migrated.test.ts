import { describe, expect, it } from 'vitest';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { lookForVersion1, type Migration, thawedWhenMigrated } from '../../../core/refunds/migration.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { memoryMigrations } from '../../fixtures/migrations.ts';
import { thaw } from '../../fixtures/thaws.ts';

const DONE: Migration = { kind: 'done', atMs: START_MS, by: 'ann', windows: 1, charges: 1, claims: 1, unreadable: 0 };
const nowMs = () => START_MS;
const BY = { by: 'ann', reason: 'all is well' };

function stage() {
  const migrations = memoryMigrations();
  const orders = createMemoryFreezeStore();
  return { migrations, orders, freezes: thawedWhenMigrated(orders, { migrations, nowMs }), nowMs };
}

describe('a stage that may have windows of version 1', () => {
  it('is frozen before anything has looked for them', async () => {
    const { freezes } = stage();
    expect(await freezes.isFrozen('m_1')).toBe(true);
    expect(await freezes.newestOrders([])).toMatchObject([{ frozen: true, by: 'system:migration', atMs: START_MS }]);
  });

  it('that has some stays frozen, and the reason names the command', async () => {
    const { freezes, migrations } = stage();
    await lookForVersion1({ migrations, version1: { hasWindows: async () => true }, nowMs });
    expect(await freezes.isFrozen('m_1')).toBe(true);
    const [order] = await freezes.newestOrders(['m_1']);
    expect(order?.reason).toContain('onecharge migrate --stage STAGE --apply');
  });

  it('that has none goes on', async () => {
    const { freezes, migrations } = stage();
    await lookForVersion1({ migrations, version1: { hasWindows: async () => false }, nowMs });
    expect([await freezes.isFrozen('m_1'), await freezes.newestOrders([])]).toEqual([false, []]);
  });

  it('is looked at once', async () => {
    const { migrations } = stage();
    await lookForVersion1({ migrations, version1: { hasWindows: async () => true }, nowMs });
    await lookForVersion1({ migrations, version1: { hasWindows: async () => false }, nowMs });
    expect(await migrations.readMigration()).toEqual({ kind: 'required', atMs: START_MS });
  });

  it('refuses a thaw of all refunds, with the reason', async () => {
    const { freezes } = stage();
    expect(await thaw(BY, { freezes, nowMs })).toMatchObject({
      kind: 'refused',
      standing: { reason: expect.stringContaining('onecharge migrate') },
    });
    expect(await freezes.isFrozen('m_1')).toBe(true);
  });

  it('takes the orders of operators, and says what still freezes a merchant that was thawed', async () => {
    const { freezes, orders } = stage();
    expect(await freeze({ ...BY, merchant: 'm_1' }, { freezes, nowMs })).toMatchObject({ kind: 'changed' });
    expect(await thaw({ ...BY, merchant: 'm_1' }, { freezes, nowMs })).toMatchObject({
      kind: 'changed',
      stillFrozen: { by: 'system:migration' },
    });
    expect(await freeze(BY, { freezes, nowMs })).toMatchObject({ kind: 'changed' });
    expect(await orders.isFrozen('m_1')).toBe(true);
  });

  it('goes on once the migration is done, but for what operators froze', async () => {
    const { freezes, migrations } = stage();
    await freeze({ ...BY, merchant: 'm_1' }, { freezes, nowMs });
    await migrations.writeMigration(DONE);
    expect([await freezes.isFrozen('m_1'), await freezes.isFrozen('m_2')]).toEqual([true, false]);
    expect(await thaw(BY, { freezes, nowMs })).toEqual({ kind: 'already' });
  });
});
