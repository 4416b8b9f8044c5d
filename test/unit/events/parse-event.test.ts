import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AHEAD_MS_MAX, EVENT_BYTES_MAX, parseEvent } from '../../../core/events/parse-event.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const VISA = '4111111111111111';
const sources = configuration();

function eventOf(json: unknown): PaymentEvent {
  const parsed = parseEvent(bytesOf(json), WIRE_EVENT_MS, sources);
  if (parsed.kind === 'rejected') throw new Error(`${parsed.reason}: ${parsed.detail}`);
  return parsed.event;
}

function reasonOf(json: unknown, arrivedMs = WIRE_EVENT_MS): string {
  const parsed = parseEvent(bytesOf(json), arrivedMs, sources);
  return parsed.kind === 'rejected' ? parsed.reason : 'event';
}

/** An event padded by an extra field to exactly so many bytes. */
function ofSize(bytes: number): string {
  const empty = JSON.stringify(wireEvent({ note: '' })).length;
  return JSON.stringify(wireEvent({ note: 'x'.repeat(bytes - empty) }));
}

describe('an event that is understood', () => {
  it('is the capture with its money, tokens and time', () => {
    expect(eventOf(wireEvent())).toEqual({
      kind: 'charge.captured',
      eventId: 'evt_1',
      timeMs: WIRE_EVENT_MS,
      charge: {
        source: '/processors/wallet',
        chargeId: 'ch_1',
        payer: 'p_77',
        merchant: 'm_9',
        order: 'o_5',
        part: 'deposit',
        instrument: 'tok_1',
        channel: 'app',
        mcc: '5311',
        amountMinor: 12_900,
        currency: 'CNY',
      },
    });
  });

  it.each([
    ['charge.failed', {}, {}],
    ['charge.voided', {}, {}],
    ['charge.refunded', { refundedTotal: 50 }, { refundedTotalMinor: 50, reference: undefined }],
    ['charge.refunded', { refundedTotal: 1, reference: 'r_1' }, { refundedTotalMinor: 1, reference: 'r_1' }],
    ['charge.disputed', { open: true }, { open: true, wonBy: undefined }],
    ['charge.disputed', { open: false, wonBy: 'payer' }, { open: false, wonBy: 'payer' }],
    ['order.closed', { outcome: 'unpaid' }, { merchant: 'm_9', order: 'o_5', outcome: 'unpaid' }],
  ])('of type %s with %j says %j', (type, data, facts) => {
    expect(eventOf(wireEvent({ type, data }))).toMatchObject({ kind: type, ...facts });
  });

  it.each(['payer', 'order', 'instrument', 'channel', 'mcc', 'part', 'payment'])(
    'has no %s when it is blank, null or missing',
    (field) => {
      for (const value of ['', '  ', null, undefined]) {
        const event = eventOf(wireEvent({ data: { [field]: value } }));
        expect(event).toMatchObject({ charge: { [field]: undefined } });
      }
    },
  );

  it('may be a void without a payer, as its capture may', () => {
    expect(eventOf(voidOf({ payer: undefined }))).toMatchObject({ charge: { payer: undefined, order: 'o_5' } });
  });

  it('may have fields that nobody knows, and a time in any zone', () => {
    const event = eventOf(wireEvent({ time: '2024-11-11T09:12:03.120+08:00', extra: 1, data: { another: {} } }));
    expect(event.timeMs).toBe(WIRE_EVENT_MS);
  });

  it.each([
    ['of exactly the largest size', ofSize(EVENT_BYTES_MAX), 0],
    ['exactly as far ahead as clocks drift', JSON.stringify(wireEvent()), AHEAD_MS_MAX],
    ['of the largest safe amount', wireEvent({ data: { amount: { value: 2 ** 53 - 1, currency: 'CNY' } } }), 0],
    ['of years ago', wireEvent({ time: '2019-01-01T00:00:00Z' }), 0],
  ])('may be %s', (_, json, aheadMs) => {
    expect(reasonOf(json, WIRE_EVENT_MS - aheadMs)).toBe('event');
  });
});

describe('an event that is quarantined', () => {
  const amount = (value: unknown, currency: unknown = 'CNY') => wireEvent({ data: { amount: { value, currency } } });
  it.each([
    ['too-large', 'one byte too many', ofSize(EVENT_BYTES_MAX + 1)],
    ['not-json', 'nothing', ''],
    ['not-json', 'half an object', '{"specversion":"1.0"'],
    ['not-json', 'two objects', '{}{}'],
    ['schema', 'a list', []],
    ['schema', 'null', 'null'],
    ['schema', 'an unknown type', wireEvent({ type: 'charge.created' })],
    ['schema', 'another CloudEvents version', wireEvent({ specversion: '0.3' })],
    ['schema', 'a blank id', wireEvent({ id: ' ' })],
    ['schema', 'no source', wireEvent({ source: undefined })],
    ['schema', 'a time that is none', wireEvent({ time: 'yesterday' })],
    ['schema', 'a time without a zone', wireEvent({ time: '2024-11-11T01:12:03' })],
    ['schema', 'an amount of nothing', amount(0)],
    ['schema', 'a negative amount', amount(-1)],
    ['schema', 'a broken minor unit', amount(1.5)],
    ['schema', 'an unsafe amount', amount(2 ** 53)],
    ['schema', 'an amount as text', amount('100')],
    ['schema', 'a lower-case currency', amount(100, 'cny')],
    ['schema', 'an unknown currency', amount(100, 'ZZZ')],
    ['schema', 'a category of three digits', wireEvent({ data: { mcc: '531' } })],
    ['schema', 'a token that is too long', wireEvent({ data: { payer: 'p'.repeat(257) } })],
    ['schema', 'half a character in an order', wireEvent({ data: { order: 'o_\ud83d' } })],
    ['schema', 'half a character in a charge', wireEvent({ data: { chargeId: 'ch_\ude00' } })],
    ['schema', 'a capture without merchant', wireEvent({ data: { merchant: undefined } })],
    ['schema', 'a void without charge', wireEvent({ type: 'charge.voided', data: { chargeId: undefined } })],
    ['schema', 'a refund without total', wireEvent({ type: 'charge.refunded' })],
    ['schema', 'a closed dispute that nobody won', wireEvent({ type: 'charge.disputed', data: { open: false } })],
    ['schema', 'an order closed somehow', wireEvent({ type: 'order.closed', data: { outcome: 'maybe' } })],
    ['schema', 'a void without merchant, with a wrong part', voidOf({ merchant: undefined, part: 7 })],
    ['card-number', 'a payer that is a card', wireEvent({ data: { payer: VISA } })],
    ['card-number', 'an instrument that is a card', wireEvent({ data: { instrument: '3782 822463 10005' } })],
    ['card-number', 'a void of such a payer', voidOf({ payer: '4111-1111-1111-1111' })],
  ])('is %s: %s', (reason, _, json) => {
    expect(reasonOf(json)).toBe(reason);
  });

  it('is not-json when its bytes are not UTF-8', () => {
    const parsed = parseEvent(Uint8Array.of(0x7b, 0xff, 0x7d), WIRE_EVENT_MS, sources);
    expect(parsed).toMatchObject({ kind: 'rejected', reason: 'not-json' });
  });

  it('is future one millisecond beyond the drift of clocks', () => {
    expect(reasonOf(wireEvent(), WIRE_EVENT_MS - AHEAD_MS_MAX - 1)).toBe('future');
  });

  it.each([
    ['data.payer', wireEvent({ data: { payer: VISA } })],
    ['data.amount.currency', amount(100, 'SECRET')],
    ['data.mcc', wireEvent({ data: { mcc: 'SECRET' } })],
    ['time', wireEvent({ time: 'SECRET' })],
  ])('names the field %s and repeats no value', (field, json) => {
    const parsed = parseEvent(bytesOf(json), WIRE_EVENT_MS, sources);
    expect(parsed).toMatchObject({ kind: 'rejected', detail: expect.stringContaining(field) });
    expect(JSON.stringify(parsed)).not.toMatch(/SECRET|4111/);
  });

  it('is never a throw, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map(bytesOf),
      fc.jsonValue().map((data) => bytesOf(wireEvent({ type: data }))),
    );
    fc.assert(
      fc.property(bytes, (any) => ['event', 'rejected'].includes(parseEvent(any, WIRE_EVENT_MS, sources).kind)),
    );
  });
});

function voidOf(data: Readonly<Record<string, unknown>>): unknown {
  return wireEvent({ type: 'charge.voided', data });
}

describe('the registry', () => {
  const judged = (json: unknown, entry: Readonly<Record<string, unknown>>) => {
    const catalog = configuration({ sources: { [WALLET]: { ...SOURCE, ...entry } } });
    return parseEvent(bytesOf(json), WIRE_EVENT_MS, catalog);
  };
  const closed = wireEvent({ type: 'order.closed', data: { merchant: 'm_9', order: 'o_5', outcome: 'paid' } });

  it('quarantines an event of a source that it does not name', () => {
    expect(parseEvent(bytesOf(wireEvent({ source: '/stranger' })), WIRE_EVENT_MS, sources)).toEqual({
      kind: 'rejected',
      reason: 'unknown-source',
      detail: 'source is not registered; add it to "sources" in the configuration',
    });
  });

  it.each(['__proto__', 'constructor', `${WALLET}/`, WALLET.toUpperCase()])('does not know %s', (source) => {
    expect(reasonOf(wireEvent({ source }))).toBe('unknown-source');
  });

  it('quarantines a type that the source may not send', () => {
    const { tells: _, ...entry } = SOURCE;
    const catalog = configuration({ sources: { [WALLET]: entry } });
    expect(parseEvent(bytesOf(wireEvent()), WIRE_EVENT_MS, catalog).kind).toBe('event');
    expect(parseEvent(bytesOf(closed), WIRE_EVENT_MS, catalog)).toMatchObject({
      reason: 'not-entitled',
      detail: expect.stringContaining('order.closed'),
    });
  });

  it('lets a source send the types that it lists, and no other', () => {
    expect(judged(closed, { tells: ['order.closed'] }).kind).toBe('event');
    expect(judged(wireEvent(), { tells: ['order.closed'] })).toMatchObject({ reason: 'not-entitled' });
  });

  it.each([
    ['a charge', wireEvent()],
    ['a closing', closed],
  ])('quarantines %s of a merchant of which the source may not speak', (_, json) => {
    expect(judged(json, { merchants: ['m_9'] }).kind).toBe('event');
    expect(judged(json, { merchants: ['m_8', 'all'] })).toMatchObject({
      reason: 'not-entitled',
      detail: expect.stringContaining('data.merchant'),
    });
  });

  it('knows tokens that look like card numbers and are not, field by field', () => {
    const both = wireEvent({ data: { payer: VISA, instrument: VISA } });
    const payer = wireEvent({ data: { payer: VISA } });
    const format = '^4[0-9]{15}$';
    expect(judged(payer, { tokens: { payer: format } }).kind).toBe('event');
    expect(judged(both, { tokens: { payer: format } })).toMatchObject({
      detail: expect.stringContaining('instrument'),
    });
    expect(judged(both, { tokens: { payer: format, instrument: format } }).kind).toBe('event');
    expect(judged(payer, { tokens: { payer: '^5[0-9]{15}$' } })).toMatchObject({ reason: 'card-number' });
  });

  it('holds a token format to the whole token, also where it has alternatives', () => {
    const payer = wireEvent({ data: { payer: VISA } });
    expect(judged(payer, { tokens: { payer: '^4111|x$' } })).toMatchObject({ reason: 'card-number' });
    expect(judged(payer, { tokens: { payer: '^x|4[0-9]{15}$' } }).kind).toBe('event');
  });
});
