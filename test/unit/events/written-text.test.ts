import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameText, reasonText, writtenText } from '../../../core/events/written-text.ts';

const VISA = '4111111111111111';
const lines = writtenText({ lengthMax: 2_000, hasLines: true });

function messageOf(schema: typeof lines, text: string): string | undefined {
  return schema.safeParse(text).error?.issues[0]?.message;
}

describe('a text that an operator writes', () => {
  it.each([
    ['a card number', `the payer has ${VISA}`, 'card number'],
    ['one in groups of full-width digits', '卡 ４１１１　１１１１　１１１１　１１１１', 'card number'],
    ['a security code', 'the cvv was 123', 'security code'],
    ['the data of a track', ';4111111111111112=25121010000012300000?', 'data of a track'],
    ['a control character', 'a\u0007b', 'control characters'],
    ['an override of the direction', 'refund \u202eyap', 'bidirectional marks'],
    ['a separator of lines', 'a\u2028b', 'line separators'],
    ['a next line of C1', 'a\u0085b', 'line separators'],
  ])('is refused with %s, and the message repeats nothing of it', (_what, text, about) => {
    for (const schema of [reasonText, nameText, lines]) {
      expect(messageOf(schema, text)).toContain(about);
      expect(messageOf(schema, text)).not.toContain(text.slice(-4));
    }
  });

  it.each([
    'charged twice, order o_5',
    '重复扣款，订单号 2024111100123',
    "O'Neil & Söhne",
    'refunded on 2024-11-11 at 10:00 UTC',
  ])('may be %s', (text) => {
    for (const schema of [reasonText, nameText, lines]) expect(schema.parse(` ${text} `)).toBe(text);
  });

  it('has lines only where it is shown as a text of its own', () => {
    expect(lines.parse('one\n\ttwo')).toBe('one\n\ttwo');
    expect(messageOf(reasonText, 'one\ntwo')).toContain('line separators');
    expect(messageOf(lines, 'one\r\ntwo')).toContain('line separators');
  });

  it('has no character that shows nothing or turns others, whatever it is', () => {
    const characters = fc.constantFrom(...'\u0000\u001b\u007f\u009f\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u2029');
    fc.assert(
      fc.property(fc.string(), characters, fc.string(), (before, character, after) => {
        for (const schema of [reasonText, lines])
          expect(schema.safeParse(`x${before}${character}${after}x`).success).toBe(false);
      }),
    );
  });
});
