import type { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createMemorySigningKeys } from '../../adapters/memory/signing-keys.ts';
import { publishAlert } from '../../adapters/sns/alerts.ts';
import { mapFieldOption, reasonOption } from '../../cli/text-option.ts';
import type { AlertOf } from '../../core/alerts/alert.ts';
import { detect } from '../../core/detection/detect.ts';
import { hasCardNumber, maskCardNumbers } from '../../core/events/find-card-numbers.ts';
import { withoutCardData } from '../../core/events/without-card-data.ts';
import { harmless } from '../../core/queries/spreadsheet.ts';
import { luhnEnded } from '../fixtures/card-numbers.ts';
import { START_MS, WALLET } from '../fixtures/charges.ts';
import { configuration, SOURCE } from '../fixtures/configurations.ts';
import { detectionContext } from '../fixtures/contexts.ts';
import { putEach } from '../fixtures/put-each.ts';
import { quarantineInMemory } from '../fixtures/quarantine-in-memory.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../fixtures/wire-events.ts';
import { createDesk, queryContext } from '../unit/api/desk.ts';

const VISA = '4111111111111111';

/** The stream's reader over the quarantine as it is deployed. */
function reader(shows: Readonly<Record<string, unknown>> = {}) {
  const context = detectionContext(configuration(shows));
  const { quarantine, objects, listed, messages } = quarantineInMemory(context.configuration);
  const read = async (record: unknown) => {
    const raw = { bytes: record instanceof Uint8Array ? record : bytesOf(record), arrivedMs: WIRE_EVENT_MS };
    const { failures, counts } = await detect([raw], {
      ...context,
      quarantine: putEach(quarantine.put),
      signingKeys: createMemorySigningKeys(),
      raiseFlags: async () => {},
    });
    expect(failures).toEqual([]);
    return counts;
  };
  const kept = () => [...objects.values()].map(({ bytes }) => new TextDecoder().decode(bytes));
  const everywhere = () => [...objects.keys(), ...kept(), ...messages, JSON.stringify(listed)].join('\n');
  return { context, quarantine, objects, listed, read, kept, everywhere };
}

describe('card data on the stream', () => {
  it('D3: is masked under a name that spells the path of an amount', async () => {
    const { read, everywhere } = reader();
    await read(wireEvent({ 'data.amount.value': Number(VISA), data: { payer: VISA, 'amount.value': Number(VISA) } }));
    expect(everywhere()).not.toContain(VISA);
  });

  it('D4: leaves no third number where the rests of two meet', () => {
    for (let rest = 0; rest < 200; rest++) {
      const first = luhnEnded(`4${rest}`, 16, rest);
      const masked = maskCardNumbers(`${first} ${luhnEnded('4242', 16, rest)} 4242 4242 4242 ${first.slice(0, 12)}`);
      expect(maskCardNumbers(masked)).toBe(masked);
    }
  });

  it('D5: is found where the record writes its digits and names as escapes', async () => {
    const { read, everywhere } = reader();
    const escaped = [...VISA].map((digit) => `\\u003${digit}`).join('');
    await read(JSON.stringify(wireEvent({ data: { payer: '@', '@': 1 } })).replaceAll('@', escaped));
    expect(everywhere()).toContain('****1111');
    expect(everywhere()).not.toMatch(/4111111|u0034/);
  });

  it('D6: loses its tracks, security codes and PINs, whatever words stand before their names', async () => {
    const { read, kept } = reader();
    const card = {
      newCardCvc: '123',
      'card.security-code': 123,
      ＣＶＶ: '123',
      track_2_data: 'x',
      pinBlock: 'x',
      cid: '1234',
    };
    const track = `%B${VISA}^DOE/JOHN^25121010000000123000?;${VISA}=25121010000012300000?`;
    await read(wireEvent({ data: { payer: VISA, card, note: `${track} cvv 123` } }));
    expect(JSON.parse(kept()[0] ?? '')).toEqual(
      wireEvent({ data: { payer: '****1111', card: {}, note: '****** cvv ***' } }),
    );
  });

  it('D7: is not hidden by a second member of its name: such bytes are stored for days, under their own key', async () => {
    const { read, objects, everywhere } = reader();
    await read(`{"payer":"${VISA}","cvv":"123","payer":"p_1"}`);
    await read(Uint8Array.from([0xff, ...bytesOf(VISA)]));
    await read(wireEvent({ data: { note: VISA, padding: 'x'.repeat(33 * 1_024) } }));
    expect([...objects]).toHaveLength(3);
    for (const [key, { keyArn }] of objects) {
      expect(key).toMatch(/^unreadable\/(schema|not-json|too-large)\/[0-9a-f]{32}$/);
      expect(keyArn).toBe('key-of-its-own');
    }
    expect(everywhere()).not.toMatch(/4111111111|"123"/);
  });

  it('D8: cannot be guessed from the id of its record', async () => {
    const { read, listed } = reader();
    const sameEnd = Array.from({ length: 90 }, (_, n) => `40000000${n + 10}001111`).filter(hasCardNumber);
    expect(sameEnd.length).toBeGreaterThan(5);
    for (const payer of sameEnd) await read(wireEvent({ data: { payer } }));
    const masked = listed.filter(({ reason }) => reason === 'card-number');
    expect(masked).toHaveLength(sameEnd.length);
    expect(new Set(masked.map(({ id }) => id)).size).toBe(1);
  });

  it('D9: is refused by the store where the mask has missed it, before anything is written', async () => {
    const { quarantine, objects, listed } = reader();
    const record = { id: 'a', reason: 'schema', arrivedMs: START_MS, source: WALLET, isMasked: false } as const;
    const put = (bytes: Uint8Array, isTree: boolean, detail = '') =>
      quarantine.put({ ...record, detail, bytes, byteCount: bytes.length, isTree });
    const broken = { code: 'broken-invariant', retry: 'never' };
    await expect(put(bytesOf(wireEvent({ data: { payer: VISA } })), true)).rejects.toMatchObject(broken);
    await expect(put(bytesOf(wireEvent({ data: { cvv: '123' } })), true)).rejects.toMatchObject(broken);
    await expect(put(bytesOf(`{"payer":"${VISA}"`), false)).rejects.toMatchObject(broken);
    await expect(put(bytesOf('{}'), true, `data.${VISA} is unknown`)).rejects.toMatchObject(broken);
    expect([objects.size, listed.length]).toEqual([0, 0]);
  });

  it('D10: passes as a token only in the field whose format its source has registered', async () => {
    const tokens = { payer: '^4[0-9]{15}|x$' };
    const { read, kept } = reader({ sources: { [WALLET]: { ...SOURCE, tokens } } });
    expect(await read(wireEvent({ data: { payer: VISA } }))).toMatchObject({ quarantined: 0 });
    const elsewhere = [
      { payer: `x ${VISA}` },
      { order: VISA },
      { payers: [VISA] },
      { 'data.payer': VISA },
      { [VISA]: 1 },
    ];
    for (const data of elsewhere) expect(await read(wireEvent({ data }))).toMatchObject({ quarantined: 1 });
    expect(kept().join()).not.toContain(VISA);
    // A record that is refused for something else keeps the token: it can be repaired.
    await read(wireEvent({ time: '2024-11-12T01:12:03.120Z', data: { payer: VISA } }));
    expect(kept().at(-1)).toContain(VISA);
  });

  it('D11: is found over the items of a list', async () => {
    const { read, kept } = reader();
    await read(wireEvent({ data: { pan: ['4111', '1111', '1111', '1111'], digits: [...VISA].map(Number) } }));
    expect(kept().join()).toContain('"pan":["****1111"],"digits":["****1111"]');
  });
});

describe('a text of an operator', () => {
  it('D12: is refused on the command line with a message that repeats nothing of it', () => {
    for (const text of [`payer ${VISA}`, `４１１１-1111-1111-1111`, 'the cvv is 987', 'a\u202eb', 'a\nb']) {
      for (const option of [reasonOption, mapFieldOption]) {
        expect(() => option(text)).toThrow(/^--(reason|map-field) must not have /);
        expect(() => option(text)).not.toThrow(/1111|987|\u202e|\n/);
      }
    }
  });

  const TYPED = ['merchant', 'payer', 'order', 'charge', 'source', 'detector'] as const;
  const DOORS: readonly (readonly ['GET' | 'POST', string, (token: Record<string, string>) => unknown, string[]])[] = [
    ['POST', '/refunds/freeze', (token) => ({ reason: 'r', ...token }), ['merchant']],
    ['POST', '/refunds/thaw', (token) => ({ reason: 'r', ...token }), ['merchant']],
    ['POST', '/exports', (filter) => ({ format: 'csv', filter: { charge: 'ch_1', ...filter } }), [...TYPED]],
    ['GET', '/cases', (token) => token, [...TYPED]],
    ['GET', '/payers/status', (token) => token, ['merchant', 'payer', 'order', 'charge', 'source']],
  ];

  it.each(DOORS)(
    'D17: is refused by %s %s where a token belongs, and nothing is stored or repeated',
    async (...door) => {
      const [method, path, requestOf, fields] = door;
      const api = queryContext(detectionContext(configuration()));
      const desk = createDesk(api);
      for (const field of fields) {
        for (const text of [VISA, '4111 1111 1111 1111', '４１１１１１１１１１１１１１１１', `m-${VISA}`]) {
          const request = requestOf({ [field]: text });
          const query = new URLSearchParams(request as Record<string, string>); // a query has texts alone
          const url = method === 'GET' ? `${path}?${query}` : path;
          const { status, body } = await desk.ask(method, url, { body: request, groups: '[admin]' });
          expect([status, body.code], `${field} ${text}`).toEqual([400, 'input-invalid']);
          expect(body.detail).toMatch(new RegExp(`(^|\\.)${field}: must not have a card number`));
          expect(JSON.stringify(body)).not.toMatch(/1111|１１１１/);
        }
      }
      expect(await api.freezes.newestOrders([VISA])).toEqual([]);
    },
  );

  it('D17: passes as a token of a format that a source has registered, and in that field alone', async () => {
    const sources = { [WALLET]: { ...SOURCE, tokens: { payer: '^[0-9]{16}$' } } };
    const desk = createDesk(queryContext(detectionContext(configuration({ sources }))));
    expect((await desk.get(`/cases?payer=${VISA}`)).status).toBe(200);
    expect((await desk.get(`/cases?order=${VISA}`)).status).toBe(400);
  });

  it('D13: forges no line of an e-mail, a log or a table', async () => {
    const desk = createDesk(queryContext(detectionContext(configuration())));
    for (const hidden of ['\n', '\r\n', '\u2028', '\u2029', '\u0085', '\u001b[2K', '\u202e', '\u2066']) {
      const reason = `harmless${hidden}ACT NOW: approve all`;
      const { status, body } = await desk.post('/refunds/freeze', { reason }, { groups: '[admin]' });
      expect([status, body.code]).toEqual([400, 'input-invalid']);
    }
  });
});

describe('what leaves the product', () => {
  it('D14: has no formula behind characters that show nothing', () => {
    for (const blank of [
      '\u200b',
      '\ufeff',
      '\u00ad',
      '\u00a0',
      '\u2060',
      '\u180e',
      '\u0000',
      '\u202e',
      '\u2800',
      '\u3164',
    ]) {
      for (const cell of [`${blank}=cmd|x`, `a;${blank}${blank}@x`, `"${blank}+1`]) {
        expect(harmless(cell).replaceAll("'", '')).toBe(cell);
        expect(harmless(cell)).toMatch(/'[=@+]/);
      }
    }
  });

  it('D15: has attributes in a safe alphabet, of which two values never become one', async () => {
    const seen: string[] = [];
    const client = {
      send: async ({ input }: PublishCommand) => void seen.push(input.MessageAttributes?.merchant?.StringValue ?? ''),
    } as unknown as SNSClient; // the one method that is called
    const alert: AlertOf<'attestation-suspended'> = {
      kind: 'attestation-suspended',
      version: 1,
      alertId: 'a',
      severity: 'critical',
      at: '2024-11-11T00:00:00.000Z',
      source: WALLET,
      merchant: 'm_9',
      attestation: 'totals',
      order: 'o_1',
      why: 'x',
      command: 'y',
    };
    const merchants = ['m_9', 'm 9', 'm%209', '商户', '"; rm -rf / #', "m'9", '$(m)', 'm`9`', 'm,9', 'm\u200b9'];
    for (const merchant of merchants) await publishAlert(client, 'topic', { ...alert, merchant });
    expect(seen[0]).toBe('m_9');
    for (const value of seen) expect(value).toMatch(/^[\w.:/@+=%-]+$/);
    expect(new Set(seen).size).toBe(merchants.length);
    expect(seen.map(decodeURIComponent)).toEqual(merchants);
  });

  it('D16: stores a record that has no card data byte for byte', async () => {
    const { read, objects } = reader();
    const bytes = bytesOf(
      JSON.stringify(wireEvent({ source: '/unknown', data: { note: 'a=b, 2024-11-11, 12 345' } }), null, 3),
    );
    await read(bytes);
    expect([...objects.values()].map((stored) => stored.bytes)).toEqual([bytes]);
    expect(withoutCardData(bytes).isMasked).toBe(false);
  });
});
