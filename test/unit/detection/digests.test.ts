import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDigests } from '../../../adapters/crypto/digests.ts';

function expected(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('base64url');
}

describe('the keyed digest', () => {
  it('is the first half of what createHmac answers, for 100,000 random texts under 5,000 keys', () => {
    const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ minLength: 63, maxLength: 65 }));
    const usual = fc.string({ unit: 'binary', maxLength: 100 });
    const aroundTheRoom = fc.string({ unit: 'binary', minLength: 1_020, maxLength: 1_028 });
    const text = fc.oneof({ weight: 99, arbitrary: usual }, { weight: 1, arbitrary: aroundTheRoom });
    fc.assert(
      // Texts of one key share a buffer: a shorter text follows a longer one.
      fc.property(key, fc.array(text, { minLength: 20, maxLength: 20 }), (key, texts) => {
        const { hmac128 } = createDigests({ version: '1', key });
        for (const text of texts) if (hmac128(text) !== expected(key, text)) expect.fail(JSON.stringify([key, text]));
      }),
      { numRuns: 5_000 },
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
