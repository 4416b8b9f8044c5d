import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideClaim } from '../../../core/detection/claims.ts';
import { flagIdOf } from '../../../core/detection/fingerprint.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { viewsOf } from '../../../core/detection/read-views.ts';
import { type MigrateContext, migrate } from '../../../core/refunds/migrate.ts';
import { arrival, captured, HOUR, voided } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { contentOf, type MigrationWorld, migrationWorld } from '../../fixtures/migrations.ts';
import { type Version1Night, version1Nights, version1Table } from '../../fixtures/version-1-windows.ts';

const NUM_RUNS = Number(process.env.ONECHARGE_PROPERTY_RUNS ?? 500);
const NOTHING = { records: 0, reservations: 0, windows: 0 };
const MOVING = new Set(['claimed', 'refunded', 'reversed-externally']);

function worldOf({ windows, endMs }: Version1Night, charges?: MigrationWorld['charges']): MigrationWorld {
  return migrationWorld(version1Table(windows), { nowMs: endMs + HOUR, ...(charges && { charges }) });
}

function judgingIn(world: MigrationWorld) {
  return { ...world, records: world.charges.records, windows: world.charges.windows };
}

function arrivalsOf({ windows }: Version1Night) {
  const all = windows.flatMap(({ entries }) => entries).flatMap(({ captured: one }) => one ?? []);
  const byId = new Map(all.map((one) => [one.charge.chargeId, one]));
  return [...byId.values()].map(({ charge, timeMs }) => arrival(captured(charge, { timeMs })));
}

async function property(holds: (night: Version1Night) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(version1Nights, holds), { numRuns: NUM_RUNS });
}

describe('a migration of random version-1 windows', () => {
  it('gives the same records whatever the order of the windows', async () => {
    await property(async (night) => {
      const [one, other] = [worldOf(night), worldOf({ ...night, windows: night.windows.toReversed() })];
      await migrate(one);
      await migrate(other);
      expect(contentOf(other)).toEqual(contentOf(one));
    });
  });

  it('writes nothing when it runs again', async () => {
    await property(async (night) => {
      const world = worldOf(night);
      await migrate(world);
      const before = contentOf(world);
      const later = migrationWorld(world.version1, { nowMs: world.nowMs() + HOUR, charges: world.charges });
      expect((await migrate(later)).written).toEqual(NOTHING);
      expect(contentOf(world)).toEqual(before);
    });
  });

  it('lets no charge be refunded twice', async () => {
    await property(async (night) => {
      const world = worldOf(night);
      await migrate(world);
      const views = await viewsOf(world.charges.windows.all(), { records: world.records, nowMs: world.nowMs });
      for (const { ours, chargeId, source } of night.windows.flatMap(({ entries }) => entries)) {
        if (ours === undefined || !MOVING.has(ours.state)) continue;
        const id = flagIdOf({ source, chargeId }, digests);
        for (const view of views.filter(({ window }) => window.entries.some((entry) => entry.id === id))) {
          expect(decideClaim(view, id, ours.attempt + 1)).toMatchObject({ kind: 'denied' });
          const again = decideClaim(view, id, ours.attempt);
          if (again.kind === 'granted') expect(again).toMatchObject({ replay: true, refundMinor: 60 });
        }
      }
    });
  });

  it('grants no refund of the last charge of a cluster, as all windows of version 1 together know it', async () => {
    await property(async (night) => {
      const world = worldOf(night);
      await migrate(world);
      const gone = goneIn(night);
      const views = await viewsOf(world.charges.windows.all(), { records: world.records, nowMs: world.nowMs });
      for (const view of views) {
        if (view.window.closed?.owed === 0) continue;
        for (const { id } of view.window.entries) {
          const decision = decideClaim(view, id, 9);
          if (decision.kind !== 'granted' || decision.replay) continue;
          expect(decision.survivors.length).toBeGreaterThan(0);
          expect(decision.survivors.filter(({ chargeId }) => gone.has(chargeId))).toEqual([]);
        }
      }
    });
  });

  it('keeps each verdict when the captures come again', async () => {
    await property(async (night) => {
      const world = worldOf(night);
      await migrate(world);
      const before = contentOf(world);
      const arrivals = arrivalsOf(night);
      const { judgements } = await judgeBatch(arrivals, judgingIn(world));
      for (const [at, { event }] of arrivals.entries()) {
        const chargeId = event.kind === 'order.closed' ? '' : event.charge.chargeId;
        expect(judgements[at]).toMatchObject({
          kind: 'judged',
          replay: true,
          verdict: { kind: kindIn(night, chargeId) },
        });
      }
      expect(contentOf(world)).toEqual(before);
    });
  });

  it('keeps what the live stack wrote before it, and adds the claims of version 1', async () => {
    await property(async (night) => {
      const world = worldOf(night);
      const live = arrivalsOf(night).slice(0, 2);
      const first = night.charges[0];
      const events = first === undefined ? [] : [arrival(voided(first, { timeMs: night.endMs + 1 }))];
      await judgeBatch([...live, ...events], judgingIn(world));
      const verdicts = new Map(world.charges.windows.all().map((window) => [window.fingerprint, verdictsIn(window)]));
      await migrate(world);
      for (const window of world.charges.windows.all()) {
        const now = verdictsIn(window);
        for (const [id, verdict] of verdicts.get(window.fingerprint) ?? []) expect(now.get(id)).toEqual(verdict);
      }
      for (const { ours, chargeId } of night.windows.flatMap(({ entries }) => entries)) {
        const record = world.charges.records.all().find((one) => one.chargeId === chargeId);
        if (ours !== undefined && MOVING.has(ours.state)) expect(record?.ours).toMatchObject({ state: ours.state });
        if (chargeId === first?.chargeId) expect(record?.releasedMs).toBeGreaterThan(night.endMs);
      }
      expect((await migrate(world)).written).toEqual(NOTHING);
    });
  });

  it('is finished by a second run, wherever the first one broke off', async () => {
    await property(async (night) => {
      const whole = worldOf(night);
      const writes = countWrites(whole);
      await migrate(writes.context);
      for (let crashAt = 0; crashAt < writes.count(); crashAt++) {
        const world = worldOf(night);
        await expect(migrate(crashing(world, crashAt))).rejects.toThrow('crash');
        await migrate(world);
        expect(contentOf(world)).toEqual(contentOf(whole));
      }
    });
  });
});

function kindIn({ windows }: Version1Night, chargeId: string): string {
  const verdicts = windows.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.chargeId === chargeId ? (entry.captured?.verdict.kind ?? []) : [])),
  );
  return verdicts.includes('duplicate') ? 'duplicate' : 'original';
}

function verdictsIn(window: { readonly entries: readonly { readonly id: string; readonly verdict: unknown }[] }) {
  return new Map(window.entries.map(({ id, verdict }) => [id, verdict]));
}

function goneIn({ windows }: Version1Night): ReadonlySet<string> {
  const entries = windows.flatMap((window) => window.entries);
  const gone = entries.filter(
    ({ released, dispute, kept, ours, refundedTotalMinor, captured: one }) =>
      released ||
      dispute?.open ||
      kept ||
      MOVING.has(ours?.state ?? '') ||
      (refundedTotalMinor ?? 0) >= (one?.charge.amountMinor ?? Number.POSITIVE_INFINITY),
  );
  return new Set(gone.map(({ chargeId }) => chargeId));
}

function countWrites(world: MigrationWorld): { readonly context: MigrateContext; readonly count: () => number } {
  let count = 0;
  const context = onEachWrite(world, () => {
    count++;
    return 'go on';
  });
  return { context, count: () => count };
}

/** Breaks off at one write: half of a round of inserts is written then. */
function crashing(world: MigrationWorld, at: number): MigrateContext {
  let count = 0;
  return onEachWrite(world, () => (count++ === at ? 'crash' : 'go on'));
}

function onEachWrite(world: MigrationWorld, next: () => 'crash' | 'go on'): MigrateContext {
  const { records, windows, reservations } = world;
  const half = <Item>(items: readonly Item[]) => items.slice(0, Math.ceil(items.length / 2));
  const crash = () => {
    throw new Error('crash');
  };
  return {
    ...world,
    records: {
      ...records,
      insertRecords: async (all) => {
        if (next() === 'go on') return records.insertRecords(all);
        await records.insertRecords(half(all));
        return crash();
      },
      replaceRecord: async (...write) => (next() === 'go on' ? records.replaceRecord(...write) : crash()),
    },
    windows: {
      ...windows,
      insertWindows: async (all) => {
        if (next() === 'go on') return windows.insertWindows(all);
        await windows.insertWindows(half(all));
        return crash();
      },
      replaceWindow: async (...write) => (next() === 'go on' ? windows.replaceWindow(...write) : crash()),
    },
    reservations: {
      insertReservation: async (write) => (next() === 'go on' ? reservations.insertReservation(write) : crash()),
    },
  };
}
