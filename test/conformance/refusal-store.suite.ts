import { beforeAll, describe, expect, it } from 'vitest';
import type { Ms } from '../../core/brands.ts';
import { hourOf, type Refusal, type RefusalNotice, type RefusalStore } from '../../core/incidents/refusals.ts';
import { HOUR, MINUTE, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

const COUNTED_MAX = 5;
/** Each test has an hour of its own. */
let hours = 0;

function nextHour(): Ms {
  return hourOf(START_MS) + ++hours * HOUR;
}

function refusal(n: number, shows: Partial<Refusal> & Pick<Refusal, 'atMs'>): Refusal {
  return { recordIds: [digests.hash128(`record ${n}`)], source: '/processors/acme', reason: 'future', ...shows };
}

function notice(hourMs: Ms, shows: Partial<RefusalNotice> = {}): RefusalNotice {
  const counts = { byReason: { future: 2 }, refused: 2, accepted: 1 };
  return { source: '/processors/acme', hourMs, ...counts, noticedAtMs: hourMs + MINUTE, isSent: false, ...shows };
}

/** What a store of refusals must do. It counts up to five records of a source, reason and hour. */
export function refusalStoreSuite(
  name: string,
  create: (settings: { readonly countedMax: number }) => Promise<RefusalStore>,
): void {
  describe(`the store of refusals ${name}`, () => {
    let refusals: RefusalStore;
    beforeAll(async () => {
      refusals = await create({ countedMax: COUNTED_MAX });
    });

    it('counts each record once, however often and by how many workers it is noted', async () => {
      const hourMs = nextHour();
      const noted = [1, 2, 3, 2, 1, 3].map((n) => refusals.noteRefusals(refusal(n, { atMs: hourMs + n })));
      await Promise.all(noted);
      expect(await refusals.refusalsIn(hourMs)).toMatchObject([
        { source: '/processors/acme', byReason: { future: 3 }, notice: undefined },
      ]);
    });

    it('counts by hour, source and reason, and knows when the first record was refused', async () => {
      const hourMs = nextHour();
      await refusals.noteRefusals(refusal(1, { atMs: hourMs + MINUTE }));
      await refusals.noteRefusals(refusal(2, { atMs: hourMs + 2 * MINUTE, reason: 'schema' }));
      await refusals.noteRefusals(refusal(3, { atMs: hourMs + 3 * MINUTE, source: '/p#1/bank' }));
      await refusals.noteRefusals(refusal(4, { atMs: hourMs - 1 }));
      const found = (await refusals.refusalsIn(hourMs)).toSorted((a, b) => a.firstAtMs - b.firstAtMs);
      expect(found).toEqual([
        { source: '/processors/acme', byReason: { future: 1, schema: 1 }, firstAtMs: hourMs + MINUTE },
        { source: '/p#1/bank', byReason: { future: 1 }, firstAtMs: hourMs + 3 * MINUTE },
      ]);
      expect(await refusals.refusalsIn(hourMs + HOUR)).toEqual([]);
    });

    it('stops at the number that an alert needs', async () => {
      const hourMs = nextHour();
      await Promise.all(Array.from({ length: 12 }, (_, n) => refusals.noteRefusals(refusal(n, { atMs: hourMs }))));
      await refusals.noteRefusals(refusal(13, { atMs: hourMs }));
      expect(await refusals.refusalsIn(hourMs)).toMatchObject([{ byReason: { future: COUNTED_MAX } }]);
    });

    it('keeps all sources without an entry under one name', async () => {
      const hourMs = nextHour();
      for (const n of [1, 2]) {
        await refusals.noteRefusals(refusal(n, { atMs: hourMs, source: undefined, reason: 'unknown-source' }));
      }
      await refusals.openNotice(notice(hourMs, { source: undefined }));
      const found = await refusals.refusalsIn(hourMs);
      expect(found).toMatchObject([{ byReason: { 'unknown-source': 2 }, notice: { isSent: false } }]);
      expect(found[0]?.source).toBeUndefined();
    });

    it('gives the notice of a source and hour to one of any number of workers', async () => {
      const hourMs = nextHour();
      await refusals.noteRefusals(refusal(1, { atMs: hourMs }));
      const opened = await Promise.all([1, 2, 3, 4].map((n) => refusals.openNotice(notice(hourMs, { accepted: n }))));
      expect(opened.filter((answer) => answer === 'opened')).toHaveLength(1);
      expect(await refusals.openNotice(notice(hourMs + HOUR))).toBe('opened');
      const [found] = await refusals.refusalsIn(hourMs);
      expect(found?.notice).toEqual(notice(hourMs, { accepted: found?.notice?.accepted ?? 0 }));
    });

    it('remembers that a notice was sent', async () => {
      const hourMs = nextHour();
      await refusals.noteRefusals(refusal(1, { atMs: hourMs }));
      await refusals.openNotice(notice(hourMs));
      await refusals.markNoticeSent(notice(hourMs));
      await refusals.markNoticeSent(notice(hourMs));
      expect(await refusals.refusalsIn(hourMs)).toMatchObject([{ notice: notice(hourMs, { isSent: true }) }]);
      expect(await refusals.openNotice(notice(hourMs))).toBe('already-open');
    });
  });
}
