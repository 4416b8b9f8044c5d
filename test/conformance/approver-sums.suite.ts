import { beforeAll, describe, expect, it } from 'vitest';
import { asJobId } from '../../core/brands.ts';
import type { ApproverSums, Release } from '../../core/refunds/approver-sums.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';

let named = 0;

/** 100 of ann's 250 an hour. */
function release(by: string, shows: Partial<Release> & { readonly nowMs?: number } = {}): Release {
  const { nowMs = START_MS, ...others } = shows;
  const owner = { kind: 'approver', by, nowMs } as const;
  return { owner, name: `flag ${++named}`, currency: 'CNY', amountMinor: 100, maxMinor: 250, ...others };
}

/** What the sums of approvers must do. */
export function approverSumsSuite(name: string, create: () => Promise<ApproverSums>): void {
  describe(`the sums of approvers ${name}`, () => {
    let sums: ApproverSums;
    beforeAll(async () => {
      sums = await create();
    });
    const answersTo = async (asked: readonly Release[]) => {
      const answers: string[] = [];
      for (const one of asked) answers.push(await sums.countRelease(one));
      return answers;
    };

    it('count up to the sum to the last unit, and not beyond it', async () => {
      const asked = [100, 151, 150, 1].map((amountMinor) => release('max', { amountMinor }));
      expect(await answersTo(asked)).toEqual(['counted', 'beyond', 'counted', 'beyond']);
      expect(await sums.releasedMinor(release('max').owner, 'CNY')).toBe(250);
    });

    it('count a release once, also where its hour is full or over', async () => {
      const one = release('again', { amountMinor: 250 });
      const later = { ...one, owner: release('again', { nowMs: START_MS + HOUR }).owner };
      expect(await answersTo([one, one, later])).toEqual(['counted', 'counted', 'counted']);
      expect(await sums.releasedMinor(one.owner, 'CNY')).toBe(250);
      expect(await sums.releasedMinor(later.owner, 'CNY')).toBe(0);
    });

    it('are those of each approver, currency and clock hour', async () => {
      const full = { amountMinor: 250 };
      const hourMs = START_MS - (START_MS % HOUR);
      const asked = [
        release('own', { ...full, nowMs: hourMs }),
        release('other', { ...full, nowMs: hourMs }),
        release('own', { ...full, nowMs: hourMs, currency: 'JPY' }),
        release('own', { ...full, nowMs: hourMs + HOUR - 1 }),
        release('own', { ...full, nowMs: hourMs + HOUR }),
      ];
      expect(await answersTo(asked)).toEqual(['counted', 'counted', 'counted', 'beyond', 'counted']);
    });

    it('of an order last for all of its time, apart from those of its approvers', async () => {
      const owner = { kind: 'order', jobId: asJobId('own'), nowMs: START_MS } as const;
      const later = { ...owner, nowMs: START_MS + 5 * HOUR };
      const asked = [release('own', { owner }), release('own', { owner: later, amountMinor: 151 })];
      expect(await answersTo(asked)).toEqual(['counted', 'beyond']);
      expect(await sums.releasedMinor(later, 'CNY')).toBe(100);
    });

    it('have no room for more than a whole sum', async () => {
      expect(await answersTo([release('whole', { amountMinor: 251 }), release('whole', { maxMinor: 0 })])).toEqual([
        'beyond',
        'beyond',
      ]);
    });

    it('never pass the sum where many ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => sums.countRelease(release('race'))));
      expect(answers.filter((answer) => answer === 'counted')).toHaveLength(2);
      expect(await sums.releasedMinor(release('race').owner, 'CNY')).toBe(200);
    });

    it('count one release once where it is asked for many times at once', async () => {
      const one = release('repeats');
      const answers = await Promise.all(Array.from({ length: 8 }, () => sums.countRelease(one)));
      expect(new Set(answers)).toEqual(new Set(['counted']));
      expect(await sums.releasedMinor(one.owner, 'CNY')).toBe(100);
    });
  });
}
