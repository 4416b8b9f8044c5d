import { readFileSync } from 'node:fs';
import creditCardType from 'credit-card-type';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARD_RANGES, isCard } from '../../../core/events/card-networks.ts';
import { luhnEnded } from '../../fixtures/card-numbers.ts';

interface Peer {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly length: number;
}

/** Each prefix and length of the package, as one range. */
const peers: readonly Peer[] = Object.values(creditCardType.types).flatMap((type) => {
  const { niceType, patterns, lengths } = creditCardType.getTypeInfo(type);
  return patterns.flatMap((pattern) => {
    const [from, to] = Array.isArray(pattern) ? pattern : [pattern, pattern];
    return lengths.map((length) => ({ name: `${niceType} ${from}-${to}`, from: `${from}`, to: `${to}`, length }));
  });
});

describe('the ranges of the networks', () => {
  it('are at least 25, of which each names its source and its date', () => {
    expect(CARD_RANGES.length).toBeGreaterThanOrEqual(25);
    for (const { from, to, lengths, source, date } of CARD_RANGES) {
      expect(from).toMatch(/^\d{1,8}$/);
      expect(to).toMatch(/^\d{1,8}$/);
      expect(from.length).toBe(to.length);
      expect(from <= to).toBe(true);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(12);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(19);
      expect(source).not.toBe('');
      expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });

  it('have every prefix of credit-card-type, at every length', () => {
    expect(peers.length).toBeGreaterThan(300);
    fc.assert(
      fc.property(fc.constantFrom(...peers), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (peer, at, rest) => {
        const { from, to, length } = peer;
        const prefix = String(Math.round(Number(from) + at * (Number(to) - Number(from))));
        const card = luhnEnded(prefix, length, rest);
        expect(isCard(card, false), `${peer.name}: ${card}`).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    for (const { name, from, to, length } of peers) {
      expect(isCard(luhnEnded(from, length, 7), false), name).toBe(true);
      expect(isCard(luhnEnded(to, length, 7), false), name).toBe(true);
    }
  });
});

it('docs/card-numbers.md lists each range with its digits', () => {
  const page = readFileSync(new URL('../../../docs/card-numbers.md', import.meta.url), 'utf8');
  for (const { network, from, to, lengths, hasLuhn, date } of CARD_RANGES) {
    const prefix = from === to ? from : `${from} to ${to}`;
    const rows = page.split('\n').filter((line) => line.startsWith(`| ${network} | ${prefix} |`));
    const row = rows.find((each) => each.includes(`| ${hasLuhn ? 'yes' : 'not needed'} |`)) ?? '';
    expect(row, `${network} ${prefix}`).toContain(`, ${date} |`);
    for (const length of [lengths[0], lengths.at(-1)]) expect(row).toContain(`${length}`);
  }
});

describe('a number without a Luhn digit', () => {
  it('is a card of UnionPay where it is plainly written, and never one of Visa', () => {
    expect(isCard('6212345678901231', true)).toBe(true);
    expect(isCard('6212345678901231', false)).toBe(false);
    expect(isCard('4111111111111112', true)).toBe(false);
  });
});
