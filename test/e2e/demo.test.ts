import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FLAG_STATUSES } from '../../core/cases/flag.ts';
import { readTruth } from '../../scenario/ground-truth.ts';
import { outcomeOf } from '../../scenario/playback/case-result.ts';
import { casesAsOneFile } from '../fixtures/cases-as-one-file.ts';
import { type Ended, endAll, type Running, run, start } from './commands.ts';
import { eventually } from './eventually.ts';
import { freePort, leftoversOf, untilNothingIsLeft } from './leftovers.ts';
import { captured, newStory } from './story.ts';

const summarySchema = z.looseObject({
  events: z.number(),
  charges: z.number(),
  quarantined: z.number(),
  flags: z.number(),
  cases: z.number(),
  refunded: z.number(),
  held: z.number(),
  dismissed: z.number(),
  failed: z.number(),
  refundedMinor: z.record(z.string(), z.number()),
  alerts: z.number(),
  seconds: z.number(),
});
const flagLineSchema = z.looseObject({
  source: z.string(),
  chargeId: z.string(),
  original: z.string(),
  detector: z.string(),
  action: z.string(),
  status: z.enum(FLAG_STATUSES),
});

let folder = '';
const inFolder = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-e2e-'));
});

afterAll(async () => {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A demo with an emulator of its own, even where AWS_ENDPOINT_URL names another: what is tested is all of it. */
interface Demo extends Running {
  /** What it has left behind, once it has ended. */
  leftovers(): Promise<readonly string[]>;
}

interface DemoOptions {
  readonly events: string;
  readonly flags?: string;
  readonly npm?: boolean;
  readonly attested?: boolean;
}

async function demo({ events, flags, npm, attested }: DemoOptions): Promise<Demo> {
  const port = await freePort();
  const mark = randomBytes(12).toString('hex');
  const options = ['--json', '--events', events, '--port', String(port), ...(flags ? ['--flags', flags] : [])];
  if (attested) options.push('--attested');
  const environment = { AWS_ENDPOINT_URL: undefined, ONECHARGE_E2E_RUN: mark };
  const running = npm
    ? start('npm', ['run', '--silent', 'demo', '--', ...options], environment)
    : run('local/start.ts', ['--demo', ...options], environment);
  return { ...running, leftovers: () => leftoversOf(port, mark) };
}

function summaryOf({ stdout }: Ended): z.infer<typeof summarySchema> {
  return summarySchema.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
}

function flagLinesOf(file: string): readonly z.infer<typeof flagLineSchema>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => flagLineSchema.parse(JSON.parse(line)));
}

describe.concurrent('the demo', () => {
  test('agrees with the ground truth of a generated sale, charge by charge', async () => {
    const [events, flags] = [inFolder('sale.ndjson'), inFolder('flags.ndjson')];
    const scenario = ['scenario', 'double11', '--orders', '150', '--seed', '7', '--out', events];
    expect(await run('bin/onecharge.ts', scenario).ended).toMatchObject({ code: 0 });
    const truth = await readTruth(inFolder('sale.truth.json'));

    const running = await demo({ events, flags });
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
    const summary = summaryOf(ended);
    const { flags: _flags, refunded, held, refundedMinor } = truth.totals;
    expect(summary).toMatchObject({ refunded, held, refundedMinor, failed: 0 });
    expect(summary).toMatchObject({ events: truth.events, charges: truth.charges, quarantined: truth.quarantined });
    const lines = flagLinesOf(flags);
    expect(lines).toHaveLength(summary.flags);
    for (const status of ['refunded', 'held', 'dismissed'] as const) {
      expect(lines.filter((line) => line.status === status)).toHaveLength(summary[status]);
    }
    await untilNothingIsLeft(running.leftovers);
  });

  test('judges fifteen public stories right, as one file', async () => {
    const { text, outcomes, exactly } = casesAsOneFile();
    const [events, flags] = [inFolder('cases.ndjson'), inFolder('cases-flags.ndjson')];
    writeFileSync(events, text);
    const running = await demo({ events, flags, attested: true });
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
    const lines = flagLinesOf(flags);
    const ends = new Map(lines.map(({ chargeId, status }) => [chargeId, outcomeOf(status)]));
    const wrong = [...new Set([...ends.keys(), ...outcomes.keys()])].filter((id) => {
      const allowed: readonly string[] = outcomes.get(id) ?? ['none'];
      return !allowed.includes(ends.get(id) ?? 'none');
    });
    expect(lines.filter(({ chargeId }) => wrong.includes(chargeId))).toEqual([]);
    expect(wrong).toEqual([]);
    for (const { number, of, outcome } of exactly) {
      expect(
        of.filter((id) => (ends.get(id) ?? 'none') === outcome),
        of.join(', '),
      ).toHaveLength(number);
    }
    await untilNothingIsLeft(running.leftovers);
  });

  test('names broken lines by number, deals with the rest, and ends with code 2', async () => {
    const story = newStory();
    const [original, duplicate] = [captured(story.charge('1')), captured(story.charge('2'))];
    const unknown = { ...original, type: 'charge.imagined' };
    const lines = [original, '{"broken', unknown, '', duplicate, 'nonsense'];
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const [events, flags] = [inFolder('broken.ndjson'), inFolder('broken-flags.ndjson')];
    writeFileSync(events, text);

    const running = await demo({ events, flags });
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 2, signal: null });
    for (const named of ['broken.ndjson:2: not-json', 'broken.ndjson:3: schema', 'broken.ndjson:6: not-json']) {
      expect(ended.stderr).toContain(named);
    }
    expect(ended.stderr).not.toMatch(/broken\.ndjson:[145]:/);
    const counts = { events: 5, charges: 2, quarantined: 3, flags: 1, cases: 1, refunded: 1, alerts: 2 };
    expect(summaryOf(ended)).toMatchObject({ ...counts, held: 0, failed: 0, refundedMinor: { CNY: 12_900 } });
    const { chargeId, source } = story.charge('2');
    expect(flagLinesOf(flags)).toMatchObject([
      { source, chargeId, original: story.charge('1').chargeId, detector: 'same-order', action: 'refund' },
    ]);
    await untilNothingIsLeft(running.leftovers);
  });

  test.for([
    { file: 'that does not exist', make: () => {}, says: /does not exist/ },
    { file: 'that is empty', make: (events: string) => writeFileSync(events, ''), says: /is empty/ },
    { file: 'of blank lines', make: (events: string) => writeFileSync(events, '\n \n'), says: /has no events/ },
  ])('says in one line that a file $file is not to be used', async ({ file, make, says }) => {
    const events = inFolder(`${file.replaceAll(' ', '-')}.ndjson`);
    make(events);
    const running = await demo({ events });
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.stderr).toMatch(says);
    await untilNothingIsLeft(running.leftovers);
  });
});

describe('a demo that is killed', () => {
  /** A Ctrl-C reaches the whole group in the foreground; a kill reaches one process. */
  test.for([
    { how: 'by Ctrl-C in mid-deployment', signal: 'SIGINT', step: 'deploy', npm: false, group: true },
    { how: 'politely while refunds run', signal: 'SIGTERM', step: 'refunds', npm: false, group: false },
    { how: 'at once while refunds run', signal: 'SIGKILL', step: 'refunds', npm: false, group: false },
    { how: 'with its npm in mid-deployment', signal: 'SIGKILL', step: 'deploy', npm: true, group: false },
  ] as const)('$how leaves no process, no port and no folder', async ({ signal, step, npm, group }) => {
    const story = newStory();
    const events = inFolder(`${story.order}.ndjson`);
    const charges = [story.charge('1'), story.charge('2')];
    writeFileSync(events, charges.map((charge) => JSON.stringify(captured(charge))).join('\n'));
    const running = await demo({ events, npm });
    const pid = running.child.pid ?? 0;
    await eventually(`the step ${step} has begun`, async () => {
      if (running.child.exitCode !== null) throw new Error(`ended before the step ${step}:\n${running.stderr()}`);
      return running.stderr().includes(`  ${step}  `) || undefined;
    });
    expect(await running.leftovers()).not.toEqual([]);
    process.kill(group ? -pid : pid, signal);

    const { code } = await running.ended;
    expect(code).not.toBe(0);
    // What is killed cannot clean up; its guards do, and they have a grace to end things in order.
    await untilNothingIsLeft(running.leftovers);
  });
});
