import { describe, expect, it } from 'vitest';
import { createMemoryCharges } from '../../../adapters/memory/charges.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { flagIdOf } from '../../../core/detection/fingerprint.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { migrate, surveyVersion1 } from '../../../core/refunds/migrate.ts';
import { type Migration, thawedWhenMigrated } from '../../../core/refunds/migration.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { arrival, captured, charge, HOUR, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { judgeAndRaise } from '../../fixtures/contexts.ts';
import { memoryMigrations, migrationWorld } from '../../fixtures/migrations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { decodedWindows, version1Table } from '../../fixtures/version-1-windows.ts';

const NOW = { nowMs: START_MS + 2 * HOUR };
const DONE: Migration = { kind: 'done', atMs: START_MS, by: 'ann', windows: 1, charges: 1, claims: 1, unreadable: 0 };
const UNREADABLE = { kind: 'unreadable', key: 'same-order#k1#broken', reason: 'is not JSON' } as const;

function idOf(chargeId: string, source = WALLET) {
  return flagIdOf({ source, chargeId }, digests);
}

describe('a survey of the windows that version 1 wrote', () => {
  it('counts windows, charges, claims and what cannot be read, and writes nothing', async () => {
    const world = migrationWorld(version1Table(decodedWindows(), UNREADABLE), NOW);
    expect(await surveyVersion1(world)).toMatchObject({
      windows: 13,
      expired: 0,
      charges: 17,
      claims: 5,
      unreadable: [UNREADABLE],
      differing: [],
      changed: [],
    });
    expect([world.charges.records.all(), world.charges.windows.all()]).toEqual([[], []]);
  });

  it('counts the windows that version 1 counted as gone', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), { nowMs: Date.parse('2030-01-01T00:00:00Z') });
    expect(await surveyVersion1(world)).toMatchObject({ windows: 13, expired: 13 });
    expect((await migrate(world)).written).toEqual({ records: 0, reservations: 0, windows: 0 });
  });
});

describe('a migration of the windows that version 1 wrote', () => {
  it('makes the records that the claims of today are decided on', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    const { written } = await migrate(world);
    expect(written).toEqual({ records: 17, reservations: 4, windows: 13 });
    const records = new Map(world.charges.records.all().map((record) => [record.id, record]));
    expect(records.get(idOf('ch_4_0'))?.ours).toMatchObject({ state: 'reversed-externally' });
    expect(records.get(idOf('ch_16_0'))).toMatchObject({
      ours: { state: 'claimed', refundMinor: 40, called: true },
      refundedByOthers: { totalMinor: 60 },
    });
    expect(records.get(idOf('ch_4_1', '/processors/bank'))?.dispute).toMatchObject({ wonBy: 'payer' });
  });

  it('has a reservation for each claim that may ask the processor again', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    await migrate(world);
    expect(await world.charges.claims.readReservation({ flagId: idOf('ch_16_0'), attempt: 0 })).toEqual({
      flagId: idOf('ch_16_0'),
      attempt: 0,
      charge: { source: WALLET, chargeId: 'ch_16_0' },
      amountMinor: 40,
      currency: 'CNY',
    });
    expect(await world.charges.claims.readReservation({ flagId: idOf('ch_4_0'), attempt: 0 })).toBeUndefined();
  });

  it('lets a copy that comes after it meet the charges of version 1', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    await migrate(world);
    const copy = charge({ chargeId: 'copy', order: 'o_33', payer: 'p_o_33' });
    const { judgements } = await judgeBatch([arrival(captured(copy, { timeMs: START_MS + 2 * MINUTE }))], world);
    expect(judgements).toMatchObject([{ verdict: { kind: 'duplicate', root: idOf('ch_o_33_1') } }]);
  });

  it('writes nothing where a detector has changed under its id', async () => {
    const changed = { kind: 'definition', detector: 'same-order', notion: '{"key":["order"],"same":[]}' } as const;
    const world = migrationWorld(version1Table(decodedWindows(), changed), NOW);
    await expect(migrate(world)).rejects.toThrow('Detectors compare other fields than in version 1: same-order.');
    expect(world.charges.records.all()).toEqual([]);
  });

  it('takes the definitions of detectors that are what they were', async () => {
    const same = { kind: 'definition', detector: 'same-order' } as const;
    const notion = '{"key":["merchant","order"],"same":["amount","currency","part"]}';
    const world = migrationWorld(version1Table([], { ...same, notion }), NOW);
    expect((await surveyVersion1(world)).changed).toEqual([]);
  });

  it('counts windows whose keys today’s configuration does not make', async () => {
    const [window] = decodedWindows();
    if (window === undefined) throw new Error('a fixture is missing');
    const sources = { [WALLET]: { gateway: 'sandbox', merchants: 'all', signing: 'stream' } };
    const world = { ...migrationWorld(version1Table([window]), NOW), configuration: configuration({ sources }) };
    expect((await surveyVersion1(world)).unmet).toBe(1);
  });
});

describe('a refund that version 1 had claimed', () => {
  /** The flag that version 1 left refunding, beside tables of today that are still empty. */
  async function leftByVersion1() {
    const world = refundWorld(configuration());
    for (const order of ['o_32', 'o_33']) {
      const of = (chargeId: string) => charge({ chargeId, order, payer: `p_${order}` });
      const copy = captured(of(`ch_${order}_2`), { timeMs: START_MS + MINUTE });
      await world.deliver(captured(of(`ch_${order}_1`)), copy);
    }
    const { id: flagId, attempt } = world.flagOn('ch_o_32_2');
    expect(await claim({ flagId, attempt }, world)).toMatchObject({ next: 'reverse' });
    const charges = createMemoryCharges();
    const migrations = memoryMigrations();
    const nowMs = () => world.nowMs();
    const tables = { records: charges.records, windows: charges.windows, claims: charges.claims };
    const freezes = thawedWhenMigrated(createMemoryFreezeStore(), { migrations, nowMs });
    return {
      ...world,
      ...tables,
      reservations: charges.claims,
      charges,
      migrations,
      freezes,
      ours: { flagId, attempt },
    };
  }

  it('calls no processor before the migration is done', async () => {
    const world = await leftByVersion1();
    expect(await reverse(world.ours, world)).toMatchObject({ next: 'ask' });
    await migrate(migrationWorld(version1Table(decodedWindows()), { nowMs: world.nowMs(), charges: world.charges }));
    expect(await reverse(world.ours, world)).toMatchObject({ next: 'ask' });
    expect(world.refunds.size).toBe(0);
  });

  it('is not dismissed for a record that is still to come', async () => {
    const world = await leftByVersion1();
    const third = charge({ chargeId: 'third', order: 'o_33', payer: 'p_o_33' });
    await judgeAndRaise([arrival(captured(third, { timeMs: START_MS + 2 * HOUR }))], world);
    const { id: flagId, attempt } = world.flagOn('ch_o_33_2');
    const flag = { flagId, attempt };
    for (const step of [assess, claim]) {
      expect(await step(flag, world)).toMatchObject({ next: 'hold', waitsFor: ['frozen'] });
    }
    await migrate(migrationWorld(version1Table(decodedWindows()), { nowMs: world.nowMs(), charges: world.charges }));
    await world.migrations.writeMigration(DONE);
    expect(await assess(flag, world)).toMatchObject({ next: 'claim' });
    expect(await claim(flag, world)).toMatchObject({ next: 'reverse' });
  });

  it('goes on after it, for the claimed amount under the same key', async () => {
    const world = await leftByVersion1();
    await migrate(migrationWorld(version1Table(decodedWindows()), { nowMs: world.nowMs(), charges: world.charges }));
    await world.migrations.writeMigration(DONE);
    expect(await reverse(world.ours, world)).toMatchObject({ next: 'record', outcome: { kind: 'refunded' } });
    expect([...world.refunds]).toEqual([[`${world.ours.flagId}-0`, 12_900]]);
  });
});
