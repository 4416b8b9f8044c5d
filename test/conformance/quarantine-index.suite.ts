import { beforeAll, describe, expect, it } from 'vitest';
import type { QuarantineFilter, QuarantineIndex, StoredRecord } from '../../core/redrive/quarantine-index.ts';
import type { QuarantineDecision } from '../../core/redrive/quarantined-item.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

const OPEN = { statuses: ['waiting', 'sending'] } as const;
const DISCARD: QuarantineDecision = { what: 'discarded', at: '2024-11-11T02:00:00.000Z', by: 'kim', reason: 'a test' };
const REPAIR: QuarantineDecision = { ...DISCARD, what: 'repaired', reason: 'released' };

let named = 0;

function record(shows: Partial<StoredRecord> = {}): StoredRecord {
  const id = digests.hash128(`record ${++named}`);
  return {
    id,
    reason: 'schema',
    detail: 'data: is missing',
    source: '/processors/acme',
    arrivedMs: START_MS,
    expiresAtMs: START_MS + 10 * HOUR,
    objectKey: `schema/${id}`,
    byteCount: 26,
    ...shows,
  };
}

/** What the index of the quarantine must do. */
export function quarantineIndexSuite(name: string, create: () => Promise<QuarantineIndex>): void {
  describe(`the index of the quarantine ${name}`, () => {
    let index: QuarantineIndex;
    beforeAll(async () => {
      index = await create();
    });

    const added = async (shows: Partial<StoredRecord> = {}) => {
      const one = record(shows);
      await index.add(one);
      return one;
    };
    const idsOf = async (filter: QuarantineFilter) => {
      const ids: string[] = [];
      for await (const { id } of index.list(filter)) ids.push(id);
      return ids.sort();
    };

    it('gives back what it was given', async () => {
      const { id } = await added({ isMasked: true });
      expect(await index.read(id)).toEqual({
        id,
        status: 'waiting',
        reason: 'schema',
        detail: 'data: is missing',
        source: '/processors/acme',
        arrivedAt: '2024-11-10T16:00:00.000Z',
        objectKey: `schema/${id}`,
        byteCount: 26,
        isMasked: true,
        expiresAtMs: START_MS + 10 * HOUR,
        history: [],
      });
      expect(await index.read('unknown')).toBeUndefined();
    });

    it('knows how many records are stored together under one item', async () => {
      const { id } = await added({ records: 180 });
      expect(await index.read(id)).toMatchObject({ records: 180 });
    });

    it('leaves a record that waits as it is', async () => {
      const one = await added();
      await index.add({ ...one, arrivedMs: START_MS + HOUR, expiresAtMs: START_MS + 11 * HOUR });
      expect(await index.read(one.id)).toMatchObject({ arrivedAt: '2024-11-10T16:00:00.000Z' });
    });

    it('lets a record live on that waits and comes again in the second half of its time', async () => {
      const one = await added();
      const again = { ...one, arrivedMs: START_MS + 6 * HOUR, expiresAtMs: START_MS + 16 * HOUR };
      await index.add(again);
      expect(await index.read(one.id)).toMatchObject({ status: 'waiting', arrivedAt: '2024-11-10T22:00:00.000Z' });
    });

    it('lists by source, reason, time and status', async () => {
      const source = '/processors/listed';
      const first = await added({ source });
      const later = await added({ source, arrivedMs: START_MS + HOUR });
      const ahead = await added({ source, reason: 'future' });
      const other = await added({ source: '/processors/other' });
      const gone = await added({ source });
      await index.markDiscarded(gone.id, DISCARD);
      const listed = (shows: Partial<QuarantineFilter>) => idsOf({ ...OPEN, source, ...shows });
      expect(await listed({})).toEqual([first.id, later.id, ahead.id].sort());
      expect(await listed({ reasons: ['future'] })).toEqual([ahead.id]);
      expect(await listed({ sinceMs: START_MS + 1 })).toEqual([later.id]);
      expect(await listed({ untilMs: START_MS + HOUR })).toEqual([first.id, ahead.id].sort());
      expect(await listed({ statuses: ['discarded'] })).toEqual([gone.id]);
      expect(await idsOf({ ...OPEN, source: undefined })).toContain(other.id);
    });

    it('repairs a record once, after it was marked, and keeps who and why', async () => {
      const { id } = await added();
      expect(await index.markRepaired(id, REPAIR)).toBe(false);
      expect([await index.beginSending(id), await index.beginSending(id)]).toEqual([true, true]);
      expect([await index.markRepaired(id, REPAIR), await index.markRepaired(id, REPAIR)]).toEqual([true, false]);
      expect(await index.beginSending(id)).toBe(false);
      expect(await index.markDiscarded(id, DISCARD)).toBe(false);
      expect(await index.read(id)).toMatchObject({ status: 'repaired', history: [REPAIR] });
    });

    it('discards a record once, also one whose sending a crash has cut off', async () => {
      const { id } = await added();
      await index.beginSending(id);
      expect([await index.markDiscarded(id, DISCARD), await index.markDiscarded(id, DISCARD)]).toEqual([true, false]);
      expect(await index.beginSending(id)).toBe(false);
      expect(await index.read(id)).toMatchObject({ status: 'discarded', history: [DISCARD] });
    });

    it('lets a record wait again that came once more, with its history', async () => {
      const one = await added({ isMasked: true });
      await index.markDiscarded(one.id, DISCARD);
      await index.add({ ...one, isMasked: undefined, source: undefined, arrivedMs: START_MS + HOUR });
      const again = await index.read(one.id);
      expect(again).toMatchObject({ status: 'waiting', arrivedAt: '2024-11-10T17:00:00.000Z', history: [DISCARD] });
      expect([again?.isMasked, again?.source]).toEqual([undefined, undefined]);
      await index.beginSending(one.id);
      await index.markRepaired(one.id, REPAIR);
      expect(await index.read(one.id)).toMatchObject({ history: [DISCARD, REPAIR] });
    });

    it('lets a record wait that is quarantined again before its repair was recorded', async () => {
      const one = await added();
      await index.beginSending(one.id);
      await index.add({ ...one, arrivedMs: START_MS + HOUR });
      expect(await index.markRepaired(one.id, REPAIR)).toBe(false);
      expect(await index.read(one.id)).toMatchObject({ status: 'waiting', history: [] });
    });

    it('decides nothing about a record that it does not know', async () => {
      const id = digests.hash128('unknown');
      expect(await index.beginSending(id)).toBe(false);
      expect(await index.markDiscarded(id, DISCARD)).toBe(false);
      expect(await index.read(id)).toBeUndefined();
    });
  });
}
