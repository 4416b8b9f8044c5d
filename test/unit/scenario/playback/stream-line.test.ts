import { expect, it } from 'vitest';
import { readLine, toStream } from '../../../../scenario/playback/stream-line.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../../fixtures/wire-events.ts';

const later = '2024-11-11T01:15:00Z';
const idOf = (id: string, shows: object = {}) => bytesOf(wireEvent({ ...shows, data: { chargeId: id } }));
const order = (lines: readonly Uint8Array[]) => toStream(lines).map(({ said }) => said.chargeId);

it('an event arrives at its time', () => {
  expect(readLine(idOf('ch_1')).arrivedMs).toBe(WIRE_EVENT_MS);
});

it('an event arrives at the attribute arrives, in whatever zone it is written', () => {
  expect(readLine(idOf('ch_1', { arrives: '2024-11-11T09:15:00+08:00' })).arrivedMs).toBe(Date.parse(later));
});

it('lines are played in the order of their arrival', () => {
  expect(order([idOf('late', { arrives: later }), idOf('first'), idOf('second')])).toEqual(['first', 'second', 'late']);
});

it('a line without a time arrives with the line before it, at the beginning with the first time', () => {
  const lines = [bytesOf('nope'), idOf('ch_1'), idOf('ch_2', { arrives: later }), bytesOf({ time: 'noon' })];
  const arrivals = toStream(lines).map(({ arrivedMs }) => arrivedMs);
  expect(arrivals).toEqual([WIRE_EVENT_MS, WIRE_EVENT_MS, Date.parse(later), Date.parse(later)]);
});

it.each([
  ['text that is no JSON', 'nope'],
  ['a list', [1]],
  ['fields of other types', { type: 1, source: null, time: 5, data: { chargeId: 7, livemode: 'no', payment: {} } }],
  ['no data', { type: 'charge.captured', data: 'none' }],
])('%s says nothing and stops nothing', (_, json) => {
  const { arrivedMs, said } = readLine(bytesOf(json));
  expect({ arrivedMs, ...said }).toMatchObject({ arrivedMs: undefined, chargeId: undefined, isLive: true });
});

it.each([{ livemode: false }, { test: true }])('a charge with %o is not live', (data) => {
  expect(readLine(bytesOf(wireEvent({ data }))).said.isLive).toBe(false);
});
