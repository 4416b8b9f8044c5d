import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDigests } from '../../../adapters/crypto/digests.ts';

function expected(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('base64url');
}

describe('the keyed digest', () => {
  it('is the first half of HMAC-SHA-256, whatever key and text', () => {
    const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ minLength: 63, maxLength: 65 }));
    fc.assert(
      fc.property(key, fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 4 }), (key, texts) => {
        const { hmac128 } = createDigests({ version: '1', key });
        expect(texts.map(hmac128)).toEqual(texts.map((text) => expected(key, text)));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['the longest text that has room', 'x'.repeat(1_024)],
    ['one unit more', 'x'.repeat(1_025)],
    ['three bytes a unit', '漢'.repeat(1_024)],
    ['half a surrogate pair', '\ud800'],
  ])('takes %s', (_, text) => {
    expect(createDigests({ version: '1', key: 'k'.repeat(64) }).hmac128(text)).toBe(expected('k'.repeat(64), text));
  });

  it('agrees with test case 2 of RFC 4231', () => {
    const { hmac128 } = createDigests({ version: '1', key: 'Jefe' });
    const published = Buffer.from('5bdcc146bf60754e6a042426089575c7', 'hex').toString('base64url');
    expect(hmac128('what do ya want for nothing?')).toBe(published);
  });
});
