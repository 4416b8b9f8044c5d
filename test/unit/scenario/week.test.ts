import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compareWithTruth, printTruth } from '../../../scenario/ground-truth.ts';
import { compileConfiguration, readConfigurationJson } from '../../../scenario/playback/playback-configuration.ts';
import { seededRandom } from '../../../scenario/random.ts';
import type { Pace, Truth } from '../../../scenario/truth.ts';
import { STORIES, week } from '../../../scenario/week.ts';
import { mixedByPayer } from './orders-of-processing.ts';
import { playScenario } from './play-scenario.ts';

const EXAMPLE_SEED = 6;
const exampleFile = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
const CONFIGURED = compileConfiguration(readConfigurationJson(exampleFile('week.configuration.json')), 'the week');
const PACES: readonly Pace[] = ['paced', 'at-once'];

const example = week({ seed: EXAMPLE_SEED });

async function differences(lines: readonly string[], truth: Truth, pace: Pace): Promise<readonly string[]> {
  const { flags, summary, quarantinedBy, alerts } = await playScenario(lines, pace, CONFIGURED);
  const shortExpected = truth.clusters.filter((cluster) => cluster.pace === pace && isShort(cluster)).length;
  const short = alerts.filter((kind) => kind === 'short-order').length;
  // Over days a case is announced again, for example near its deadline: the alerts of a replay at once are counted.
  const counted = pace === 'paced' ? { ...summary, incidents: 1, alerts: 0 } : summary;
  return [
    ...compareWithTruth(truth, flags, counted, pace),
    ...reasonsIn(truth.quarantinedBy, quarantinedBy)
      .filter((reason) => truth.quarantinedBy[reason] !== quarantinedBy[reason])
      .map((reason) => `${quarantinedBy[reason] ?? 0} records are quarantined as ${reason}`),
    ...(short === shortExpected ? [] : [`${short} alerts short-order instead of ${shortExpected}`]),
  ];
}

function reasonsIn(...tallies: readonly Readonly<Record<string, number>>[]): readonly string[] {
  return [...new Set(tallies.flatMap((tally) => Object.keys(tally)))];
}

function withoutAttestation(missing: string): unknown {
  return JSON.parse(JSON.stringify(readConfigurationJson(exampleFile('week.configuration.json'))), (key, value) =>
    key === 'attests' ? value.filter((attestation: string) => attestation !== missing) : value,
  );
}

function isShort({ owed, standing }: Truth['clusters'][number]): boolean {
  return standing < owed;
}

describe('a week of ordinary shops', () => {
  it.each(PACES)('has a truth that the core agrees with, %s', async (pace) => {
    expect(await differences(example.lines, example.truth, pace)).toEqual([]);
  });

  it.each([1, 2, 3])('has a truth that no order between payers can move, seed %i', async (seed) => {
    const { lines, truth } = week({ seed });
    expect(await differences(mixedByPayer(lines, seededRandom(seed)), truth, 'at-once')).toEqual([]);
  });

  it('has each kind of story at least once', () => {
    const untold = STORIES.filter(({ kind }) => (example.truth.stories[kind] ?? []).length === 0);
    expect(untold).toEqual([]);
  });

  it('is the same to the byte for the same seed, and another for another seed', () => {
    expect(week({ seed: EXAMPLE_SEED })).toEqual(example);
    expect(week({ seed: EXAMPLE_SEED + 1 }).lines).not.toEqual(example.lines);
  });

  it.each([-1, 2 ** 32, 0.5])('refuses the seed %d by name', (seed) => {
    expect(() => week({ seed })).toThrow(/^seed must be/);
  });

  it('forbids by name every refund that is not due', async () => {
    const { flags, summary } = await playScenario(example.lines, 'at-once', CONFIGURED);
    const others = flags.filter(({ status }) => status !== 'refunded');
    expect(others.length).toBeGreaterThan(90);
    for (const flag of others) {
      const changed = flags.map((each) => (each === flag ? { ...each, status: 'refunded' } : each));
      const found = compareWithTruth(example.truth, changed, summary);
      const isNamed = (difference: string) => difference.startsWith(`charge ${flag.source} ${flag.chargeId} (`);
      expect(found.filter(isNamed).join()).toMatch(/ended refunded instead of \w+; the truth forbids this refund/);
    }
  });

  it.each(['single-charge', 'totals', 'closings'])(
    'notices a registry that lacks the attestation %s',
    async (missing) => {
      const without = compileConfiguration(withoutAttestation(missing), 'the week without it');
      const { flags, summary } = await playScenario(example.lines, 'at-once', without);
      expect(compareWithTruth(example.truth, flags, summary)).not.toEqual([]);
    },
  );
});

describe('examples/week.ndjson', () => {
  it(`is what seed ${EXAMPLE_SEED} gives`, async () => {
    expect((await readFile(exampleFile('week.ndjson'), 'utf8')) === `${example.lines.join('\n')}\n`).toBe(true);
    expect((await readFile(exampleFile('week.truth.json'), 'utf8')) === printTruth(example.truth)).toBe(true);
  });

  it('is small enough for a demo of minutes', () => {
    expect(example.truth.events).toBeGreaterThan(700);
    expect(example.truth.events).toBeLessThan(1500);
  });
});
