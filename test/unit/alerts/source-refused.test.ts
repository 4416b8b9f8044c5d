import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../core/clock-units.ts';
import type { QuarantineReason } from '../../../core/events/parse-event.ts';
import type { Quarantined } from '../../../core/events/quarantine.ts';
import { budgetedQuarantine } from '../../../core/incidents/refusal-budget.ts';
import type { Refusal } from '../../../core/incidents/refusals.ts';
import { HOUR, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { range } from '../incidents/histories.ts';
import { ALERT_AFTER, newTown, ofKind, passMinutes, type Town } from './town.ts';

const ACME = '/processors/acme';

async function refuse(town: Town, count: number, shows: Partial<Refusal> = {}): Promise<void> {
  const refusal = { source: ACME, reason: 'future', atMs: town.nowMs(), ...shows } as const;
  for (const n of range(count)) {
    await town.refusals.noteRefusals({
      recordIds: [`${refusal.source} ${refusal.reason} ${refusal.atMs} ${n}`],
      ...refusal,
    });
  }
}

function accept(town: Town, events: number, source = ACME): Promise<void> {
  const none = { charges: 0, bySource: new Map(), byMerchant: new Map(), lagMs: 0 };
  return town.incidents.noteChargesProcessed({
    ...none,
    acceptedBySource: new Map([[source, events]]),
    atMs: town.nowMs(),
  });
}

function refusedIn(town: Town) {
  return ofKind(town, 'source-refused');
}

describe('a source that is refused', () => {
  it('is alerted once for the hour, with its main reason, counts and what to run', async () => {
    const town = newTown();
    await refuse(town, 2);
    await refuse(town, 1, { reason: 'schema' });
    await accept(town, 3);
    await passMinutes(town, 90);
    expect(refusedIn(town)).toEqual([
      {
        kind: 'source-refused',
        version: 1,
        alertId: 'source-refused:/processors/acme:2024-11-10T16',
        severity: 'critical',
        at: '2024-11-10T16:01:00.000Z',
        source: ACME,
        hour: '2024-11-10T16',
        reason: 'future',
        refused: 3,
        accepted: 3,
        byReason: { future: 2, schema: 1 },
        command: 'npx onecharge quarantine repair --source /processors/acme --refused-as future --shift-time SHIFT',
      },
    ]);
  });

  it('is not alerted for one record, nor for a small share', async () => {
    const town = newTown();
    await refuse(town, 1, { source: '/one' });
    await refuse(town, 2);
    await accept(town, 3);
    await passMinutes(town, 70);
    expect(refusedIn(town)).toEqual([]);
  });

  it('is alerted at once above the number, whatever its share', async () => {
    const town = newTown();
    await accept(town, 10_000);
    await refuse(town, ALERT_AFTER - 1);
    await passMinutes(town, 2);
    expect(refusedIn(town)).toEqual([]);
    await refuse(town, 1);
    await town.keep();
    expect(refusedIn(town)).toMatchObject([{ refused: ALERT_AFTER, accepted: 10_000 }]);
  });

  it('waits a minute for the accepted events of the same batches', async () => {
    const town = newTown();
    await refuse(town, 3);
    await town.keep();
    await accept(town, 197);
    await passMinutes(town, 3);
    expect(refusedIn(town)).toEqual([]);
  });

  it('is alerted anew in the next hour, and each source apart', async () => {
    const town = newTown();
    await refuse(town, 2);
    await refuse(town, 2, { source: '/processors/bank' });
    await passMinutes(town, 65);
    await refuse(town, 2);
    await passMinutes(town, 5);
    expect(refusedIn(town).map(({ alertId }) => alertId)).toEqual([
      'source-refused:/processors/acme:2024-11-10T16',
      'source-refused:/processors/bank:2024-11-10T16',
      'source-refused:/processors/acme:2024-11-10T17',
    ]);
  });

  it('is alerted also for the last minute of an hour', async () => {
    const town = newTown();
    town.pass(HOUR - MINUTE / 2);
    await refuse(town, 2);
    await passMinutes(town, 3);
    expect(refusedIn(town)).toMatchObject([{ hour: '2024-11-10T16' }]);
  });

  it('is alerted by one of several runs at a time', async () => {
    const town = newTown();
    await refuse(town, 2);
    town.pass(MINUTE);
    await Promise.all([town.keep(), town.keep(), town.keep()]);
    await passMinutes(town, 5);
    expect(refusedIn(town)).toHaveLength(1);
  });

  it('is alerted by a later run, and with the same words, when one dies while it sends', async () => {
    const town = newTown();
    await refuse(town, 2);
    town.pass(MINUTE);
    expect(await town.keep(1)).toBe('killed');
    await refuse(town, 2, { reason: 'schema' });
    await passMinutes(town, 5);
    const [first, again, ...more] = refusedIn(town);
    expect(more).toEqual([]);
    expect(again).toEqual(first);
  });

  it.each<[QuarantineReason, string, string]>([
    ['schema', 'critical', 'repair --source /processors/acme --refused-as schema --map-field FROM=TO'],
    ['not-entitled', 'critical', 'repair --source /processors/acme --refused-as not-entitled --release'],
    ['card-number', 'critical', 'list --source /processors/acme --refused-as card-number'],
    ['test', 'warning', 'list --source /processors/acme --refused-as test'],
    ['conflict', 'warning', 'repair --source /processors/acme --refused-as conflict --release'],
  ])('as %s is %s and names its command', async (reason, severity, command) => {
    const town = newTown();
    await refuse(town, 2, { reason });
    await passMinutes(town, 2);
    expect(refusedIn(town)).toMatchObject([{ severity, command: `npx onecharge quarantine ${command}` }]);
  });

  it('has a name that a shell takes in the command', async () => {
    const town = newTown();
    await refuse(town, 2, { source: "Bob's bank" });
    await passMinutes(town, 2);
    expect(refusedIn(town)[0]?.command).toContain(`--source 'Bob'\\''s bank' `);
  });
});

const EMPTY = { bytes: new Uint8Array(), byteCount: 0, isMasked: false, isTree: false };

describe('sources that are not registered', () => {
  function quarantineOf(town: Town) {
    const taken: Quarantined[] = [];
    const quarantine = budgetedQuarantine({
      quarantine: {
        put: async (record) => void taken.push(record),
        putTogether: async ({ records }) => void taken.push(...records),
      },
      refusals: town.refusals,
      sources: configuration(),
      digests,
      nowMs: town.nowMs,
    });
    const put = (id: string, source: string | undefined, reason: QuarantineReason) =>
      quarantine.putAll([{ id, source, reason, detail: '', ...EMPTY, arrivedMs: START_MS }]);
    return { put, taken };
  }

  it('make one alert and one name together, however many names are made up', async () => {
    const town = newTown();
    const { put, taken } = quarantineOf(town);
    for (const n of range(50)) await put(`record ${n}`, `/made-up/${n}`, 'unknown-source');
    await put('junk', undefined, 'not-json');
    expect(taken).toHaveLength(51);
    await passMinutes(town, 3);
    const [alert, ...more] = refusedIn(town);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      alertId: 'source-refused::2024-11-10T16',
      severity: 'warning',
      byReason: { 'unknown-source': ALERT_AFTER, 'not-json': 1 },
      command: 'npx onecharge quarantine list --refused-as unknown-source',
    });
    expect(alert).not.toHaveProperty('source');
  });

  it('are counted apart from a registered source', async () => {
    const town = newTown();
    const { put } = quarantineOf(town);
    await put('a', ACME, 'schema');
    await put('b', '/made-up', 'unknown-source');
    const hour = await town.refusals.refusalsIn(START_MS);
    expect(hour.map(({ source }) => source)).toEqual([ACME, undefined]);
  });

  it('leave a record that could not be counted to come again', async () => {
    const lost = new Error('ThrottlingException');
    const quarantine = budgetedQuarantine({
      quarantine: { put: async () => {}, putTogether: async () => {} },
      refusals: { noteRefusals: () => Promise.reject(lost) },
      sources: configuration(),
      digests,
      nowMs: () => START_MS + MINUTE_MS,
    });
    const record = { id: 'a', source: ACME, reason: 'schema', detail: '', ...EMPTY } as const;
    expect(await quarantine.putAll([{ ...record, arrivedMs: START_MS }])).toEqual([{ kind: 'failed', error: lost }]);
  });
});
