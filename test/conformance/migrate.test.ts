import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notionOf } from '../../adapters/dynamodb/detector-definitions.ts';
import { createMigrationReader } from '../../adapters/dynamodb/migration-reader.ts';
import { createMigrationWriter } from '../../adapters/dynamodb/migration-writer.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createReservationWriter } from '../../adapters/dynamodb/reservation-writer.ts';
import { createStageFreezeOrders } from '../../adapters/dynamodb/stage-freezes.ts';
import { createVersion1Presence } from '../../adapters/dynamodb/version-1-presence.ts';
import { createVersion1Windows } from '../../adapters/dynamodb/version-1-windows.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { runMigration } from '../../cli/commands/migrate-command.ts';
import { judgeBatch } from '../../core/detection/judge.ts';
import { lookForVersion1, type Migration } from '../../core/refunds/migration.ts';
import { arrival, captured, charge, HOUR, MINUTE, START_MS } from '../fixtures/charges.ts';
import { configuration, detector, digests } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { memoryMigrations } from '../fixtures/migrations.ts';
import { createTable } from '../fixtures/tables.ts';
import { storedWindows } from '../fixtures/version-1-windows.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

const RUNTIME = { nowMs: () => START_MS + 2 * HOUR, random: Math.random, sleep: async () => {} };
const BY = { by: 'ann' };

/** The tables of a stage that was updated from version 1. */
async function stage(items: readonly Record<string, AttributeValue>[]) {
  const { client } = dynamodb;
  const [windows, charges, reservations, controls] = await Promise.all(
    (['windows', 'charges', 'reservations', 'controls'] as const).map((kind) => createTable(client, kind)),
  );
  if (!windows || !charges || !reservations || !controls) throw new Error('a table is missing');
  for (const Item of items) await client.send(new PutItemCommand({ TableName: windows, Item }));
  const chargesTable = { client, table: charges, ...RUNTIME };
  const controlsTable = { client, table: controls };
  const contentOf = async (TableName: string) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    return Items.toSorted((a, b) => ((a.pk?.S ?? '') < (b.pk?.S ?? '') ? -1 : 1));
  };
  return {
    ...RUNTIME,
    configuration: configuration(),
    digests,
    namespaces: new Map(),
    notionOf,
    version1: {
      ...createVersion1Windows({ client, table: windows }),
      ...createVersion1Presence({ client, table: windows }),
    },
    records: createRecordStore(chargesTable),
    windows: createWindowStore(chargesTable),
    reservations: createReservationWriter({ client, table: reservations }),
    migrations: { ...createMigrationReader(controlsTable), ...createMigrationWriter(controlsTable) },
    freezes: createStageFreezeOrders({ ...controlsTable, version1Windows: windows, ...RUNTIME }),
    tables: { windows, charges, controls },
    content: async () => [await contentOf(charges), await contentOf(reservations)],
    left: () => contentOf(windows),
  };
}

const ALL = [...storedWindows('windows'), ...storedWindows('windows-schema-3')];

describe('a migration on DynamoDB', () => {
  it('brings the items of version 1 over, once, and leaves their table as it was', async () => {
    const world = await stage(ALL);
    const before = await world.left();
    const { exitCode, lines } = await runMigration(BY, world);
    expect([exitCode, lines]).toEqual([
      0,
      expect.arrayContaining(['Written: 17 charge records, 4 reservations, 13 windows.']),
    ]);
    const content = await world.content();
    expect(content.map((items) => items.length)).toEqual([30, 4]);
    // Again under a mark of its own: the second run finds everything there.
    const again = await runMigration(BY, { ...world, migrations: memoryMigrations() });
    expect(again.lines).toContain('Written: 0 charge records, 0 reservations, 0 windows.');
    expect(await world.content()).toEqual(content);
    expect(await world.left()).toEqual(before);
  });

  it('adds to what detection wrote before it, and detection goes on from there', async () => {
    const world = await stage(ALL);
    const pair = ['ch_o_31_1', 'copy'].map((chargeId) => charge({ chargeId, order: 'o_31', payer: 'p_o_31' }));
    const arrivals = pair.map((one, at) => arrival(captured(one, { timeMs: START_MS + at * 2 * MINUTE })));
    await judgeBatch(arrivals.slice(0, 1), world);
    expect((await runMigration(BY, world)).exitCode).toBe(0);
    const { judgements } = await judgeBatch(arrivals, world);
    expect(judgements).toMatchObject([
      { replay: true, verdict: { kind: 'original' } },
      { replay: false, verdict: { kind: 'duplicate', detector: 'same-order' } },
    ]);
  });

  it('reads the definitions of detectors beside the windows, and names items that it cannot read', async () => {
    const definition = { pk: { S: 'detector#same-order' }, notion: { S: notionOf(detector('same-order')) } };
    const world = await stage([{ pk: { S: 'same-order#k1#x' }, v: { N: '1' }, w: { S: '{' } }, definition]);
    const { exitCode, lines } = await runMigration(BY, world);
    expect(exitCode).toBe(1);
    expect(lines).toContain('  same-order#k1#x: version-1 charge window same-order#k1#x is not JSON');
    expect(lines).toContain('unreadable  1');
  });
});

describe('the mark of a migration on DynamoDB', () => {
  const done: Migration = { kind: 'done', atMs: START_MS, by: 'ann', windows: 1, charges: 2, claims: 3, unreadable: 0 };

  it('ends the freeze once it is done, and is never replaced', async () => {
    const { migrations, version1, freezes, nowMs } = await stage(ALL.slice(0, 1));
    expect(await migrations.readMigration()).toBeUndefined();
    await lookForVersion1({ migrations, version1, nowMs });
    expect(await migrations.readMigration()).toEqual({ kind: 'required', atMs: nowMs() });
    expect(await freezes.isFrozen('m_1')).toBe(true);
    await migrations.writeMigration(done);
    await migrations.writeMigration({ ...done, by: 'ben' });
    await migrations.writeMigration({ kind: 'required', atMs: nowMs() });
    expect(await migrations.readMigration()).toEqual(done);
    expect(await freezes.isFrozen('m_1')).toBe(false);
  });

  it('is not needed where the table of version 1 is empty', async () => {
    const { migrations, version1, freezes, nowMs } = await stage([]);
    await lookForVersion1({ migrations, version1, nowMs });
    expect(await migrations.readMigration()).toMatchObject({ kind: 'not-needed' });
    expect(await freezes.isFrozen('m_1')).toBe(false);
  });
});
