import { describe, expect, it } from 'vitest';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import {
  BANK,
  captured,
  charge,
  disputed,
  MINUTE,
  orderClosed,
  START_MS,
  voided,
  WALLET,
} from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

type Attests = readonly string[];

const ALL: Attests = ['single-charge', 'totals', 'closings'];
const LATER_MS = START_MS + MINUTE;

const world = (attests: Attests = ALL, bank: Attests = attests): RefundWorld =>
  refundWorld(
    configuration({
      sources: {
        [WALLET]: { ...UNATTESTED, attests, namespace: 'one' },
        [BANK]: { ...UNATTESTED, attests: bank, namespace: 'one', copies: ['other-source'] },
      },
    }),
  );

const paid = (chargeId: string, shows: Partial<Charge> = {}) => charge({ chargeId, amountMinor: 5_000, ...shows });
const total = (amountMinor: number, timeMs = LATER_MS, source = WALLET): PaymentEvent =>
  orderClosed('paid', { source, timeMs, total: { amountMinor, currency: 'CNY' } });
/** A capture with the order's total. */
const told = (of: Charge, orderTotalMinor: number): PaymentEvent => {
  const event = captured(of);
  return event.kind === 'charge.captured' ? { ...event, orderTotalMinor } : event;
};
const suspended = async ({ suspensions }: RefundWorld) =>
  (await suspensions.allSuspensions()).map(({ source, attestation }) => `${attestation} of ${source}`);

describe('the attestation single-charge', () => {
  it('is suspended by a total that needs two equal charges, and its copies wait with the facts', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(paid('one')), captured(paid('two')), total(10_000));
    expect(await shop.suspensions.suspensionsOf('m_1')).toEqual([
      {
        source: WALLET,
        merchant: 'm_1',
        attestation: 'single-charge',
        order: 'o_1',
        atMs: LATER_MS,
        sinceMs: shop.nowMs(),
        isAlerted: false,
      },
    ]);
    const other = (chargeId: string) => captured(paid(chargeId, { order: 'o_2' }));
    await shop.deliver(other('three'), other('four'));
    expect(await shop.work('four')).toMatchObject({
      status: 'held',
      wait: {
        waitsFor: ['may-split'],
        facts: {
          'may-split': { suspended: [{ source: WALLET, attestation: 'single-charge', order: 'o_1' }] },
        },
      },
    });
  });

  it('is suspended where we have refunded one of the parts', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(paid('one')), captured(paid('two')));
    expect(await shop.work('two')).toMatchObject({ status: 'refunded' });
    await shop.deliver(total(10_000));
    expect(await suspended(shop)).toEqual([`single-charge of ${WALLET}`]);
  });

  it.each<[string, readonly PaymentEvent[]]>([
    ['two of three equal charges make the total', [captured(paid('three')), total(10_000)]],
    ['all charges of the order make the total', [captured(paid('fee', { amountMinor: 700 })), total(10_700)]],
    ['a source that attests nothing told the total', [total(10_000, LATER_MS, BANK)]],
  ])('is suspended where %s', async (_, more) => {
    const shop = world(['single-charge'], []);
    await shop.deliver(captured(paid('one')), captured(paid('two')), ...more);
    expect(await suspended(shop)).toEqual([`single-charge of ${WALLET}`]);
  });

  it.each<[string, readonly PaymentEvent[]]>([
    ['the total is one charge', [total(5_000)]],
    ['the charges do not add up to the total', [total(12_000)]],
    ['one of the charges was voided', [voided(paid('two'), { timeMs: LATER_MS }), total(10_000)]],
    ['one of the charges is disputed', [disputed(paid('two'), 'open', { timeMs: LATER_MS }), total(10_000)]],
    ['the charges are parts by name', [total(10_000)]],
    ['a later total is right', [total(5_000, LATER_MS + 1), total(10_000)]],
  ])('stays where %s', async (name, more) => {
    const shop = world(['single-charge']);
    const part = name.includes('parts by name') ? { part: '2' } : {};
    await shop.deliver(captured(paid('one')), captured(paid('two', part)), ...more);
    expect(await suspended(shop)).toEqual([]);
  });

  it('stays where two parts make the total, and one of them has a copy', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(paid('one')), captured(paid('other', { part: '2' })), captured(paid('two')));
    await shop.deliver(total(10_000));
    expect(await suspended(shop)).toEqual([]);
  });

  it('is suspended for one merchant alone', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(paid('one')), captured(paid('two')), total(10_000));
    const other = (chargeId: string) => captured(paid(chargeId, { merchant: 'm_2' }));
    await shop.deliver(other('three'), other('four'));
    expect(await shop.work('four')).toMatchObject({ status: 'refunded' });
  });
});

describe('the attestation totals', () => {
  it('is suspended by a later, higher total after our refund', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two'), 5_000));
    expect(await shop.work('two')).toMatchObject({ status: 'refunded', restsOn: ['totals'] });
    await shop.deliver(total(7_000));
    expect(await suspended(shop)).toEqual([`totals of ${WALLET}`]);
    const other = { order: 'o_2' };
    await shop.deliver(told(paid('three', other), 5_000), told(paid('four', other), 5_000));
    expect(await shop.work('four')).toMatchObject({
      wait: { waitsFor: ['may-split'], facts: { 'may-split': { suspended: [{ attestation: 'totals' }] } } },
    });
  });

  it('stays where another source tells a higher total, or no refund rested on it', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two'), 5_000));
    await shop.deliver(total(6_000));
    expect(await suspended(shop)).toEqual([]);
    const sold = { order: 'o_2' };
    await shop.deliver(told(paid('three', sold), 5_000), told(paid('four', sold), 5_000));
    expect(await shop.work('four')).toMatchObject({ status: 'refunded' });
    const bank = { source: BANK, timeMs: LATER_MS, ...sold };
    await shop.deliver(orderClosed('paid', { ...bank, total: { amountMinor: 7_000, currency: 'CNY' } }));
    expect(await suspended(shop)).toEqual([]);
  });
});

describe('the attestation closings', () => {
  const unpaid = orderClosed('unpaid', { timeMs: LATER_MS });
  const after = orderClosed('paid', { timeMs: LATER_MS + MINUTE });

  /** A shop whose only charge went back on a closing as unpaid. */
  async function refunded(): Promise<RefundWorld> {
    const shop = world(['closings']);
    await shop.deliver(captured(paid('one')), unpaid);
    expect(await shop.work('one')).toMatchObject({ status: 'refunded', restsOn: ['closings'] });
    return shop;
  }

  it.each<[string, readonly PaymentEvent[]]>([
    ['paid after it', [after]],
    ['paid and unpaid again after it', [after, orderClosed('unpaid', { timeMs: LATER_MS + 2 * MINUTE })]],
  ])('is suspended where a refund rests on a closing, and the order is closed %s', async (_, closings) => {
    const shop = await refunded();
    await shop.deliver(...closings);
    expect(await suspended(shop)).toEqual([`closings of ${WALLET}`]);
  });

  it('stays where our refund rests on another attestation than the closing', async () => {
    const shop = world(['single-charge', 'closings']);
    await shop.deliver(captured(paid('one')), captured(paid('two')));
    expect(await shop.work('two')).toMatchObject({ status: 'refunded', restsOn: ['single-charge'] });
    await shop.deliver(unpaid, after);
    expect(await suspended(shop)).toEqual([]);
  });

  it('stays where no refund rests on the closing that a later one overrules', async () => {
    const shop = world(['closings']);
    await shop.deliver(captured(paid('one')), unpaid, after);
    expect(await suspended(shop)).toEqual([]);
  });

  it('is no ground any longer', async () => {
    const shop = await refunded();
    await shop.deliver(after);
    const other = { order: 'o_2' };
    await shop.deliver(captured(paid('two', other)), orderClosed('unpaid', { timeMs: LATER_MS, ...other }));
    expect(await shop.work('two')).toMatchObject({
      wait: {
        waitsFor: ['closing'],
        facts: { closing: { doubt: 'unattested', suspended: [{ attestation: 'closings', order: 'o_1' }] } },
      },
    });
  });

  it.each<[string, readonly PaymentEvent[]]>([
    ['another source closes it paid', [unpaid, orderClosed('paid', { source: BANK, timeMs: LATER_MS + MINUTE })]],
    ['both closings have one time', [unpaid, orderClosed('paid', { timeMs: LATER_MS })]],
    ['both closings have one time, paid first', [orderClosed('paid', { timeMs: LATER_MS }), unpaid]],
    ['it was closed unpaid after paid', [orderClosed('paid', { timeMs: START_MS }), unpaid]],
  ])('stays where %s', async (_, closings) => {
    const shop = await refunded();
    await shop.deliver(...closings);
    expect(await suspended(shop)).toEqual([]);
  });
});

it('a claim reads what is suspended after its assessment', async () => {
  const shop = world(['single-charge']);
  const { isFrozen } = shop.freezes;
  const suspend = () =>
    shop.suspensions.suspend(
      { source: WALLET, merchant: 'm_1', attestation: 'single-charge', order: 'o_9', atMs: START_MS },
      shop.nowMs(),
    );
  let asked = 0;
  Object.assign(shop.freezes, {
    isFrozen: async (merchant: string) => {
      // The assessment asks first, the claim second.
      if (++asked === 2) await suspend();
      return isFrozen(merchant);
    },
  });
  await shop.deliver(captured(paid('one')), captured(paid('two')));
  expect(await shop.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['may-split'] } });
});

it('a restored attestation counts again, and the same order does not suspend it anew', async () => {
  const shop = world(['single-charge']);
  await shop.deliver(captured(paid('one')), captured(paid('two')), total(10_000));
  const of = { source: WALLET, merchant: 'm_1', attestation: 'single-charge' } as const;
  const request = { ...of, by: 'ann', reason: 'the shop told a wrong total' };
  expect(await shop.suspensions.restore(request, LATER_MS + MINUTE)).toBe('restored');
  await shop.deliver(captured(paid('one')));
  expect(await suspended(shop)).toEqual([]);
  const other = (chargeId: string) => captured(paid(chargeId, { order: 'o_2' }));
  await shop.deliver(other('three'), other('four'));
  expect(await shop.work('four')).toMatchObject({ status: 'refunded' });
});
