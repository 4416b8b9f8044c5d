import { describe, expect, it } from 'vitest';
import { runMigration } from '../../../cli/commands/migrate-command.ts';
import { HOUR, START_MS } from '../../fixtures/charges.ts';
import { migrationWorld } from '../../fixtures/migrations.ts';
import { decodedWindows, version1Table } from '../../fixtures/version-1-windows.ts';

const BY = { by: 'ann' };
const NOW = { nowMs: START_MS + 2 * HOUR };
const UNREADABLE = { kind: 'unreadable', key: 'same-order#k1#broken', reason: 'it is not JSON' } as const;
const COUNTS = ['windows     13 (0 expired)', 'charges     17', 'claims      5', 'unreadable  0'];

describe('onecharge migrate', () => {
  it('counts, and writes nothing without --apply', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    expect(await runMigration({}, world)).toEqual({
      exitCode: 0,
      lines: [...COUNTS, 'Nothing was written. Write it with --apply.'],
    });
    expect(world.charges.records.all()).toEqual([]);
    expect(await world.migrations.readMigration()).toBeUndefined();
  });

  it('writes with --apply, and marks the migration as done', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    expect(await runMigration({ ...BY }, world)).toEqual({
      exitCode: 0,
      lines: [
        ...COUNTS,
        'Written: 17 charge records, 4 reservations, 13 windows.',
        'The migration is done. Its freeze of all refunds has ended.',
      ],
    });
    expect(await world.migrations.readMigration()).toEqual({
      kind: 'done',
      atMs: NOW.nowMs,
      by: 'ann',
      windows: 13,
      charges: 17,
      claims: 5,
      unreadable: 0,
    });
  });

  it('says who finished it when it is done', async () => {
    const world = migrationWorld(version1Table(decodedWindows()), NOW);
    await runMigration({ ...BY }, world);
    const { exitCode, lines } = await runMigration({ by: 'ben' }, world);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      'Nothing to do: ann finished the migration at 2024-11-10T18:00:00.000Z (13 windows, 17 charges, 5 claims).',
    ]);
  });

  it('lists what it cannot read with the reason, and stays frozen for it', async () => {
    const world = migrationWorld(version1Table(decodedWindows(), UNREADABLE), NOW);
    const { exitCode, lines } = await runMigration({ ...BY }, world);
    expect(exitCode).toBe(1);
    expect(lines).toContain('  same-order#k1#broken: it is not JSON');
    expect(lines.at(-1)).toBe(
      '1 items cannot be read, so refunds stay frozen. Repair them, or accept their loss with --leave-unreadable.',
    );
    expect(world.charges.records.all()).toHaveLength(17);
    expect(await world.migrations.readMigration()).toBeUndefined();
  });

  it('ends with items that cannot be read when the operator accepts it', async () => {
    const world = migrationWorld(version1Table([], UNREADABLE), NOW);
    expect(await runMigration({ ...BY, leaveUnreadable: true }, world)).toMatchObject({ exitCode: 0 });
    expect(await world.migrations.readMigration()).toMatchObject({ kind: 'done', unreadable: 1 });
  });

  it('explains a detector that has changed under its id, and writes nothing', async () => {
    const changed = { kind: 'definition', detector: 'same-order', notion: '{"key":["order"],"same":[]}' } as const;
    const world = migrationWorld(version1Table(decodedWindows(), changed), NOW);
    const reason =
      'Detectors compare other fields than in version 1: same-order. Give each a new id in the configuration, and deploy it.';
    expect((await runMigration({}, world)).lines).toContain(reason);
    await expect(runMigration({ ...BY }, world)).rejects.toThrow(reason);
    expect(await world.migrations.readMigration()).toBeUndefined();
  });
});
