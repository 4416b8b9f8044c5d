import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBurst } from '../../../core/incidents/burst.ts';
import type { ProcessedCharges } from '../../../core/incidents/charge-meter.ts';
import { thresholdOf } from '../../../core/incidents/rate.ts';
import type { CaseOrigin } from '../../../core/incidents/scope.ts';

const SETTINGS = { baseRate: 0.006, tolerance: 3, falseAlarm: 1e-6, minCases: 20 };
const configuration = { rateOf: () => SETTINGS };

function cases(
  ...groups: readonly (readonly [count: number, merchant: string, source: string])[]
): readonly CaseOrigin[] {
  return groups.flatMap(([count, merchant, source]) => Array.from({ length: count }, () => ({ merchant, source })));
}

/** Charges in the window, evenly over two processors and ten merchants. */
function processed(charges: number): ProcessedCharges {
  return {
    charges,
    acceptedBySource: new Map(),
    bySource: new Map(['/wallet', '/bank'].map((source) => [source, charges / 2])),
    byMerchant: new Map(Array.from({ length: 10 }, (_, n) => [`m_${n}`, charges / 10])),
  };
}

/** P(X >= count) of a Poisson number, summed up term by term. */
function tailOf(mean: number, count: number): number {
  let [term, below] = [Math.exp(-mean), 0];
  for (let k = 0; k < count; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below;
}

describe('the threshold of a burst', () => {
  it.each([
    { charges: 0, usual: '0', threshold: 20 },
    { charges: 500, usual: '3', threshold: 29 },
    { charges: 5_000, usual: '30', threshold: 145 },
    { charges: 50_000, usual: '300', threshold: 1_063 },
    { charges: 1_000_000, usual: '6000', threshold: 18_710 },
  ])('is $threshold cases where $usual are usual', ({ charges, threshold }) => {
    expect(thresholdOf(charges, SETTINGS)).toBe(threshold);
  });

  it('is passed by a usual rate as seldom as it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (charges) => {
        const mean = SETTINGS.tolerance * SETTINGS.baseRate * charges;
        // Beyond this the sum itself is less exact than what it is compared with.
        fc.pre(mean < 300);
        expect(tailOf(mean, thresholdOf(charges, SETTINGS))).toBeLessThan(SETTINGS.falseAlarm + 1e-9);
      }),
    );
  });

  it('never falls when more charges are processed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.nat({ max: 10_000 }), (charges, more) => {
        expect(thresholdOf(charges + more, SETTINGS)).toBeGreaterThanOrEqual(thresholdOf(charges, SETTINGS));
      }),
    );
  });
});

describe('a burst', () => {
  it.each([
    { what: 'nothing', of: cases(), charges: 0, scope: undefined },
    { what: 'fewer than the least number', of: cases([19, 'm_1', '/wallet']), charges: 10, scope: undefined },
    {
      what: 'what is usual on a busy night',
      of: cases(...Array.from({ length: 10 }, (_, n) => [30, `m_${n}`, n % 2 ? '/wallet' : '/bank'] as const)),
      charges: 50_000,
      scope: undefined,
    },
    {
      what: 'one merchant, with others as usual',
      of: cases([60, 'm_1', '/wallet'], [2, 'm_2', '/wallet'], [1, 'm_3', '/bank']),
      charges: 500,
      scope: { kind: 'merchant', merchant: 'm_1' },
    },
    {
      what: 'one merchant at two processors',
      of: cases([40, 'm_1', '/wallet'], [40, 'm_1', '/bank']),
      charges: 500,
      scope: { kind: 'merchant', merchant: 'm_1' },
    },
    {
      what: 'many merchants of one processor',
      of: cases([30, 'm_1', '/wallet'], [25, 'm_2', '/wallet'], [25, 'm_3', '/wallet'], [1, 'm_4', '/bank']),
      charges: 500,
      scope: { kind: 'processor', source: '/wallet' },
    },
    {
      what: 'many merchants of both processors',
      of: cases([30, 'm_1', '/wallet'], [25, 'm_2', '/bank'], [25, 'm_3', '/wallet'], [20, 'm_4', '/bank']),
      charges: 500,
      scope: { kind: 'all' },
    },
    {
      what: 'many merchants of few cases each',
      of: cases(...Array.from({ length: 60 }, (_, n) => [1, `m_${n}`, n % 2 ? '/wallet' : '/bank'] as const)),
      charges: 500,
      scope: { kind: 'all' },
    },
  ])('of $what is notified for the narrowest scope that explains it', ({ of, charges, scope }) => {
    expect(findBurst(of, processed(charges), configuration)?.scope).toEqual(scope);
  });

  it('is found of a merchant by that merchant’s own least number', () => {
    const own = { rateOf: (merchant: string | undefined) => ({ ...SETTINGS, minCases: merchant === 'm_9' ? 5 : 20 }) };
    const found = findBurst(cases([5, 'm_9', '/wallet'], [5, 'm_8', '/wallet']), processed(0), own);
    expect(found).toMatchObject({ scope: { kind: 'merchant', merchant: 'm_9' }, cases: 5, threshold: 5 });
  });

  it('is the same for all workers, in whatever order they read the cases', () => {
    const all = cases([12, 'm_1', '/wallet'], [12, 'm_2', '/bank'], [12, 'm_3', '/wallet'], [12, 'm_4', '/bank']);
    fc.assert(
      fc.property(fc.shuffledSubarray([...all], { minLength: all.length }), (shuffled) => {
        expect(findBurst(shuffled, processed(100), configuration)).toEqual(
          findBurst(all, processed(100), configuration),
        );
      }),
    );
  });
});
