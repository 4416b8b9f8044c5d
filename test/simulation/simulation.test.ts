import { describe, expect, it } from 'vitest';
import { ATTACKERS, type Attacker } from './settings.ts';
import { simulate } from './simulation.ts';

const SEEDS = Number(process.env.ONECHARGE_SIMULATION_SEEDS ?? 60);
const RANDOM_SEEDS = 20;
/** For each attacker. In full 10,002 in all. */
const ATTACKED_SEEDS = process.env.ONECHARGE_FULL ? 3_334 : 40;
const ATTACKED_EVENTS = 20;

async function play(seed: number, events: number, attacker?: Attacker): Promise<void> {
  const { broken } = await simulate({ seed, events, attacker });
  const again = `npm run simulate -- --seed ${seed} --events ${events}${attacker ? ` --attacker ${attacker}` : ''}`;
  expect(broken?.message, `it happens again with: ${again}`).toBeUndefined();
}

describe('every promise holds', () => {
  it(`in ${SEEDS} nights that are always the same`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await play(seed, 20 + (seed % 5) * 20);
  });

  it(`in ${RANDOM_SEEDS} nights that nobody has seen`, async () => {
    const seeds = Array.from({ length: RANDOM_SEEDS }, () => Math.floor(Math.random() * 2 ** 32));
    console.log(`random seeds: ${seeds.join(' ')}`);
    for (const seed of seeds) await play(seed, 60);
  });
});

describe.each(ATTACKERS)('with a %s let in', (attacker) => {
  it(`an hour loses at most its bound, in ${ATTACKED_SEEDS} nights that are always the same`, async () => {
    for (let seed = 1; seed <= ATTACKED_SEEDS; seed++) await play(seed, ATTACKED_EVENTS, attacker);
  });
});

describe('a seed', () => {
  it('tells the same night again, step by step', async () => {
    const nights = await Promise.all(
      [0, 1].map(async () => {
        const lines: string[] = [];
        const night = await simulate({ seed: 7, events: 60, trace: (line) => lines.push(line) });
        return { ...night, lines };
      }),
    );
    expect(nights[0]?.lines.length).toBeGreaterThan(100);
    expect(nights[0]).toEqual(nights[1]);
  });

  it('tells another night than its neighbour', async () => {
    const [one, two] = [await simulate({ seed: 7, events: 60 }), await simulate({ seed: 8, events: 60 })];
    expect(one.steps).not.toBe(two.steps);
  });
});
