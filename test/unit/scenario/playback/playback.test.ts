import { expect, it } from 'vitest';
import { caseResult } from '../../../../scenario/playback/case-result.ts';
import { play } from '../../../../scenario/playback/playback.ts';
import { toStream } from '../../../../scenario/playback/stream-line.ts';
import {
  AMOUNT_MINOR,
  captured,
  charge,
  DAY,
  HOUR,
  MINUTE,
  orderClosed,
  SECOND,
  START_MS,
  voided,
  WALLET,
} from '../../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../../fixtures/configurations.ts';
import { bytesOf } from '../../../fixtures/wire-events.ts';
import { wireOf } from '../../../fixtures/wire-of.ts';

/** Sources that attest everything, so that copies are refunded after the grace of two minutes. */
const SOURCES = { [WALLET]: { ...SOURCE, attests: ['single-charge', 'totals', 'closings'] } };

async function played(lines: readonly Uint8Array[], shows: Readonly<Record<string, unknown>> = {}) {
  const stream = toStream(lines);
  const ended = await play({
    stream,
    configuration: configuration({ sources: SOURCES, ...shows }),
    configurationHash: 'c-1',
  });
  return { ...ended, result: caseResult('a.ndjson', stream, ended) };
}

const at = (timeMs: number) => ({ timeMs: START_MS + timeMs });
const capture = (chargeId: string, timeMs = 0, shows: Partial<Parameters<typeof charge>[0]> = {}) =>
  wireOf(captured(charge({ chargeId, ...shows }), at(timeMs)));
/** The event with the time at which it reaches the stream. */
const arriving = (line: Uint8Array, ms: number) =>
  bytesOf({ ...JSON.parse(new TextDecoder().decode(line)), arrives: new Date(START_MS + ms).toISOString() });
const ends = ({ result }: Awaited<ReturnType<typeof played>>) =>
  Object.fromEntries(result.charges.map(({ chargeId, outcome }) => [chargeId, outcome]));

it('refunds a copy after its grace, by the clock of the file', async () => {
  const { flags, result } = await played([capture('ch_1'), capture('ch_2', 30 * SECOND)]);
  expect(flags).toMatchObject([{ openedAtMs: START_MS + 30 * SECOND, refundedAtMs: START_MS + 150 * SECOND }]);
  expect(result).toEqual({
    file: 'a.ndjson',
    charges: [
      {
        source: WALLET,
        chargeId: 'ch_1',
        outcome: 'none',
        waitsFor: [],
        sentences: [],
        refundedMinor: 0,
        original: null,
      },
      {
        source: WALLET,
        chargeId: 'ch_2',
        outcome: 'refunded',
        waitsFor: [],
        sentences: [`${WALLET} attested that an order is charged once.`],
        refundedMinor: AMOUNT_MINOR,
        original: 'ch_1',
      },
    ],
    quarantined: [],
    alerts: ['case.opened', 'case.resolved'],
  });
});

it('dismisses a copy that is voided within its grace', async () => {
  const copy = charge({ chargeId: 'ch_2' });
  const lines = [capture('ch_1'), wireOf(captured(copy)), wireOf(voided(copy, at(MINUTE)))];
  expect(ends(await played(lines))).toEqual({ ch_1: 'none', ch_2: 'dismissed' });
});

it('returns nothing of a copy that the processor has voided, where the stream tells the void late', async () => {
  const copy = charge({ chargeId: 'ch_2' });
  const lines = [capture('ch_1'), wireOf(captured(copy)), arriving(wireOf(voided(copy, at(MINUTE))), HOUR)];
  const { result } = await played(lines);
  expect(result.charges[1]).toMatchObject({ outcome: 'dismissed', refundedMinor: 0 });
});

it('names no original for a charge of an order closed unpaid', async () => {
  const { result } = await played([capture('ch_1'), wireOf(orderClosed('unpaid', at(MINUTE)))]);
  expect(result.charges).toMatchObject([{ outcome: 'refunded', original: null }]);
});

it('lets a copy wait where no approver acts, also after its hold has expired', async () => {
  const copies = [capture('ch_1', 0, { order: undefined }), capture('ch_2', SECOND, { order: undefined })];
  const short = await played(copies);
  expect(short.result.charges[1]).toMatchObject({ outcome: 'waits', original: 'ch_1' });
  expect(short.result.charges[1]?.waitsFor).toContain('review');
  expect(short.result.alerts).toEqual(['case.opened']);
  const long = await played([...copies, capture('ch_3', 20 * DAY, { payer: 'p_2', order: undefined })]);
  expect(long.flags).toMatchObject([{ status: 'expired' }]);
  expect(long.result.charges[1]).toMatchObject({ outcome: 'waits', original: 'ch_1' });
  expect(long.result.alerts).toEqual(expect.arrayContaining(['hold.escalated', 'hold.expired']));
});

it('goes on after the last event until the next hour has a budget', async () => {
  const refunds = { budgetPerHourMinor: { merchant: { CNY: AMOUNT_MINOR }, total: {} } };
  const { result, flags } = await played([capture('ch_1'), capture('ch_2'), capture('ch_3')], { refunds });
  expect(result.charges.map(({ outcome }) => outcome)).toEqual(['none', 'refunded', 'refunded']);
  expect(result.alerts).toContain('budget.spent');
  expect(Math.max(...flags.map(({ updatedAtMs }) => updatedAtMs))).toBe(START_MS + HOUR);
});

it('leaves a refund that no hour has a budget for to an approver', async () => {
  const refunds = { budgetPerHourMinor: { merchant: { CNY: 1 }, total: {} } };
  const { result } = await played([capture('ch_1'), capture('ch_2')], { refunds });
  expect(result.charges[1]).toMatchObject({ outcome: 'waits', waitsFor: ['limit'], refundedMinor: 0 });
});

it('opens an incident for a burst and closes it when it is over', async () => {
  const orders = Array.from({ length: 60 }, (_, order) => ({ order: `o_${order}`, payer: `p_${order}` }));
  const lines = orders.flatMap((shows, at) => [
    capture(`a_${at}`, at * SECOND, shows),
    capture(`b_${at}`, at * SECOND + 1, shows),
  ]);
  const { result } = await played(lines);
  expect(result.alerts).toEqual(expect.arrayContaining(['incident.opened', 'incident.digest', 'incident.closed']));
  expect(result.charges.filter(({ outcome }) => outcome === 'refunded')).toHaveLength(60);
});

it('counts one payment once that is told under three ids', async () => {
  const twin = (chargeId: string) => {
    const { data, ...event } = JSON.parse(new TextDecoder().decode(capture(chargeId)));
    return bytesOf({ ...event, data: { ...data, payment: 'payment_1' } });
  };
  const { result } = await played([twin('ch_1'), twin('ch_2'), twin('ch_3')]);
  expect(result.charges).toMatchObject([
    { chargeId: 'ch_1', outcome: 'none', refundedMinor: 0 },
    { chargeId: 'ch_2', outcome: 'none', refundedMinor: 0 },
    { chargeId: 'ch_3', outcome: 'none', refundedMinor: 0 },
  ]);
});

it('quarantines each broken line once and names its charge where it has one', async () => {
  const future = arriving(capture('ch_1', HOUR), 0);
  const { result } = await played([bytesOf('nope'), bytesOf('nope'), future]);
  expect(result.charges).toMatchObject([{ chargeId: 'ch_1', outcome: 'none' }]);
  expect(result.quarantined).toEqual([
    { chargeId: null, reason: 'not-json' },
    { chargeId: 'ch_1', reason: 'future' },
  ]);
});

it('plays an empty file', async () => {
  expect((await played([])).result).toEqual({ file: 'a.ndjson', charges: [], quarantined: [], alerts: [] });
});

it('ends the same for the same file', async () => {
  const lines = ['ch_1', 'ch_2', 'ch_3'].map((id, number) => capture(id, number * MINUTE));
  const [once, again] = [await played(lines), await played(lines)];
  expect(again.flags).toEqual(once.flags);
  expect(again.alerts).toEqual(once.alerts);
});
