import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/clock-units.ts';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { createSignatures } from '../../../core/events/signatures.ts';
import { type RepairRule, repair } from '../../../core/redrive/repair.ts';
import { quarantinedItem } from '../../fixtures/quarantined.ts';
import { KEYS, signedEvent, signedRules, signingKey, WALLET_KEY } from '../../fixtures/signing.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const NEXT_KEY = signingKey('wallet-2');
const ring = new Map([...KEYS, [NEXT_KEY.id, NEXT_KEY]]);
const rules = { ...signedRules(), signatures: createSignatures(ring) };
const RELEASE: RepairRule = { kind: 'release' };

function repaired(event: unknown, rule: RepairRule) {
  const bytes = bytesOf(event);
  const means = { rule, rules, signerOf: () => NEXT_KEY };
  const outcome = repair(quarantinedItem({ byteCount: bytes.byteLength }), bytes, means);
  return outcome.kind === 'refused' ? outcome : outcome.record.bytes;
}

describe('a repair of a signed event', () => {
  const ahead = wireEvent({ time: '2024-11-11T03:12:03.120Z' });
  const shift: RepairRule = { kind: 'change', moves: [], shiftMs: -2 * HOUR_MS };

  it('signs what it changes with the key in use, once', () => {
    const bytes = repaired(signedEvent(ahead), shift) as Uint8Array;
    expect(parseEvent(bytes, WIRE_EVENT_MS, rules)).toMatchObject({ kind: 'event' });
    const text = new TextDecoder().decode(bytes);
    expect(JSON.parse(text)).toMatchObject({ sigkid: NEXT_KEY.id, time: '2024-11-11T01:12:03.120Z' });
    expect(text.match(/"sig"/g)).toHaveLength(1);
  });

  it('signs a field that had another name', () => {
    const { data, ...rest } = wireEvent({ data: { merchant: undefined, shop: 'm_9' } });
    const rule = { kind: 'change', moves: [{ from: ['data', 'shop'], to: ['data', 'merchant'] }], shiftMs: 0 } as const;
    const bytes = repaired(signedEvent({ ...rest, data }), rule) as Uint8Array;
    expect(parseEvent(bytes, WIRE_EVENT_MS, rules)).toMatchObject({ event: { charge: { merchant: 'm_9' } } });
  });

  it('releases an event whose key was not known when it came, byte for byte', () => {
    const event = signedEvent(wireEvent(), NEXT_KEY);
    expect(repaired(event, RELEASE)).toEqual(bytesOf(event));
  });

  it('sends an event in its place if that is signed', () => {
    const event = signedEvent(wireEvent(), WALLET_KEY);
    expect(repaired(wireEvent(), { kind: 'replace', bytes: bytesOf(event) })).toEqual(bytesOf(event));
    expect(repaired(event, { kind: 'replace', bytes: bytesOf(wireEvent()) })).toMatchObject({ reason: 'unauthentic' });
  });

  it.each([
    ['is not signed', wireEvent({ time: '2024-11-11T03:12:03.120Z' })],
    ['was changed on its way', { ...signedEvent(ahead), id: 'evt_2' }],
    ['has an amount that no signature covers', { ...signedEvent(ahead), data: { amount: { value: 1.5 } } }],
  ])('refuses an event that %s', (_, event) => {
    expect(repaired(event, shift)).toMatchObject({ kind: 'refused', reason: 'unauthentic' });
  });
});
