import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const RULES = configuration();

function parsed(json: unknown) {
  return parseEvent(bytesOf(json), WIRE_EVENT_MS, RULES);
}

/** By code point, so that this file shows them. */
const HIDDEN = [
  0x00, 0x0a, 0x1f, 0x7f, 0x80, 0x85, 0x9f, 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069,
].map((code) => [`U+${code.toString(16).padStart(4, '0')}`, String.fromCodePoint(code)] as const);

describe('an event that two readers could read differently', () => {
  it('is refused with the name that appears twice', () => {
    const text = JSON.stringify(wireEvent());
    expect(parsed(text.replace('"amount":', '"amount":{"value":1,"currency":"CNY"},"amount":'))).toEqual({
      kind: 'rejected',
      reason: 'schema',
      detail: 'data.amount appears twice; send it once',
    });
    expect(parsed(text.replace('"id":', '"\\u0069d":"evt_2","id":'))).toMatchObject({
      detail: 'id appears twice; send it once',
    });
  });

  it('is refused when the name that appears twice is empty', () => {
    expect(parsed('{"":1,"":2}')).toMatchObject({ reason: 'schema', detail: '"" appears twice; send it once' });
  });

  it('is refused when it nests deeper than 64 levels, whatever is in there', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const text = (levels: number) =>
      JSON.stringify(wireEvent({ note: 0 })).replace('"note":0', `"note":${nested(levels)}`);
    expect(parsed(text(63)).kind).toBe('event');
    for (const levels of [64, 12_000]) {
      expect(parsed(text(levels))).toMatchObject({ reason: 'schema', detail: expect.stringContaining('64 levels') });
    }
  });
});

describe('a hidden character', () => {
  it.each(HIDDEN)('%s is refused in every token', (_code, character) => {
    for (const field of ['chargeId', 'payer', 'merchant', 'order', 'part', 'instrument', 'channel', 'payment']) {
      for (const token of [`o_${character}5`, `o_5${character}`]) {
        const result = parsed(wireEvent({ data: { [field]: token } }));
        expect(result).toMatchObject({
          reason: 'schema',
          detail: expect.stringMatching(`^data.${field}: must not have`),
        });
        expect(JSON.stringify(result)).not.toContain('o_');
      }
    }
    expect(parsed(wireEvent({ id: `evt${character}` }))).toMatchObject({ detail: expect.stringMatching(/^id: /) });
    expect(parsed(wireEvent({ source: `/s${character}` }))).toMatchObject({
      detail: expect.stringMatching(/^source: /),
    });
    const refund = wireEvent({ type: 'charge.refunded', data: { refundedTotal: 1, reference: `r${character}` } });
    expect(parsed(refund)).toMatchObject({ detail: expect.stringMatching(/^data\.reference: /) });
  });

  it('is refused in the order of a closing', () => {
    const closed = wireEvent({ type: 'order.closed', data: { outcome: 'unpaid', order: 'o_\u202e5' } });
    expect(parsed(closed)).toMatchObject({ detail: expect.stringMatching(/^data\.order: /) });
  });

  it('may stand in fields that nobody reads, and alone it is blank', () => {
    expect(parsed(wireEvent({ data: { note: 'one\ntwo\u202e' } })).kind).toBe('event');
    expect(parsed(wireEvent({ data: { order: '\n', payer: '\u2028' } }))).toMatchObject({
      event: { charge: { order: undefined, payer: undefined } },
    });
  });

  it.each(['双十一', 'é', 'e\u0301', '👨‍👩‍👧', 'a b', '"quoted"', 'back\\slash', '\u00a0x'])(
    'is none in %s',
    (order) => {
      expect(parsed(wireEvent({ data: { order } }))).toMatchObject({ event: { charge: { order } } });
    },
  );
});
