import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const VISA = '4111111111111111';
const RULES = configuration();

function parsed(json: unknown, rules = RULES) {
  return parseEvent(bytesOf(json), WIRE_EVENT_MS, rules);
}

const TOKENS = ['chargeId', 'payer', 'merchant', 'order', 'part', 'instrument', 'channel', 'payment'];

/** The same number as senders write it. */
const SPELLINGS = [
  ['alone', VISA],
  ['in groups', '4111 1111 1111 1111'],
  ['through dots', '4111.1111.1111.1111'],
  ['through other signs', '4111_1111/1111 – 1111'],
  ['through line ends', '4111\n1111\r\n1111\t1111'],
  ['through zero-width spaces', '4111\u200b1111\u200b1111\u200b1111'],
  ['digit by digit', [...VISA].join('-')],
  ['in a sentence', `paid by card ${VISA}, thanks`],
  ['after a prefix', `PAN${VISA}`],
  ['after a prefix of tokens', `card_${VISA}`],
  ['before a currency', `${VISA}EUR`],
  ['beside an expiry date', `${VISA} 12/26`],
  ['in full width', [...VISA].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')],
  ['in circles', [...VISA].map((digit) => String.fromCodePoint(0x245f + Number(digit))).join('')],
] as const;

describe('a card number', () => {
  it.each(SPELLINGS)('is found in a token and in a field that nobody reads: %s', (_how, text) => {
    for (const [path, json] of [
      ['data.payment', wireEvent({ data: { payment: text.replace(/[\n\r\t]/g, ' ') } })],
      ['data.note', wireEvent({ data: { note: text } })],
      ['data.card.numbers.1', wireEvent({ data: { card: { numbers: ['x', text] } } })],
      ['remark', wireEvent({ remark: text })],
    ] as const) {
      const result = parsed(json);
      expect(result).toMatchObject({ reason: 'card-number', detail: expect.stringContaining(`${path} holds a card`) });
      expect(JSON.stringify(result).normalize('NFKC')).not.toMatch(/4\W*1\W*1\W*1/);
    }
  });

  it.each(TOKENS)('is found as %s', (field) => {
    expect(parsed(wireEvent({ data: { [field]: VISA } }))).toEqual({
      kind: 'rejected',
      reason: 'card-number',
      detail: `data.${field} holds a card number; send the processor's token instead, or name its format in "tokens" of the source`,
    });
  });

  it('is found in every type of event, and as the id of one', () => {
    const closed = { type: 'order.closed', data: { outcome: 'paid', order: VISA } };
    const refund = { type: 'charge.refunded', data: { refundedTotal: 1, reference: VISA } };
    for (const json of [closed, refund, { id: VISA }, { type: 'charge.voided', data: { note: VISA } }]) {
      expect(parsed(wireEvent(json))).toMatchObject({ reason: 'card-number' });
    }
  });

  it('is found as a number and as a name, and its path repeats no digit of it', () => {
    expect(parsed(wireEvent({ data: { card: Number(VISA) } }))).toMatchObject({
      reason: 'card-number',
      detail: expect.stringMatching(/^data\.card holds a card number; leave the field out/),
    });
    const named = parsed(wireEvent({ data: { cards: { [VISA]: { last: 1 } } } }));
    expect(named).toMatchObject({ detail: expect.stringMatching(/^data\.cards\.\*\*\*\*1111 holds/) });
  });

  it.each([
    ['in groups', ['4111', '1111', 1111, '１１１１']],
    ['in the groups of American Express', ['3782', '822463', '10005']],
    ['digit by digit', [...VISA].map(Number)],
  ])('is found %s over the items of a list', (_how, items) => {
    expect(parsed(wireEvent({ data: { card: { groups: items } } }))).toMatchObject({
      reason: 'card-number',
      detail: expect.stringContaining('data.card.groups holds a card number'),
    });
  });

  it.each([
    ['years', [2024, 2025, 2026, 2027]],
    ['ids', [410_023, 410_024, 220_011]],
  ])('is not found in a list of %s', (_what, items) => {
    expect(parsed(wireEvent({ data: { items } })).kind).toBe('event');
  });

  it('is no amount, however large', () => {
    const money = { value: Number(VISA), currency: 'CNY' };
    expect(parsed(wireEvent({ data: { amount: money, orderTotal: money } })).kind).toBe('event');
    expect(parsed(wireEvent({ type: 'charge.refunded', data: { refundedTotal: Number(VISA) } })).kind).toBe('event');
    const closed = { type: 'order.closed', data: { outcome: 'paid', total: money } };
    expect(parsed(wireEvent(closed)).kind).toBe('event');
  });

  it.each([
    ['a UUID', '4f5a3b1c-8123-4123-8123-412345678901'],
    ['a UUID of digits alone', '40000000-0000-4000-8000-000000000002'],
    ['a time with an offset', '2024-11-11 30:57:12.123456+08:00'.replace('30:57', '09:57')],
    ['a PayPal plan, digits amid letters', 'P-5ML4271244454362WXNWU5NQ'],
    ['a digest', '4111111111111111e3b0c44298fc1c149afbf4c8996fb924'],
    ['a longer number', `9999${VISA}`],
    ['a wrong last digit', '4111111111111112'],
    ['a score', '0.25'],
  ])('is not %s', (_what, text) => {
    expect(parsed(wireEvent({ data: { payment: text, note: text } })).kind).toBe('event');
  });

  it('is not a fraction of a score', () => {
    expect(parsed(wireEvent({ data: { score: 0.4111111111111111 } })).kind).toBe('event');
  });

  it('is found wherever it stands in an event', () => {
    const text = fc.tuple(fc.string(), fc.constantFrom(...SPELLINGS.map(([, spelling]) => spelling)), fc.string());
    const wraps = fc.array(fc.constantFrom('list', 'object'), { maxLength: 8 });
    fc.assert(
      fc.property(text, wraps, ([before, spelling, after], kinds) => {
        const value = kinds.reduce<unknown>(
          (inner, kind) => (kind === 'list' ? [inner] : { inner }),
          // Letters that touch it on both sides would make it part of an id, digits another number.
          `${before.replace(/[\p{L}\p{N}]/gu, '')} | ${spelling} | ${after.replace(/[\p{L}\p{N}]/gu, '')}`,
        );
        expect(parsed(wireEvent({ data: { value } }))).toMatchObject({ reason: 'card-number' });
      }),
    );
  });

  it('may be the format of a token that its source has registered, in that field alone', () => {
    const format = '^4[0-9]{15}$';
    const rules = configuration({ sources: { [WALLET]: { ...SOURCE, tokens: { order: format, id: format } } } });
    expect(parsed(wireEvent({ id: VISA, data: { order: VISA } }), rules).kind).toBe('event');
    expect(parsed(wireEvent({ data: { order: `x ${VISA}` } }), rules)).toMatchObject({ reason: 'card-number' });
    expect(parsed(wireEvent({ data: { payer: VISA } }), rules)).toMatchObject({ reason: 'card-number' });
    expect(parsed(wireEvent({ data: { order: VISA, note: VISA } }), rules)).toMatchObject({
      detail: expect.stringContaining('data.note'),
    });
  });
});
