import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addProcessed,
  createChargeMeter,
  MERCHANT_SAMPLE,
  type ProcessedCount,
} from '../../../core/incidents/charge-meter.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { range } from './histories.ts';

function meter(random: () => number = () => 1) {
  const written: ProcessedCount[] = [];
  let nowMs = START_MS;
  const counting = createChargeMeter({
    note: async (count) => {
      written.push(count);
    },
    nowMs: () => nowMs,
    random,
  });
  return {
    written,
    pass: (ms: number) => {
      nowMs += ms;
    },
    count: (charges: number, { records = charges, merchant = 'm_1', source = '/a' } = {}) =>
      counting.count({
        charges: range(charges).map((n) => charge({ chargeId: `ch_${n}`, merchant, source })),
        acceptedBySource: new Map([[source, records]]),
        records,
        lagMs: 7,
      }),
  };
}

describe('the meter of processed charges', () => {
  it('writes once a second at most while batches are full, and loses nothing on the way', async () => {
    const { written, pass, count } = meter();
    for (const _ of range(30)) {
      await count(200);
      pass(100);
    }
    await count(3);
    expect(written.length).toBeLessThanOrEqual(5);
    expect(addProcessed(written).charges).toBe(30 * 200 + 3);
    expect(addProcessed(written).bySource).toEqual(new Map([['/a', 30 * 200 + 3]]));
    expect(addProcessed(written).acceptedBySource).toEqual(new Map([['/a', 30 * 200 + 3]]));
  });

  it('writes at once when the stream is drained', async () => {
    const { written, count } = meter();
    await count(200);
    await count(5);
    expect(written.map(({ charges, lagMs }) => [charges, lagMs])).toEqual([
      [200, 7],
      [5, 7],
    ]);
  });

  it('estimates a merchant’s charges from its sample', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        async (chances) => {
          let drawn = 0;
          const { written, count } = meter(() => {
            const chance = chances.next().value;
            if (chance * MERCHANT_SAMPLE < 1) drawn++;
            return chance;
          });
          for (const _ of range(20)) await count(90);
          expect(addProcessed(written).byMerchant.get('m_1') ?? 0).toBe(drawn * MERCHANT_SAMPLE);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('names only so many merchants in one write', async () => {
    const { written, pass, count } = meter(() => 0);
    for (const n of range(100)) await count(1, { merchant: `m_${n}`, records: 200 });
    pass(1_000);
    await count(1);
    expect(Math.max(...written.map(({ byMerchant }) => byMerchant.size))).toBe(40);
    expect(addProcessed(written).charges).toBe(101);
  });
});
