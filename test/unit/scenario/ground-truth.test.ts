import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { double11, ORDERS_MIN, writeScenario } from '../../../scenario/double11.ts';
import { compareWithTruth, readTruth } from '../../../scenario/ground-truth.ts';
import { seededRandom } from '../../../scenario/random.ts';
import type { ObservedFlag, ObservedSummary } from '../../../scenario/truth.ts';
import { truthFileOf } from '../../../scenario/write-files.ts';
import { BruteForceJudge } from './brute-force-judge.ts';

const { lines, truth } = double11({ orders: ORDERS_MIN, seed: 4 });
const { flags, summary } = judged();

/** What a correct system would show. */
function judged(): { flags: readonly ObservedFlag[]; summary: ObservedSummary } {
  const judge = new BruteForceJudge();
  for (const line of lines) judge.seeBatch([line], Date.parse('2026-01-01T00:00:00Z'));
  return judge.judge(seededRandom(1));
}

/** The first flag of a kind of story, and all flags with that one changed. */
function withChanged(kind: string, change: Partial<ObservedFlag>): { one: ObservedFlag; changed: ObservedFlag[] } {
  const cluster = truth.clusters.find((each) => each.kind === kind);
  const one = flags.find((flag) =>
    cluster?.charges.some(({ source, chargeId }) => source === flag.source && chargeId === flag.chargeId),
  );
  if (one === undefined) throw new Error(`no flag of ${kind}`);
  return { one, changed: flags.map((flag) => (flag === one ? { ...one, ...change } : flag)) };
}

describe('compareWithTruth', () => {
  it('says nothing when all agree', () => {
    expect(compareWithTruth(truth, flags, summary)).toEqual([]);
  });

  it('names a surplus charge that was not flagged', () => {
    const { one } = withChanged('charged-twice', {});
    const found = compareWithTruth(
      truth,
      flags.filter((flag) => flag !== one),
      summary,
    );
    expect(found).toContain(
      `charge ${one.source} ${one.chargeId} (charged-twice) is not flagged; same-order must find it`,
    );
  });

  it('names a charge that was flagged and must not be, with the kind of its story', () => {
    const story = truth.stories['split-payment']?.[0];
    const wrong: ObservedFlag = {
      source: '/processors/wallet',
      chargeId: `ch_${story}_2`,
      original: `ch_${story}_1`,
      originalSource: '/processors/wallet',
      detector: 'same-order',
      action: 'refund',
      status: 'refunded',
    };
    expect(compareWithTruth(truth, [...flags, wrong], summary)).toContain(
      `charge /processors/wallet ch_${story}_2 (split-payment) is flagged by same-order and must not be; the truth forbids this refund`,
    );
  });

  it('finds a refund that leaves a cluster with nothing', () => {
    const { changed } = withChanged('void-of-original', { status: 'refunded' });
    const found = compareWithTruth(truth, changed, summary).join('\n');
    expect(found).toMatch(/ended refunded instead of dismissed/);
    expect(found).toMatch(/has 0 charges standing instead of 1/);
  });

  it('finds a flag that may be raised by some orders and then has to be dismissed', () => {
    const { changed } = withChanged('unpaid-then-paid', { status: 'refunded' });
    expect(compareWithTruth(truth, changed, summary).join('\n')).toMatch(
      /unpaid-then-paid.*has 1 refunded instead of 0/,
    );
  });

  it.each<[string, string, Partial<ObservedFlag>, RegExp]>([
    ['an end that was not reached', 'charged-twice', { status: 'refunding' }, /ended refunding instead of refunded/],
    ['a hold that was not kept', 'two-coffees', { status: 'refunded' }, /ended refunded instead of held/],
    ['another action', 'two-coffees', { action: 'refund' }, /has the action refund instead of review/],
    ['another detector', 'charged-twice', { detector: 'rapid-repeat' }, /flagged by rapid-repeat and must not be/],
    ['another original', 'second-processor', { originalSource: '/processors/bank' }, /names the original/],
    ['an original from elsewhere', 'family-pay', { original: 'ch_0_1' }, /has an original from outside/],
  ])('finds %s', (_, kind, change, message) => {
    expect(compareWithTruth(truth, withChanged(kind, change).changed, summary).join('\n')).toMatch(message);
  });

  it('finds a charge that is flagged twice', () => {
    const { one } = withChanged('family-pay', {});
    expect(compareWithTruth(truth, [...flags, one], summary)).toContain(
      `charge ${one.source} ${one.chargeId} is flagged more than once`,
    );
  });

  it.each([
    'events',
    'charges',
    'quarantined',
    'flags',
    'cases',
    'refunded',
    'held',
    'dismissed',
    'failed',
    'alerts',
  ] as const)('compares the total %s of the summary with the truth', (total) => {
    const wrong = { ...summary, [total]: summary[total] + 1 };
    expect(compareWithTruth(truth, flags, wrong)).toContain(
      `total ${total} is ${summary[total] + 1}; by the truth it is ${summary[total]}`,
    );
  });

  it.each<[string, Record<string, number>]>([
    ['too much of a currency', { ...summary.refundedMinor, CNY: 1 }],
    ['a currency that nothing was refunded in', { ...summary.refundedMinor, EUR: 1 }],
    ['a currency that is missing', {}],
  ])('finds %s', (_, refundedMinor) => {
    expect(compareWithTruth(truth, flags, { ...summary, refundedMinor }).join('\n')).toMatch(
      /^total refundedMinor in/m,
    );
  });

  it('finds any single change of any flag', () => {
    const statuses = ['open', 'refunding', 'refunded', 'held', 'dismissed', 'failed', 'kept'];
    fc.assert(
      fc.property(fc.nat(flags.length - 1), fc.constantFrom(...statuses), (index, status) => {
        fc.pre(flags[index]?.status !== status);
        const changed = flags.map((flag, at) => (at === index ? { ...flag, status } : flag));
        expect(compareWithTruth(truth, changed, summary)).not.toEqual([]);
      }),
    );
  });
});

describe('the truth file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onecharge-scenario-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('lies beside the events and reads as what was written', async () => {
    const out = join(folder, 'night.ndjson');
    const written = await writeScenario({ orders: ORDERS_MIN, seed: 4, out });
    expect(written).toEqual({ events: truth.events, charges: truth.charges });
    expect(await readFile(out, 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect(await readTruth(join(folder, 'night.truth.json'))).toEqual(truth);
  });

  it.each([
    ['night.ndjson', 'night.truth.json'],
    ['night.json', 'night.json.truth.json'],
  ])('of %s is %s', (events, file) => {
    expect(truthFileOf(events)).toBe(file);
  });

  it.each([
    ['no JSON', '{', /broken\.truth\.json is not JSON/],
    ['no truth', '{"format":2}', /broken\.truth\.json is no ground truth:[\s\S]*format/],
  ])('that is %s is refused by its name', async (_, text, message) => {
    const file = join(folder, 'broken.truth.json');
    await writeFile(file, text);
    await expect(readTruth(file)).rejects.toThrow(message);
  });
});
