import { describe, expect, it } from 'vitest';
import { readEvents } from '../../../core/detection/read-events.ts';
import type { KeyRing, SigningKeys } from '../../../core/events/signatures.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { KEYS, SIGNED_REGISTRY, signedEvent, signingKey, WALLET_KEY } from '../../fixtures/signing.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const NEW_KEY = signingKey('wallet-2');
const NEWER: KeyRing = new Map([...KEYS, [NEW_KEY.id, NEW_KEY]]);
const byOld = signedEvent(wireEvent({ id: 'old' }));
const byNew = signedEvent(wireEvent({ id: 'new' }), NEW_KEY);

function reading(reread: () => Promise<KeyRing | undefined>) {
  let rereads = 0;
  const signingKeys: SigningKeys = {
    current: async () => KEYS,
    reread: () => {
      rereads += 1;
      return reread();
    },
  };
  const context = { configuration: configuration({ sources: SIGNED_REGISTRY }), signingKeys };
  const read = async (...events: readonly unknown[]) => {
    const records = events.map((event) => ({ bytes: bytesOf(event), arrivedMs: WIRE_EVENT_MS }));
    const parsed = await readEvents(records, context);
    return parsed.map((each) => (each.kind === 'event' ? each.event.eventId : each.reason));
  };
  return { read, rereads: () => rereads };
}

describe('a batch of signed events', () => {
  it('reads the keys once for all that are known', async () => {
    const { read, rereads } = reading(async () => NEWER);
    expect(await read(byOld, wireEvent(), { ...byOld, id: 'other' })).toEqual(['old', 'unauthentic', 'unauthentic']);
    expect(rereads()).toBe(0);
  });

  it('knows a key that is newer than the keys it has read', async () => {
    const { read, rereads } = reading(async () => NEWER);
    expect(await read(byNew, byOld, byNew)).toEqual(['new', 'old', 'new']);
    expect(rereads()).toBe(1);
  });

  it('refuses a key that is unknown where the keys may not be read again yet', async () => {
    const { read } = reading(async () => undefined);
    expect(await read(byNew, byOld)).toEqual(['unauthentic', 'old']);
  });

  it('fails where the keys cannot be read again: it does not say that a key is unknown', async () => {
    const { read } = reading(async () => {
      throw new Error('throttled');
    });
    await expect(read(byOld, byNew)).rejects.toThrow('throttled');
  });
});

it('an event that is neither JSON nor of a source that signs needs no key', async () => {
  const { read } = reading(async () => NEWER);
  const stranger = wireEvent({ source: '/stranger' });
  const trusted = wireEvent({ source: '/processors/acme', sigkid: WALLET_KEY.id, sig: 'ignored' });
  expect(await read('{', stranger, trusted, [], null)).toEqual([
    'not-json',
    'unknown-source',
    'evt_1',
    'schema',
    'schema',
  ]);
});

it('a card number beside a checked signature is found, and one in an unchecked signature', async () => {
  const { read } = reading(async () => NEWER);
  const number = '4111111111111111';
  const trusted = wireEvent({ source: '/processors/acme', sig: number });
  expect(await read(signedEvent(wireEvent({ remark: number })), trusted)).toEqual(['card-number', 'card-number']);
});

it('a field that no signature covers is named by the schema', async () => {
  const { read } = reading(async () => NEWER);
  const event = wireEvent({ data: { amount: { value: 12.5, currency: 'CNY' } } });
  expect(await read({ ...event, sigkid: WALLET_KEY.id, sig: 'A'.repeat(43) })).toEqual(['schema']);
});
