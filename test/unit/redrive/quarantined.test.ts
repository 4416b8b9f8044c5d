import { describe, expect, it } from 'vitest';
import { createMemoryQuarantineIndex } from '../../../adapters/memory/quarantine-index.ts';
import { discardAll } from '../../../cli/discard-quarantined.ts';
import { describeReport, describeWhole, reportOn } from '../../../cli/quarantine-report.ts';
import { describeRepair, type RepairContext, repairAll } from '../../../cli/repair-quarantined.ts';
import type { QuarantineFilter, StoredRecord } from '../../../core/redrive/quarantine-index.ts';
import { HOUR, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { quarantinedItem } from '../../fixtures/quarantined.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';
import { range } from '../incidents/histories.ts';

const OPEN: QuarantineFilter = { statuses: ['waiting', 'sending'] };
const SHIFT = { kind: 'change', moves: [], shiftMs: -2 * HOUR } as const;

/** A feed that sends local time as UTC, two hours ahead. */
function ahead(n: number) {
  return wireEvent({ id: `evt_${n}`, time: '2024-11-11T03:12:03.120Z', data: { chargeId: `ch_${n}` } });
}

function newQuarantine() {
  const index = createMemoryQuarantineIndex();
  const bytes = new Map<string, Uint8Array>();
  const sent: string[] = [];
  return {
    index,
    sent,
    /** A record comes, or comes once more. */
    async take(id: string, event: unknown, shows: Partial<StoredRecord> = {}) {
      const kept = bytesOf(event);
      bytes.set(id, kept);
      const head = { id, reason: 'future', detail: 'time is 7200 s ahead of its arrival' } as const;
      const stored = {
        objectKey: `future/${id}`,
        byteCount: kept.byteLength,
        arrivedMs: WIRE_EVENT_MS,
        expiresAtMs: WIRE_EVENT_MS,
      };
      await index.add({ ...head, source: '/processors/wallet', ...stored, ...shows });
    },
    repair(shows: Partial<RepairContext> = {}) {
      return repairAll(index.list(OPEN), {
        rule: SHIFT,
        ruleText: 'shifted its time by -PT2H',
        rules: configuration(),
        signerOf: () => undefined,
        index,
        bytesOf: async ({ id }) => bytes.get(id) ?? new Uint8Array(),
        keepRest: () => Promise.reject(new Error('bug: no records are stored together')),
        put: async (records) => {
          sent.push(...records.map((record) => new TextDecoder().decode(record.bytes)));
        },
        nowMs: () => WIRE_EVENT_MS + HOUR,
        by: 'kim',
        ...shows,
      });
    },
    async waiting() {
      const ids: string[] = [];
      for await (const { id } of index.list(OPEN)) ids.push(id);
      return ids;
    },
  };
}

describe('a rule', () => {
  it('is only shown before it is applied: how many it repairs, how many stay and why, and samples', async () => {
    const quarantine = newQuarantine();
    for (const n of range(5)) await quarantine.take(`good${n}`, ahead(n));
    await quarantine.take('far', wireEvent({ time: '2025-11-11T03:12:03.120Z' }));
    await quarantine.take('masked', ahead(9), { isMasked: true });
    const report = await quarantine.repair({ by: undefined });
    expect(report).toMatchObject({ repaired: 5, isApplied: false });
    expect(report.left).toMatchObject([
      { because: 'future', records: 1, example: { id: 'far' } },
      { because: 'masked', records: 1, example: { id: 'masked' } },
    ]);
    expect(report.samples).toHaveLength(3);
    expect(report.samples[0]?.before).toContain('"time":"2024-11-11T03:12:03.120Z"');
    expect(report.samples[0]?.after).toContain('"time":"2024-11-11T01:12:03.120Z"');
    expect(quarantine.sent).toEqual([]);
    expect(await quarantine.waiting()).toHaveLength(7);
    expect(describeRepair(report)).toMatch(
      /left as they are: 1 record, future\. For example far: time is .*--apply\.$/s,
    );
  });

  it('sends what it repairs, records who and how, and leaves the rest as it is', async () => {
    const quarantine = newQuarantine();
    for (const n of range(250)) await quarantine.take(`good${n}`, ahead(n));
    await quarantine.take('far', wireEvent({ time: '2025-11-11T03:12:03.120Z' }));
    const report = await quarantine.repair();
    expect(report).toMatchObject({ repaired: 250, left: [{ because: 'future', records: 1 }] });
    expect(new Set(quarantine.sent).size).toBe(250);
    expect(await quarantine.waiting()).toEqual(['far']);
    expect(await quarantine.index.read('good7')).toMatchObject({
      status: 'repaired',
      history: [{ what: 'repaired', at: '2024-11-11T02:12:03.120Z', by: 'kim', reason: 'shifted its time by -PT2H' }],
    });
    expect(describeRepair(report)).toMatch(/250 records repaired and on the stream\.$/);
  });

  it('sends nothing the second time', async () => {
    const quarantine = newQuarantine();
    await quarantine.take('a', ahead(1));
    await quarantine.repair();
    expect(await quarantine.repair()).toMatchObject({ repaired: 0, left: [] });
    expect(quarantine.sent).toHaveLength(1);
  });

  it.each([0, 1, 2, 3])('loses nothing when a run ends at its write %d, and the next run ends the same', async (at) => {
    const quarantine = newQuarantine();
    for (const n of range(2)) await quarantine.take(`good${n}`, ahead(n));
    let writes = 0;
    const orDie = <Result>(write: () => Promise<Result>): Promise<Result> =>
      writes++ === at ? Promise.reject(new Error('killed')) : write();
    const { index, sent } = quarantine;
    const dying = quarantine.repair({
      index: {
        beginSending: (id) => orDie(() => index.beginSending(id)),
        markRepaired: (id, decision) => orDie(() => index.markRepaired(id, decision)),
      },
    });
    await expect(dying).rejects.toThrow('killed');
    const waited = (await quarantine.waiting()).length;
    const before = sent.length;
    expect(await quarantine.repair()).toMatchObject({ repaired: waited, left: [] });
    expect(await quarantine.waiting()).toEqual([]);
    expect(new Set(sent).size).toBe(2);
    // What was on the stream already went again only where the mark was missing.
    expect(sent.length - before).toBe(waited);
  });

  it('leaves a record that detection refuses again before its repair is recorded', async () => {
    const quarantine = newQuarantine();
    await quarantine.take('a', wireEvent(), { reason: 'unknown-source' });
    const report = await quarantine.repair({
      rule: { kind: 'release' },
      put: () => quarantine.take('a', wireEvent(), { reason: 'conflict', arrivedMs: WIRE_EVENT_MS + HOUR }),
    });
    expect(report).toMatchObject({ repaired: 0, left: [{ because: 'refused-again' }] });
    expect(await quarantine.index.read('a')).toMatchObject({ status: 'waiting', reason: 'conflict' });
  });

  it('leaves a record that another operator discards meanwhile', async () => {
    const quarantine = newQuarantine();
    await quarantine.take('a', ahead(1));
    const report = await quarantine.repair({
      bytesOf: async (item) => {
        await quarantine.index.markDiscarded(item.id, { what: 'discarded', at: '', by: 'lee', reason: 'known' });
        return bytesOf(ahead(1));
      },
    });
    expect(report).toMatchObject({ repaired: 0, left: [{ because: 'decided' }] });
    expect(quarantine.sent).toEqual([]);
  });

  it('goes on past a record whose object cannot be read', async () => {
    const quarantine = newQuarantine();
    for (const id of ['gone', 'there']) await quarantine.take(id, ahead(1));
    const report = await quarantine.repair({
      bytesOf: ({ id }) =>
        id === 'gone' ? Promise.reject(new Error('NoSuchKey')) : Promise.resolve(bytesOf(ahead(1))),
    });
    expect(report).toMatchObject({ repaired: 1, left: [{ because: 'unread', example: { id: 'gone' } }] });
  });

  it('shows no card number and no hidden character in its samples', async () => {
    const quarantine = newQuarantine();
    const event = wireEvent({ note: '\u001b[2J\u202e', data: { payer: '4111111111111111' } });
    await quarantine.take('a', event);
    const rules = configuration({
      sources: { '/processors/wallet': { merchants: 'all', signing: 'stream', tokens: { payer: '^4[0-9]{15}$' } } },
    });
    const { samples } = await quarantine.repair({ rule: { kind: 'release' }, rules, by: undefined });
    const [sample] = samples;
    expect(sample?.after).toContain('****1111');
    expect(`${sample?.before}${sample?.after}`).not.toMatch(/4111111|\p{Cc}|\p{Cf}/u);
  });
});

describe('discarded records', () => {
  it('wait no longer, and keep who and why', async () => {
    const quarantine = newQuarantine();
    for (const n of range(3)) await quarantine.take(`r${n}`, ahead(n));
    const context = { index: quarantine.index, nowMs: () => START_MS, by: 'kim', reason: 'a test feed' };
    expect(await discardAll(quarantine.index.list(OPEN), context)).toEqual({ discarded: 3, left: 0 });
    expect(await quarantine.waiting()).toEqual([]);
    const line = { what: 'discarded', at: '2024-11-10T16:00:00.000Z', by: 'kim', reason: 'a test feed' };
    expect(await quarantine.index.read('r1')).toMatchObject({ status: 'discarded', history: [line] });
  });

  it('are counted as left where another operator was first', async () => {
    const { index } = newQuarantine();
    const context = { index, nowMs: () => START_MS, by: 'kim', reason: 'x' };
    const stale = (async function* () {
      yield quarantinedItem({ id: 'gone' });
    })();
    expect(await discardAll(stale, context)).toEqual({ discarded: 0, left: 1 });
  });
});

describe('the report', () => {
  const items = [
    quarantinedItem({ id: 'a', arrivedAt: '2024-11-11T01:00:00.000Z' }),
    quarantinedItem({ id: 'b', arrivedAt: '2024-11-11T03:00:00.000Z' }),
    quarantinedItem({ id: 'c', arrivedAt: '2024-11-11T02:00:00.000Z', source: undefined, reason: 'not-json' }),
  ];
  async function* all() {
    yield* items;
  }

  it('counts by source and reason first, then lists the newest', async () => {
    const report = await reportOn(all(), 2);
    expect(report.groups).toEqual([
      { source: '/processors/wallet', reason: 'schema', records: 2 },
      { source: undefined, reason: 'not-json', records: 1 },
    ]);
    expect(report.newest.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(describeReport(report, 'waiting').split('\n')).toEqual([
      '        2  schema  /processors/wallet',
      '        1  not-json  (no source)',
      '',
      'b  2024-11-11T03:00:00.000Z  /processors/wallet  schema: data.merchant: must not be blank',
      'c  2024-11-11T02:00:00.000Z  (no source)  not-json: data.merchant: must not be blank',
      '1 older ones are not shown; show more with --limit.',
    ]);
  });

  it('says that nothing waits', async () => {
    const nothing = await reportOn((async function* () {})(), 2);
    expect(describeReport(nothing, 'waiting')).toBe('No record of these is waiting in quarantine.');
  });

  it('shows one record with its history, indented and without card data', () => {
    const decision = { what: 'discarded', at: '2024-11-11T02:00:00.000Z', by: 'kim', reason: 'a test' } as const;
    const item = quarantinedItem({ status: 'discarded', history: [decision], isMasked: true, byteCount: 70 });
    const kept = bytesOf({ data: { payer: '4111111111111111', cvv: '123', note: 'a\u202eb' } });
    expect(describeWhole(item, [{ item, bytes: kept }], 'bucket').split('\n')).toEqual([
      'record     00f1',
      'status     discarded',
      'source     /processors/wallet',
      'refused    schema: data.merchant: must not be blank',
      'arrived    2024-11-11T01:12:04.000Z',
      'stored     s3://bucket/schema/00f1, 70 bytes came, card data is masked',
      'discarded  at 2024-11-11T02:00:00.000Z by kim: a test',
      '',
      '{',
      '  "data": {',
      '    "payer": "****1111",',
      '    "note": "a?b"',
      '  }',
      '}',
    ]);
  });
});
