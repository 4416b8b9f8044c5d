import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../scenario/random.ts';

const seeds = fc.nat(2 ** 32 - 1);

describe('seededRandom', () => {
  it('says the same to the same seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [one, two] = [seededRandom(seed), seededRandom(seed)];
        expect(one.fork().fraction()).toBe(two.fork().fraction());
        expect(one.fraction()).toBe(two.fraction());
      }),
    );
  });

  it('draws whole numbers from min to max, both included', () => {
    const random = seededRandom(1);
    const drawn = new Set(Array.from({ length: 500 }, () => random.integer(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  it('shuffles without loss and leaves the list alone', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer()), (seed, items) => {
        const before = [...items];
        expect(seededRandom(seed).shuffled(items).sort()).toEqual(before.toSorted());
        expect(items).toEqual(before);
      }),
    );
  });

  it('is even enough: each of ten choices comes up about as often', () => {
    const random = seededRandom(2024);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const choice = random.integer(0, 9);
      counts[choice] = (counts[choice] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
