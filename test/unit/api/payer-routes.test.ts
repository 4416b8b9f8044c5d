import { beforeEach, describe, expect, it } from 'vitest';
import type { Charge } from '../../../core/events/payment-event.ts';
import { ACME, arrival, BANK, captured, charge, DAY, orderClosed, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { createDesk, queryContext } from './desk.ts';

const PROBLEM = 'application/problem+json';
const NOBODY = { groups: null };
const MINE = { payer: 'p_1', source: WALLET, merchant: 'm_1', order: 'o_1' };

let detection: DetectionContext;
let desk: ReturnType<typeof createDesk>;

beforeEach(() => {
  detection = detectionContext(configuration());
  desk = createDesk(queryContext(detection));
});

async function capture(...charges: readonly Charge[]): Promise<void> {
  for (const one of charges) await deliver(captured(one));
}

async function deliver(event: Parameters<typeof arrival>[0]): Promise<void> {
  await judgeAndRaise([arrival(event, detection.clock.nowMs)], detection);
}

function path(asking: Readonly<Record<string, string>>): string {
  return `/payers/status?${new URLSearchParams(asking)}`;
}

async function linkTo(scope: object): Promise<string> {
  const { status, body } = await desk.post('/payer-links', scope);
  expect(status).toBe(201);
  return body.link;
}

describe('the status of a payer', () => {
  const [first, second] = [charge({ chargeId: 'ch_1' }), charge({ chargeId: 'ch_2' })];

  it('is the same by order, by the duplicate and by the original', async () => {
    await capture(first, second);
    const byOrder = await desk.get(path({ merchant: 'm_1', order: 'o_1' }));
    expect(byOrder.body).toMatchObject({
      found: true,
      charges: [
        { chargeId: 'ch_1', state: 'standing' },
        { chargeId: 'ch_2', state: 'refund-on-its-way', amountMinor: 12_900, currency: 'CNY' },
      ],
    });
    for (const asked of ['ch_1', 'ch_2']) {
      expect((await desk.get(path({ source: WALLET, charge: asked }))).body).toEqual(byOrder.body);
    }
  });

  it('of what nobody found is that nothing was found', async () => {
    await capture(first);
    const nothing = { status: 200, body: { found: false, charges: [] } };
    expect(await desk.get(path({ merchant: 'm_1', order: 'o_1' }))).toMatchObject(nothing);
    expect(await desk.get(path({ source: WALLET, charge: 'ch_1' }))).toMatchObject(nothing);
  });

  it('of an order holds that order alone, and follows its closing', async () => {
    await capture(first, charge({ chargeId: 'ch_3', order: 'o_2' }), charge({ chargeId: 'ch_4', merchant: 'm_2' }));
    await deliver(orderClosed('unpaid'));
    const { body } = await desk.get(path({ merchant: 'm_1', order: 'o_1' }));
    expect(body).toMatchObject({ found: true, charges: [{ chargeId: 'ch_1', state: 'refund-on-its-way' }] });
  });

  it.each([
    ['nothing', {}],
    ['half an order', { order: 'o_1' }],
    ['half a charge', { charge: 'ch_1' }],
    ['both', { merchant: 'm_1', order: 'o_1', source: WALLET, charge: 'ch_1' }],
  ])('asked by %s is a problem', async (_what, asking) => {
    expect(await desk.get(path(asking))).toMatchObject({ status: 400, contentType: PROBLEM });
  });
});

describe('two people who paid one order', () => {
  beforeEach(() => capture(charge({ chargeId: 'ch_1' }), charge({ chargeId: 'ch_2', payer: 'p_2', source: BANK })));

  it('must be told apart by who asks', async () => {
    const order = { merchant: 'm_1', order: 'o_1' };
    expect(await desk.get(path(order))).toMatchObject({ status: 409, contentType: PROBLEM });
    const answered = async (payer: string) => (await desk.get(path({ ...order, payer }))).body;
    expect(await answered('p_1')).toMatchObject({ found: false, charges: [{ chargeId: 'ch_1' }] });
    expect(await answered('p_2')).toMatchObject({ found: true, charges: [{ chargeId: 'ch_2' }] });
    expect(await answered('p_3')).toEqual({ found: false, charges: [] });
  });

  it('are not told of each other by a charge', async () => {
    expect((await desk.get(path({ source: BANK, charge: 'ch_2' }))).body.charges).toMatchObject([{ chargeId: 'ch_2' }]);
    expect((await desk.get(path({ source: WALLET, charge: 'ch_1' }))).body.charges).toMatchObject([
      { chargeId: 'ch_1' },
    ]);
    const others = path({ source: WALLET, charge: 'ch_1', payer: 'p_2' });
    expect((await desk.get(others)).body).toEqual({ found: false, charges: [] });
  });

  it('each have a link that opens their own charges alone', async () => {
    for (const [payer, chargeId] of [
      ['p_1', 'ch_1'],
      ['p_2', 'ch_2'],
    ] as const) {
      const { status, body } = await desk.get(`/payer-links/${await linkTo({ ...MINE, payer })}`, NOBODY);
      expect({ status, charges: body.charges }).toMatchObject({ status: 200, charges: [{ chargeId }] });
    }
    const crosswise = await linkTo({ payer: 'p_1', source: BANK, charge: 'ch_2' });
    expect((await desk.get(`/payer-links/${crosswise}`, NOBODY)).body).toEqual({ found: false, charges: [] });
  });
});

describe('charges without a payer', () => {
  const guest = { payer: undefined };

  it('are each shown alone, to a desk that asks by charge', async () => {
    await capture(charge({ chargeId: 'ch_1', ...guest }), charge({ chargeId: 'ch_2', ...guest }));
    expect(await desk.get(path({ merchant: 'm_1', order: 'o_1' }))).toMatchObject({ status: 409 });
    for (const asked of ['ch_1', 'ch_2']) {
      const { body } = await desk.get(path({ source: WALLET, charge: asked }));
      expect(body).toMatchObject({ found: asked === 'ch_2', charges: [{ chargeId: asked }] });
      expect(body.charges).toHaveLength(1);
    }
  });

  it('are hidden from a payer who names themselves', async () => {
    await capture(charge({ chargeId: 'ch_1' }), charge({ chargeId: 'ch_2', ...guest }));
    const { body } = await desk.get(path({ merchant: 'm_1', order: 'o_1', payer: 'p_1' }));
    expect(body).toMatchObject({ found: false, charges: [{ chargeId: 'ch_1' }] });
  });
});

describe('one token in two namespaces', () => {
  it('is two people', async () => {
    const [ours, theirs] = [
      [charge({ chargeId: 'ch_1' }), charge({ chargeId: 'ch_2' })],
      [charge({ chargeId: 'ch_3', source: ACME }), charge({ chargeId: 'ch_4', source: ACME })],
    ] as const;
    await capture(...ours, ...theirs);
    const asking = { merchant: 'm_1', order: 'o_1', payer: 'p_1' };
    expect((await desk.get(path(asking))).status).toBe(409);
    const { body } = await desk.get(path({ ...asking, source: ACME }));
    expect(body.charges).toMatchObject([{ chargeId: 'ch_3' }, { chargeId: 'ch_4' }]);
    const link = await linkTo(MINE);
    expect((await desk.get(`/payer-links/${link}`, NOBODY)).body.charges).toMatchObject([
      { chargeId: 'ch_1' },
      { chargeId: 'ch_2' },
    ]);
  });
});

describe('a link', () => {
  it('is made for one payer, for a week unless it is said, and for a month at most', async () => {
    const made = await desk.post('/payer-links', MINE);
    expect(made.body.expiresAt).toBe(new Date(START_MS + 7 * DAY).toISOString());
    expect((await desk.post('/payer-links', { ...MINE, days: 31 })).status).toBe(400);
    expect((await desk.post('/payer-links', { ...MINE, payer: undefined })).status).toBe(400);
    expect((await desk.post('/payer-links', { payer: 'p_1', merchant: 'm_1', order: 'o_1' })).status).toBe(400);
  });

  it('that is none, was withdrawn or has expired says which', async () => {
    const link = await linkTo({ ...MINE, days: 1 });
    const refused = async (text: string) => {
      const { status, contentType } = await desk.get(`/payer-links/${text}`, NOBODY);
      expect(contentType).toBe(PROBLEM);
      return status;
    };
    expect(await refused('nonsense')).toBe(401);
    expect(await refused(`${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`)).toBe(401);
    expect(await refused(link.replace(/^1\./, '0.'))).toBe(403);
    detection.clock.nowMs += DAY;
    expect(await refused(link)).toBe(410);
  });
});
