import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REVIEW_SCORE_MAX, reviewScore } from '../../../core/queries/review-score.ts';
import { charge, HOUR, MINUTE, SECOND, START_MS } from '../../fixtures/charges.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const shows = { payer: 'p_1', order: 'o_1', instrument: 'tok_1', channel: 'app', amountMinor: 12_937 };
const one = charge({ ...shows, chargeId: 'one' });
const ref = { source: one.source, chargeId: one.chargeId };
const copy = (differs: Partial<typeof one> = {}, apartMs = 3 * SECOND) => ({
  charge: charge({ ...shows, chargeId: 'two', ...differs }),
  original: ref,
  originalCharge: one,
  timeMs: START_MS + apartMs,
  originalTimeMs: START_MS,
});

describe('the score of a charge', () => {
  it.each([
    ['a copy in everything, seconds apart', copy(), 100],
    ['another instrument', copy({ instrument: 'tok_2' }), 75],
    ['another payer', copy({ payer: 'p_2' }), 80],
    ['another order', copy({ order: 'o_2' }), 90],
    ['another channel', copy({ channel: 'till' }), 90],
    ['an amount with one zero at its end', copy({ amountMinor: 12_990 }), 95],
    ['a round amount', copy({ amountMinor: 12_900 }), 90],
    ['half a minute apart', copy({}, 30 * SECOND), 95],
    ['ten minutes apart', copy({}, 10 * MINUTE), 85],
    ['half an hour before', copy({}, -HOUR / 2), 80],
    ['hours apart', copy({}, 2 * HOUR), 75],
  ])('gives its points to %s', (_, scored, expected) => {
    expect(reviewScore(scored)).toBe(expected);
  });

  it('counts a field that neither charge has for nothing', () => {
    const bare = { instrument: undefined, channel: undefined, payer: undefined };
    const both = { ...copy(bare), originalCharge: charge({ ...shows, ...bare, chargeId: 'one' }) };
    expect(reviewScore(both)).toBe(45);
  });

  it('is that of the amount alone where the original is not known, or is the charge itself', () => {
    const { originalCharge: _, originalTimeMs: __, ...alone } = copy();
    expect(reviewScore(alone)).toBe(10);
    expect(reviewScore({ ...copy(), charge: one })).toBe(10);
  });

  it('is a whole number from 0 to 100, whatever the charges are', () => {
    const token = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });
    const charges = fc.record({
      payer: token,
      order: token,
      instrument: token,
      channel: token,
      amountMinor: fc.nat(),
    });
    fc.assert(
      fc.property(charges, charges, fc.integer(), (duplicate, original, apartMs) => {
        const scored = {
          ...copy({}, apartMs),
          charge: charge({ ...duplicate, chargeId: 'two' }),
          originalCharge: charge({ ...original, chargeId: 'one' }),
        };
        const score = reviewScore(scored);
        expect(Number.isInteger(score)).toBe(true);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(REVIEW_SCORE_MAX);
      }),
    );
  });

  it('has the table of docs/holds.md', () => {
    const page = readFileSync(join(ROOT, 'docs', 'holds.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (?<sign>[^|]+) \| (?<points>\d+) \|$/gm)].map(({ groups }) => [
      groups?.sign,
      Number(groups?.points),
    ]);
    expect(rows).toEqual([
      ['the same known instrument', 25],
      ['the same known payer', 20],
      ['the same known order', 10],
      ['the same known channel', 10],
      ['at most 10 seconds apart', 25],
      ['at most 1 minute apart', 20],
      ['at most 10 minutes apart', 10],
      ['at most 1 hour apart', 5],
      ['an amount without a zero at its end, in minor units', 10],
      ['an amount with one zero at its end', 5],
    ]);
  });
});

/** Everything that a module imports from core, types too, and what that imports. */
function reached(from: readonly string[], seen = new Set<string>()): ReadonlySet<string> {
  for (const file of from) {
    if (seen.has(file)) continue;
    seen.add(file);
    const code = readFileSync(join(ROOT, file), 'utf8');
    const targets = [...code.matchAll(/from '(\.[^']+)'/g)].map(([, name = '']) =>
      normalize(join(dirname(file), name)),
    );
    reached(targets, seen);
  }
  return seen;
}

it.each(['assess', 'claim', 'reverse', 'record', 'hold', 'sweep', 'policy', 'evidence'])(
  'the money path does not read it: %s',
  (step) => {
    const modules = reached([`core/refunds/${step}.ts`]);
    expect(modules.size).toBeGreaterThan(5);
    expect([...modules].filter((file) => file.startsWith('core/queries/'))).toEqual([]);
  },
);
