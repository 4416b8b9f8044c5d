import { describe, expect, it } from 'vitest';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { BANK, captured, charge, orderClosed, refunded, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

type Attests = readonly string[];

const world = (attests: Attests, bank: Attests = attests): RefundWorld =>
  refundWorld(
    configuration({
      sources: {
        [WALLET]: { ...UNATTESTED, attests, namespace: 'one' },
        [BANK]: { ...UNATTESTED, attests: bank, namespace: 'one', copies: ['other-source'] },
      },
    }),
  );

const paid = (chargeId: string, shows: Partial<Charge> = {}) => charge({ chargeId, amountMinor: 5_000, ...shows });
/** A capture with the order's total, told at a time of its own. */
const told = (of: Charge, orderTotalMinor?: number, timeMs = START_MS): PaymentEvent => {
  const event = captured(of, { timeMs });
  return event.kind === 'charge.captured' ? { ...event, orderTotalMinor } : event;
};
const flagged = ({ cases }: RefundWorld) => cases.allFlags().map(({ charge: { chargeId } }) => chargeId);
/** What the refund of a charge waits for, or rests on. */
async function endOf(of: RefundWorld, chargeId: string) {
  const flag = await of.work(chargeId);
  if (flag.status === 'held') return flag.wait.waitsFor;
  return flag.status === 'refunded' ? { restsOn: flag.restsOn } : flag.status;
}

describe('a total that a source attests', () => {
  it('proves the copy by which more was paid, without single-charge', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two'), 5_000));
    expect(await endOf(shop, 'two')).toEqual({ restsOn: ['totals'] });
  });

  it('is a ground beside single-charge', async () => {
    const shop = world(['single-charge', 'totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two')));
    expect(await endOf(shop, 'two')).toEqual({ restsOn: ['single-charge', 'totals'] });
  });

  it.each<[string, Attests, Attests]>([
    ['the source of the copy does not attest it', ['totals'], []],
    ['the source of the original does not attest it', [], ['totals']],
  ])('proves nothing where %s', async (_, wallet, bank) => {
    const shop = world(wallet, bank);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two', { source: BANK })));
    expect(await endOf(shop, 'two')).toContain('may-split');
  });

  it.each<[string, readonly PaymentEvent[]]>([
    ['a total was once told that what stays does not cover', [told(paid('one'), 9_000, START_MS - 1)]],
    ['the excess is more than its copies', [told(paid('other', { amountMinor: 700 }))]],
    ['the order has charges of another currency', [told(paid('other', { amountMinor: 700, currency: 'JPY' }))]],
  ])('proves nothing where %s', async (_, more) => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two'), 5_000), ...more);
    expect(await endOf(shop, 'two')).toContain('may-split');
  });

  it('proves what is left of a copy, and a part that went back before waits', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two'), 5_000), refunded(paid('two'), 100));
    expect(await endOf(shop, 'two')).toEqual(['partly-returned']);
  });

  it('proves as many copies as it leaves room for', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 10_000), told(paid('two')), told(paid('three')));
    expect(flagged(shop)).toEqual(['three']);
    expect(await endOf(shop, 'three')).toEqual({ restsOn: ['totals'] });
  });

  it('lets the copy of a payer go first who has paid before', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(paid('one'), 10_000), told(paid('mine')), told(paid('guest', { payer: 'p_2' })));
    expect(flagged(shop)).toEqual(['mine']);
  });
});

describe('a total that no source attests', () => {
  it('proves nothing, and the copy waits', async () => {
    const shop = world([]);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two')));
    expect(await endOf(shop, 'two')).toEqual(['may-split']);
  });

  it('raises no flag for equal parts that add up to it', async () => {
    const shop = world([]);
    await shop.deliver(told(paid('one'), 10_000), told(paid('two')));
    expect(flagged(shop)).toEqual([]);
  });

  it('stops a copy that its sources attest, and the flag is not dismissed in silence', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 9_000), told(paid('two')));
    expect(await endOf(shop, 'two')).toEqual(['total-disagrees']);
  });

  it('stops a copy also where it rises after the flag, and no approval lets it go', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('two')));
    await shop.deliver(told(paid('one'), 9_000, START_MS + 1));
    expect(await endOf(shop, 'two')).toEqual(['total-disagrees']);
    await approve({ flagId: shop.flagOn('two').id, by: 'ann', reason: 'a copy' }, shop);
    expect(await endOf(shop, 'two')).toEqual(['total-disagrees']);
    expect(shop.refunds.size).toBe(0);
    await shop.deliver(told(paid('one'), 5_000, START_MS + 2));
    expect(await approve({ flagId: shop.flagOn('two').id, by: 'ann', reason: 'a copy' }, shop)).toMatchObject({
      kind: 'done',
    });
    expect(await endOf(shop, 'two')).toEqual({ restsOn: ['approval'] });
  });

  it.each([
    ['the latest by its own time', START_MS, ['total-disagrees']],
    ['on a tie the larger', START_MS + 5, ['total-disagrees']],
    ['the later one, told last', START_MS + 6, { restsOn: ['single-charge'] }],
  ])('is %s', async (_, timeMs, end) => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 9_000, START_MS + 5), told(paid('two')));
    await shop.deliver(orderClosed('paid', { timeMs, total: { amountMinor: 5_000, currency: 'CNY' } }));
    expect(await endOf(shop, 'two')).toEqual(end);
  });
});

describe('an order that was paid by more than its total, by no copy', () => {
  const tip = paid('tip', { amountMinor: 700 });

  it('flags the newest charge that it does not need, which waits', async () => {
    const shop = world(['single-charge', 'totals']);
    await shop.deliver(told(paid('one'), 5_000), told(tip));
    expect(flagged(shop)).toEqual(['tip']);
    expect(await endOf(shop, 'tip')).toEqual(['overpaid']);
  });

  it('goes by an approval that saw it, and not where the rest no longer covers the total', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 5_000), told(tip));
    await endOf(shop, 'tip');
    await approve({ flagId: shop.flagOn('tip').id, by: 'ann', reason: 'no tip' }, shop);
    await shop.deliver(voided(paid('one')));
    expect(await endOf(shop, 'tip')).toBe('dismissed');
    const other = world(['single-charge']);
    await other.deliver(told(paid('one'), 5_000), told(tip));
    await endOf(other, 'tip');
    await approve({ flagId: other.flagOn('tip').id, by: 'ann', reason: 'no tip' }, other);
    expect(await endOf(other, 'tip')).toEqual({ restsOn: ['approval'] });
    // What is left amounts to the total.
    await other.deliver(told(paid('one'), 5_000));
    expect(other.flagOn('tip').short).toBeUndefined();
  });

  it('is flagged by a charge that fits into what was paid beyond, or not at all', async () => {
    const shop = world(['single-charge', 'totals']);
    await shop.deliver(told(paid('one'), 5_000), told(paid('with tip', { amountMinor: 5_900 })));
    expect(flagged(shop)).toEqual(['with tip']);
    const deposit = world(['single-charge', 'totals']);
    await deposit.deliver(
      told(paid('deposit', { amountMinor: 3_000 }), 5_000),
      told(paid('rest', { amountMinor: 2_500 })),
    );
    expect(flagged(deposit)).toEqual([]);
  });

  it('goes on to wait beside a newer one that overpays the order too', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 5_000), told(tip));
    await endOf(shop, 'tip');
    await shop.deliver(told(paid('second tip', { amountMinor: 600 })));
    expect(flagged(shop)).toEqual(['tip', 'second tip']);
    expect(shop.flagOn('tip')).toMatchObject({ status: 'held' });
  });

  it('waits no more once the total rises to what was paid', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(told(paid('one'), 5_000), told(tip));
    await endOf(shop, 'tip');
    await shop.deliver(told(paid('one'), 5_700, START_MS + 1));
    expect(await endOf(shop, 'tip')).toBe('dismissed');
  });
});

describe('one payment that is told under two ids', () => {
  const twin = (chargeId: string) => paid(chargeId, { payment: 'pi_1' });

  it('counts once: nothing is surplus', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(twin('ch_1')), captured(twin('pi_1')));
    expect(flagged(shop)).toEqual([]);
  });

  it('leaves a true copy surplus, and the copy’s claim counts on the payment', async () => {
    const shop = world(['single-charge']);
    await shop.deliver(captured(twin('ch_1')), captured(twin('pi_1')), captured(paid('copy')));
    expect(flagged(shop)).toEqual(['copy']);
    await shop.deliver(voided(twin('pi_1')));
    expect(await endOf(shop, 'copy')).toBe('dismissed');
  });

  it('is paid once towards a total', async () => {
    const shop = world(['totals']);
    await shop.deliver(told(twin('ch_1'), 10_000), told(twin('pi_1')), told(paid('part')));
    expect(flagged(shop)).toEqual([]);
  });
});
