import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasSecrets } from '../../../core/events/card-secrets.ts';
import { hasCardNumber } from '../../../core/events/find-card-numbers.ts';
import { hasCardData, withoutCardData } from '../../../core/events/without-card-data.ts';
import { bytesOf, wireEvent } from '../../fixtures/wire-events.ts';

const VISA = '4111111111111111';

function keptText(text: string): string {
  const kept = withoutCardData(bytesOf(text));
  expect(hasCardData(kept)).toBe(false);
  return new TextDecoder().decode(kept.bytes);
}

function keptJson(json: unknown): unknown {
  return JSON.parse(keptText(JSON.stringify(json)));
}

describe('a record as it is stored', () => {
  it('is the same object when it has no card data, however it is written', () => {
    for (const text of [JSON.stringify(wireEvent(), null, 2), '{"a":1e2,"b":"\\u0041"}', 'no JSON', '{"a":', '']) {
      const bytes = bytesOf(text);
      expect(withoutCardData(bytes)).toMatchObject({ isMasked: false });
      expect(withoutCardData(bytes).bytes).toBe(bytes);
    }
    const notText = Uint8Array.of(0x7b, 0xff, 0x31, 0x7d);
    expect(withoutCardData(notText).bytes).toBe(notText);
  });

  it('has its card numbers masked, at any depth, in values, numbers and names', () => {
    const json = {
      ...wireEvent({ data: { payer: VISA, amount: { value: Number(VISA), currency: 'CNY' } } }),
      deep: [
        {
          note: `card ${VISA}, or ４１１１１１１１１１１１１１１１`,
          number: Number(VISA),
          [VISA]: 6_212_345_678_901_235_000,
        },
      ],
    };
    expect(keptJson(json)).toEqual({
      ...wireEvent({ data: { payer: '****1111', amount: { value: Number(VISA), currency: 'CNY' } } }),
      deep: [{ note: 'card ****1111, or ****1111', number: '****1111', '****1111': '***' }],
    });
  });

  it.each([
    ...['cvv', 'CVC', 'cvv2', 'cid', 'securityCode', 'security_code', 'Security-Code', 'card.security.code'],
    ...['track1', 'Track 2', 'trackData', 'TRACK_DATA', 'pin', 'PIN', 'pin-block', 'ｃｖｖ'],
  ])('has no member named %s, whatever its value is', (name) => {
    for (const value of ['123', 123, null, { value: '123' }, ['123']]) {
      expect(keptJson({ data: { card: { [name]: value, brand: 'visa' } } })).toEqual({
        data: { card: { brand: 'visa' } },
      });
    }
  });

  it.each(['pinned', 'tracking', 'trackingNumber', 'shipping', 'cidr', 'spin', 'payer'])(
    'keeps a member named %s',
    (name) => {
      expect(keptJson({ [name]: 'x' })).toEqual({ [name]: 'x' });
    },
  );

  it('hides what a repeated name had before', () => {
    const text = `{"payer":"${VISA}","cvv":"123","payer":"p_1","cvv":""}`;
    expect(keptText(text)).toBe('{"payer":"****1111","cvv":***,"payer":"p_1","cvv":***}');
    const escaped = text.replace('"4', '"\\u0034');
    expect(keptText(escaped)).not.toMatch(/111111|123/);
  });

  it.each([
    ['half an object', `{"payer":"${VISA}","cvv":"123","x":1`, '{"payer":"****1111","cvv":***,"x":1'],
    ['a secret cut off', '{"card":{"security_code":"12', '{"card":{"security_code":***'],
    ['a form', `number=${VISA}&cvc=123&x=1`, 'number=****1111&cvc=***&x=1'],
    [
      'XML',
      `<card><number>${VISA}</number><cvv>123</cvv></card>`,
      '<card><number>****1111</number><cvv>***</cvv></card>',
    ],
    ['words', 'payment failed, card security code: 123 refused', 'payment failed, card security code: *** refused'],
    ['a log line', `card: 4111 1111 1111 1111, CVV2: 123, at 12`, 'card: ****1111, CVV2: ***, at 12'],
  ])('is masked as text when it is %s', (_what, text, kept) => {
    expect(keptText(text)).toBe(kept);
  });

  it('is masked byte by byte when it is not UTF-8', () => {
    const bytes = Uint8Array.from([0xff, ...bytesOf(` ${VISA} `), 0xfe]);
    expect(withoutCardData(bytes).bytes).toEqual(Uint8Array.from([0xff, ...bytesOf(' ****1111 '), 0xfe]));
  });

  it('is masked however deep it nests', () => {
    const text = `${'['.repeat(20_000)}"${VISA}"${']'.repeat(20_000)}`;
    expect(keptText(text)).not.toContain(VISA);
    expect(keptText(text)).toHaveLength(text.length - VISA.length + 8);
  });

  it.each([
    ...['cardCvc', 'card_cvv', 'payment.securityCode', 'newCardSecurityCode', 'card_pin', 'cardCid', 'card-track'],
    ...['CVC2', 'cvvCode', 'track2EquivalentData', '安全码'],
  ])('has no member named %s either', (name) => {
    expect(keptJson({ a: { [name]: '123', x: 1 } })).toEqual({ a: { x: 1 } });
  });

  it.each(['ga_cid', 'soundTrack', 'is_cve', 'pinned', 'dataCvv9'])(
    'keeps a member named %s, of another meaning',
    (name) => {
      expect(keptJson({ [name]: 'x' })).toEqual({ [name]: 'x' });
    },
  );

  it.each([
    ['track 1', `read %B${VISA}^DOE/JOHN^25121010000000123000? twice`, 'read *** twice'],
    ['track 2', `read ;${VISA}=25121010000012300000? twice`, 'read *** twice'],
    ['track 2 of a chip', `57 ${VISA}D25121010000012345678F`, '57 ***'],
    ['a security code in a sentence', 'the card, cvv is 123, was refused', 'the card, cvv is ***, was refused'],
    ['a security code in Chinese', '卡的安全码：123', '卡的安全码：***'],
    ['a security code in JSON inside a text', '{\\"cvc\\":\\"123\\",\\"x\\":1}', '{\\"cvc\\":***,\\"x\\":1}'],
    ['a security code of a form', 'a=1&cvv=123&b=2', 'a=1&cvv=***&b=2'],
  ])('has no %s, in a member as in what is no JSON', (_what, text, kept) => {
    expect(keptJson({ note: text })).toEqual({ note: kept });
    expect(keptText(text)).toBe(kept);
  });

  it('masks the number of a list of groups, and an amount that is none', () => {
    expect(keptJson({ pan: ['4111', '1111', 1111, '1111'] })).toEqual({ pan: ['****1111'] });
    const spoofed = { 'data.amount.value': Number(VISA), data: { 'amount.value': Number(VISA) } };
    expect(keptJson(spoofed)).toEqual({ 'data.amount.value': '****1111', data: { 'amount.value': '****1111' } });
  });

  it('keeps the tokens of a format that its source has registered, in their fields alone', () => {
    const json = wireEvent({ data: { payer: VISA, order: VISA, 'data.payer': VISA }, 'data.payer': VISA });
    const formats = { payer: /^(?:4[0-9]{15})$/u };
    const kept = withoutCardData(bytesOf(json), formats);
    expect(hasCardData(kept, formats)).toBe(false);
    expect(hasCardData(kept)).toBe(true);
    expect(JSON.parse(new TextDecoder().decode(kept.bytes))).toEqual(
      wireEvent({ data: { payer: VISA, order: '****1111', 'data.payer': '****1111' }, 'data.payer': '****1111' }),
    );
  });

  it('is a tree only where it can be read in one way', () => {
    for (const text of ['no JSON', '{"a":1,"a":2}', '{"a":', `${'['.repeat(70)}${']'.repeat(70)}`])
      expect(withoutCardData(bytesOf(text)).isTree).toBe(false);
    expect(withoutCardData(bytesOf(wireEvent())).isTree).toBe(true);
  });

  it('keeps all that is no card data', () => {
    // `pin: x` is no card data only to a reader who knows better.
    const text = fc.string().filter((each) => !hasSecrets(each) && !hasCardNumber(each));
    const values = [text, fc.boolean(), fc.constant(null), fc.integer()];
    fc.assert(
      fc.property(fc.object({ values, key: fc.string().map((name) => `x${name}`) }), (value) => {
        expect(keptJson({ value, payer: VISA })).toEqual({ value, payer: '****1111' });
      }),
    );
  });

  it('has no card number left, whatever stands around it', () => {
    const text = fc.array(fc.constantFrom(VISA, '-', '"cvv":"12"', '{', '"', '5555555555554444', '<cvv>', '\\u0031'));
    fc.assert(
      fc.property(text, (parts) => {
        expect(keptText(parts.join(' '))).not.toMatch(/4111111111111111|5555555555554444/);
      }),
    );
  });
});
