import { describe, expect, it } from 'vitest';
import { type ParseResult, parseEvent } from '../../../core/events/parse-event.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const RULES = configuration();

function parsed(json: unknown): ParseResult {
  return parseEvent(bytesOf(json), WIRE_EVENT_MS, RULES);
}

const TYPES = [
  ['charge.captured', {}],
  ['charge.failed', {}],
  ['charge.voided', {}],
  ['charge.refunded', { refundedTotal: 50 }],
  ['charge.disputed', { open: true }],
  ['order.closed', { outcome: 'unpaid' }],
] as const;

describe('an event of a test mode', () => {
  it.each(TYPES)('is quarantined as test when %s is marked, in its data or beside it', (type, data) => {
    for (const mark of [{ livemode: false }, { test: true }]) {
      const [name] = Object.keys(mark);
      expect(parsed(wireEvent({ type, data: { ...data, ...mark } }))).toMatchObject({
        reason: 'test',
        detail: expect.stringContaining(`data.${name}`),
      });
      expect(parsed(wireEvent({ type, data, ...mark }))).toMatchObject({ reason: 'test' });
    }
  });

  it.each(TYPES)('is live when the marks of %s say so, are null or are missing', (type, data) => {
    for (const marks of [
      { livemode: true, test: false },
      { livemode: null, test: null },
    ]) {
      expect(parsed(wireEvent({ type, data: { ...data, ...marks }, ...marks })).kind).toBe('event');
    }
  });

  it.each(['livemode', 'test'])('is refused by name when %s is no boolean', (name) => {
    for (const value of ['false', 0, 1, 'true', {}]) {
      const detail = expect.stringContaining(name);
      expect(parsed(wireEvent({ data: { [name]: value } }))).toMatchObject({ reason: 'schema', detail });
      expect(parsed(wireEvent({ [name]: value }))).toMatchObject({ reason: 'schema', detail });
    }
  });

  it('is test whatever else it lacks, of an unknown source too', () => {
    expect(parsed(wireEvent({ data: { amount: undefined, livemode: false } }))).toMatchObject({ reason: 'test' });
    expect(parsed(wireEvent({ source: '/stranger', test: true }))).toMatchObject({ reason: 'test' });
    const thin = wireEvent({ type: 'charge.voided', data: { merchant: undefined, test: true } });
    expect(parsed(thin)).toMatchObject({ reason: 'test' });
  });

  it('is no payment event when its type is unknown', () => {
    expect(parsed(wireEvent({ type: 'charge.created', livemode: false }))).toMatchObject({ reason: 'schema' });
  });
});
