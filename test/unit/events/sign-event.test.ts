import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { signEvent } from '../../../core/events/sign-event.ts';
import { BANK } from '../../fixtures/charges.ts';
import { signedRules, WALLET_KEY } from '../../fixtures/signing.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';
import { EVERY_FIELD } from './every-field.ts';

const signerOf = (source: string) => (source === WALLET_KEY.source ? WALLET_KEY : undefined);
const sign = (event: unknown) => signEvent(bytesOf(event), signerOf);

describe('an event that is signed by us', () => {
  it.each(EVERY_FIELD)('is authentic: $type', (event) => {
    expect(parseEvent(sign(event), WIRE_EVENT_MS, signedRules())).not.toMatchObject({ reason: 'unauthentic' });
  });

  it('keeps its other bytes', () => {
    const text = `  {"source": "${WALLET_KEY.source}", "id":"双十一\\u0020", "data":{"amount":{"value":1.29e4}}}\n`;
    const signed = new TextDecoder().decode(sign(text));
    expect(signed.startsWith(text.trimEnd().slice(0, -1))).toBe(true);
    expect(JSON.parse(signed)).toMatchObject({ sigkid: WALLET_KEY.id, id: '双十一 ' });
  });

  it.each([
    ['no JSON', '{"source'],
    ['no object', '[1]'],
    ['of no source', { id: 'a' }],
    ['of a source without a key', wireEvent({ source: BANK })],
    ['signed already', wireEvent({ sig: 'x' })],
    ['signed in part', wireEvent({ sigkid: 'x' })],
    ['of a value that no signature covers', wireEvent({ id: 1.5 })],
  ])('stays as it is: %s', (_, event) => {
    expect(sign(event)).toEqual(bytesOf(event));
  });
});
