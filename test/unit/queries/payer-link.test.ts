import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinkKey } from '../../../adapters/crypto/link-key.ts';
import { makePayerLink, type PayerScope, readPayerLink } from '../../../core/queries/payer-link.ts';
import { DAY, START_MS } from '../../fixtures/charges.ts';

const KEYS = ['1', '2'].map((version) => createLinkKey({ version, key: `a key of ${version} for tests, long enough` }));
const [OLD, KEY] = [KEYS[0]!, KEYS[1]!]; // there are two
const SCOPE: PayerScope = { payer: 'p_1', source: '/wallet', merchant: 'm_1', order: 'o_1' };
const UNTIL_MS = START_MS + DAY;

function read(link: string, { nowMs = START_MS, keys = [KEY] } = {}) {
  return readPayerLink(link, {
    keys: { linkKeyOf: async (version) => keys.find((key) => key.version === version) },
    nowMs,
  });
}

const token = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const scopes = fc.oneof(
  fc.record({ payer: token, source: token, merchant: token, order: token }),
  fc.record({ payer: token, source: token, charge: token }),
);

describe('a payer link', () => {
  it('opens the scope that it was made for, in whatever script', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, async (scope) => {
        const link = makePayerLink(scope, UNTIL_MS, KEY);
        expect(link).toMatch(/^[\w.-]+$/);
        expect(await read(link)).toEqual({ kind: 'scope', scope });
      }),
    );
  });

  it.each(['a', '商', '"', '\u0001'])('is understood however long its tokens are: 256 of %j', async (character) => {
    const longest = character.repeat(256);
    const scope = { payer: longest, source: longest, merchant: longest, order: longest };
    expect(await read(makePayerLink(scope, UNTIL_MS, KEY))).toEqual({ kind: 'scope', scope });
  });

  it('opens nothing when any character of it is another', async () => {
    const link = makePayerLink(SCOPE, UNTIL_MS, KEY);
    await fc.assert(
      fc.asyncProperty(fc.nat(link.length - 1), fc.constantFrom(...'aZ09-_.'), async (at, character) => {
        fc.pre(link[at] !== character);
        const forged = link.slice(0, at) + character + link.slice(at + 1);
        expect((await read(forged)).kind).not.toBe('scope');
      }),
      { numRuns: 300 },
    );
  });

  it('opens nothing from the moment on when it ends', async () => {
    const link = makePayerLink(SCOPE, UNTIL_MS, KEY);
    expect(await read(link, { nowMs: UNTIL_MS - 1 })).toEqual({ kind: 'scope', scope: SCOPE });
    expect(await read(link, { nowMs: UNTIL_MS })).toEqual({ kind: 'expired' });
  });

  it('goes on while its key is one of those in use, and is withdrawn with it', async () => {
    const link = makePayerLink(SCOPE, UNTIL_MS, OLD);
    expect(await read(link, { keys: [KEY, OLD] })).toEqual({ kind: 'scope', scope: SCOPE });
    expect(await read(link, { keys: [KEY] })).toEqual({ kind: 'withdrawn' });
  });

  it('is not ours under another key of the same version', async () => {
    const other = createLinkKey({ version: '2', key: 'somebody else’s key, which is long enough' });
    expect(await read(makePayerLink(SCOPE, UNTIL_MS, other))).toEqual({ kind: 'not-ours' });
  });

  it.each(['', 'x', '2.abc', '2..', 'a.b.c.d', '2.abc.def', `2.${'a'.repeat(9_000)}.b`])('is not %j', async (text) => {
    expect(await read(text)).toEqual({ kind: 'not-ours' });
  });
});
