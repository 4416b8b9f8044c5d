import { describe, expect, it } from 'vitest';
import { hasCardNumber } from '../../../core/events/find-card-numbers.ts';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { CHARGE_TOKENS } from '../../../core/events/payment-event.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

/** In full size more than the million of the bound: one in a million would be found. */
const IDS = process.env.ONECHARGE_FULL ? 3_000_000 : 30_000;
const EVENTS = process.env.ONECHARGE_FULL ? 300_000 : 3_000;

const DIGITS = '0123456789';
const HEX = '0123456789abcdef';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE_62 = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`;

/** Marsaglia's xorshift: the same numbers in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function textFrom(alphabet: string, length: number, next: () => number): string {
  let text = '';
  for (let at = 0; at < length; at++) text += alphabet[Math.floor(next() * alphabet.length)];
  return text;
}

function uuidFrom(next: () => number): string {
  const hex = textFrom(HEX, 30, next);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}

describe('an id that is no card number', () => {
  it.each<[string, (next: () => number) => string]>([
    ['a UUID', uuidFrom],
    ['a SHA-256 digest', (next) => textFrom(HEX, 64, next)],
    ['an MD5 digest', (next) => textFrom(HEX, 32, next)],
    ['an ObjectId', (next) => textFrom(HEX, 24, next)],
    ['an id of Stripe', (next) => `ch_${textFrom(BASE_62, 24, next)}`],
    ['a ULID', (next) => `01${textFrom(CROCKFORD, 24, next)}`],
    ['an id of PayPal', (next) => textFrom(CROCKFORD, 17, next)],
    ['a time', (next) => new Date(Math.floor(1.6e12 + next() * 4e11)).toISOString()],
  ])('is never taken for one: %s', (_what, make) => {
    const next = numbers(11);
    const taken: string[] = [];
    for (let n = 0; n < IDS; n++) {
      const id = make(next);
      if (hasCardNumber(id)) taken.push(id);
    }
    expect(taken).toEqual([]);
  });

  it('is never taken for one in a format that its source has registered, of whatever length', () => {
    const tokens = Object.fromEntries(['id', ...CHARGE_TOKENS].map((token) => [token, '^[0-9]{12,19}$']));
    const rules = configuration({ sources: { [WALLET]: { ...SOURCE, tokens } } });
    const next = numbers(12);
    let looksLikeCards = 0;
    for (let n = 0; n < EVENTS; n++) {
      const id = () => textFrom(DIGITS, 12 + Math.floor(next() * 8), next);
      const data = Object.fromEntries(CHARGE_TOKENS.map((token) => [token, id()]));
      const result = parseEvent(bytesOf(wireEvent({ id: id(), data })), WIRE_EVENT_MS, rules);
      if (result.kind === 'rejected') throw new Error(`${n}: ${result.detail}`);
      looksLikeCards += Object.values(data).filter(hasCardNumber).length;
    }
    // The formats were needed.
    expect(looksLikeCards).toBeGreaterThan(EVENTS / 10);
  });
});
