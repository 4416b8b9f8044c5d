import type { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createMemoryQuarantineIndex } from '../../../adapters/memory/quarantine-index.ts';
import { packed, recordsOf, storedTogether } from '../../../adapters/s3/bundled-records.ts';
import { createRestKeeper } from '../../../adapters/s3/rest-of-records.ts';
import { discardAll } from '../../../cli/discard-quarantined.ts';
import { describeReport, describeWhole, reportOn } from '../../../cli/quarantine-report.ts';
import { type RepairContext, repairAll } from '../../../cli/repair-quarantined.ts';
import { idOfTogether, type Quarantined } from '../../../core/events/quarantine.ts';
import type { QuarantineFilter } from '../../../core/redrive/quarantine-index.ts';
import type { QuarantinedItem } from '../../../core/redrive/quarantined-item.ts';
import { DAY, HOUR } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';
import { range } from '../incidents/histories.ts';

const OPEN: QuarantineFilter = { statuses: ['waiting', 'sending'] };
const SHIFT = { kind: 'change', moves: [], shiftMs: -2 * HOUR } as const;

/** Of a feed that sends local time as UTC, two hours ahead. */
function ahead(n: number, time = '2024-11-11T03:12:03.120Z'): Quarantined {
  const bytes = bytesOf(wireEvent({ id: `evt_${n}`, time, data: { chargeId: `ch_${n}` } }));
  const id = digests.hash128(`record ${n}`);
  const head = { id, reason: 'future', detail: `record ${n} is ahead`, source: '/processors/wallet' } as const;
  return { ...head, bytes, byteCount: bytes.byteLength, isMasked: false, isTree: true, arrivedMs: WIRE_EVENT_MS + n };
}

/** What no rule can repair: its event is a year ahead. */
const far = (n: number) => ahead(n, '2025-11-11T03:12:03.120Z');

async function quarantineOf(records: readonly [Quarantined, ...Quarantined[]], prefix = '') {
  const index = createMemoryQuarantineIndex();
  const objects = new Map<string, Uint8Array>();
  const sent: string[] = [];
  const s3 = {
    send: async ({ input }: PutObjectCommand) => void objects.set(String(input.Key), input.Body as Uint8Array),
  } as unknown as S3Client; // one of its commands is sent
  const id = idOfTogether(records, digests);
  const [{ reason, source, arrivedMs }] = records;
  const expiresAtMs = arrivedMs + 400 * DAY;
  const objectKey = `${prefix}${reason}/${id}`;
  objects.set(objectKey, packed(records));
  await index.add({ ...storedTogether({ id, reason, source, records }), objectKey, expiresAtMs });
  const keepRest = createRestKeeper({ s3, bucket: 'quarantine', index });
  return {
    id,
    index,
    sent,
    keptOf: async (of: string) => {
      const item = await index.read(of);
      return item === undefined ? [] : recordsOf(item, objects.get(item.objectKey) ?? new Uint8Array());
    },
    async waiting() {
      const items: QuarantinedItem[] = [];
      for await (const item of index.list(OPEN)) items.push(item);
      return items;
    },
    repair: (shows: Partial<RepairContext> = {}) =>
      repairAll(index.list(OPEN), {
        rule: SHIFT,
        ruleText: 'shifted its time by -PT2H',
        rules: configuration(),
        signerOf: () => undefined,
        index,
        bytesOf: async (item) => objects.get(item.objectKey) ?? new Uint8Array(),
        keepRest,
        put: async (all) => void sent.push(...all.map(({ bytes }) => new TextDecoder().decode(bytes))),
        nowMs: () => WIRE_EVENT_MS + HOUR,
        by: 'kim',
        ...shows,
      }),
  };
}

const THREE = [ahead(1), ahead(2), ahead(3)] as const;

describe('records that are stored together', () => {
  it('keep their bytes, details and times, whatever the bytes are', async () => {
    const text = { ...ahead(1), bytes: bytesOf('{ "a":\n 1 }\r\n'), isMasked: true };
    const tree = await quarantineOf([text, { ...ahead(2), source: undefined }]);
    const [first, second] = await tree.keptOf(tree.id);
    expect(first).toMatchObject({
      item: { id: text.id, detail: 'record 1 is ahead', byteCount: text.byteCount, isMasked: true },
    });
    expect(Buffer.from(first?.bytes ?? [])).toEqual(Buffer.from(text.bytes));
    expect(second?.item).toMatchObject({ arrivedAt: new Date(WIRE_EVENT_MS + 2).toISOString(), source: undefined });
    const bytes = { bytes: new Uint8Array([0xff, 0, 10, 0x80]), isTree: false };
    const raw = await quarantineOf(
      [
        { ...ahead(1), ...bytes },
        { ...ahead(2), ...bytes },
      ],
      'unreadable/',
    );
    expect((await raw.keptOf(raw.id)).map((each) => [...each.bytes])).toEqual([
      [255, 0, 10, 128],
      [255, 0, 10, 128],
    ]);
  });

  it('count as records, are listed as one item, and are all shown', async () => {
    const of = await quarantineOf(THREE);
    const report = await reportOn(of.index.list(OPEN), 10);
    expect(report.groups).toEqual([{ source: '/processors/wallet', reason: 'future', records: 3 }]);
    expect(describeReport(report, 'waiting')).toMatch(/3 records together; the first: record 1 is ahead$/);
    const [item] = report.newest;
    const shown = item && describeWhole(item, await of.keptOf(of.id), 'bucket');
    expect(shown).toContain('records    3, stored together');
    for (const n of [1, 2, 3]) expect(shown).toContain(`"chargeId":"ch_${n}"`);
  });

  it('are repaired by one rule, once', async () => {
    const of = await quarantineOf(THREE);
    expect(await of.repair({ by: undefined })).toMatchObject({ repaired: 3, left: [] });
    expect(of.sent).toEqual([]);
    expect(await of.repair()).toMatchObject({ repaired: 3, left: [] });
    expect(of.sent).toHaveLength(3);
    expect(await of.waiting()).toEqual([]);
    expect(await of.repair()).toMatchObject({ repaired: 0 });
  });

  it('wait on, as an item of their own, where a rule repairs the others alone', async () => {
    const of = await quarantineOf([ahead(1), far(2), ahead(3), far(4)]);
    const report = await of.repair();
    expect(report).toMatchObject({ repaired: 2, left: [{ because: 'future', records: 2, example: { id: of.id } }] });
    const [rest, ...more] = await of.waiting();
    expect(more).toEqual([]);
    expect(rest).toMatchObject({ records: 2, reason: 'future', source: '/processors/wallet' });
    expect((await of.keptOf(rest?.id ?? '')).map(({ item }) => item.detail)).toEqual([
      'record 2 is ahead',
      'record 4 is ahead',
    ]);
    const done = await of.index.read(of.id);
    expect(done?.history[0]?.reason).toBe(`shifted its time by -PT2H; 2 of its 4 records wait as ${rest?.id}`);
    expect(await of.repair()).toMatchObject({ repaired: 0, left: [{ records: 2 }] });
    expect(of.sent).toHaveLength(2);
  });

  it.each([0, 1, 2, 3])(
    'lose nothing when a repair ends at its write %d, and the next run ends the same',
    async (at) => {
      const of = await quarantineOf([ahead(1), far(2), ahead(3)]);
      let writes = 0;
      const orDie = <Arguments extends unknown[], Result>(write: (...of: Arguments) => Promise<Result>) => {
        return (...given: Arguments): Promise<Result> =>
          writes++ === at ? Promise.reject(new Error('killed')) : write(...given);
      };
      const { index, sent } = of;
      const keepRest = createRestKeeper({ s3: { send: async () => {} } as unknown as S3Client, bucket: '', index }); // nothing is sent
      const dying = of.repair({
        index: { beginSending: orDie(index.beginSending), markRepaired: orDie(index.markRepaired) },
        keepRest: orDie(keepRest),
        put: orDie(async () => {}),
      });
      await expect(dying).rejects.toThrow('killed');
      expect((await of.waiting()).map(({ id }) => id)).toContain(of.id);
      await of.repair();
      expect(sent).toHaveLength(2);
      expect(await of.waiting()).toMatchObject([{ records: 1 }]);
    },
  );

  it('are repaired all or not at all where they could not be read, for what stays may be stored for days only', async () => {
    const of = await quarantineOf([ahead(1), far(2)], 'unreadable/');
    expect(await of.repair()).toMatchObject({ repaired: 0, left: [{ records: 1 }, { records: 1 }] });
    expect([of.sent, (await of.waiting()).map(({ id }) => id)]).toEqual([[], [of.id]]);
  });

  it('are discarded together', async () => {
    const of = await quarantineOf(THREE);
    const context = { index: of.index, nowMs: () => WIRE_EVENT_MS, by: 'kim', reason: 'a test feed' };
    expect(await discardAll(of.index.list(OPEN), context)).toEqual({ discarded: 3, left: 0 });
    expect(await of.waiting()).toEqual([]);
  });

  it('are not replaced by one event', async () => {
    const of = await quarantineOf(THREE);
    const rule = { kind: 'replace', bytes: ahead(1).bytes } as const;
    await expect(of.repair({ rule })).rejects.toThrow('is 3 records that are stored together');
    expect(of.sent).toEqual([]);
  });

  it('have one id in whatever order they come', () => {
    const records = range(5).map((n) => ahead(n));
    expect(idOfTogether(records, digests)).toBe(idOfTogether(records.toReversed(), digests));
  });
});
