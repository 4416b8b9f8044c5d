import { describe, expect, it } from 'vitest';
import { reasonsOf } from '../../../core/cases/sentences.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { adjusted, captured, charge, MINUTE, refunded, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const sources = { [WALLET]: { ...UNATTESTED, attests: ['single-charge'] } };
const one = charge({ chargeId: 'one', payment: 'pi_1' });
const two = charge({ chargeId: 'two', payment: 'pi_2' });
const at = (minutes: number) => ({ timeMs: START_MS + minutes * MINUTE });
const both = [captured(one), captured(two, at(1))];
/** The same payment under another id. */
const twinOf = (of: typeof one, amountMinor: number) => ({ ...of, chargeId: `${of.chargeId} again`, amountMinor });

async function flagAfter(events: readonly PaymentEvent[], rules = configuration({ sources })) {
  const world = refundWorld(rules);
  await world.deliver(...events);
  return world.work('two');
}

const WAITS = { status: 'held', wait: { waitsFor: ['mismatch'] } };

describe('one payment under two ids with different amounts', () => {
  it.each([
    ['the payment of the copy', two],
    ['the payment that must remain', one],
  ])('keeps the refund waiting: %s', async (_, of) => {
    expect(await flagAfter([...both, captured(twinOf(of, 9_000), at(2))])).toMatchObject(WAITS);
    const otherCurrency = { ...twinOf(of, of.amountMinor), currency: 'JPY' };
    expect(await flagAfter([...both, captured(otherCurrency, at(2))])).toMatchObject(WAITS);
  });

  it('is said in both languages', async () => {
    const flag = await flagAfter([...both, captured(twinOf(two, 9_000), at(2))]);
    expect(reasonsOf(flag, 'shown').map(({ sentence }) => sentence)).toEqual([
      {
        en: 'The payment of two also has another id, whose amount or events differ.',
        zh: '扣款 two 的同一笔支付另有编号，其金额或事件内容不一致。',
      },
    ]);
  });

  it('keeps nothing waiting where the amounts captured now are equal', async () => {
    const twin = twinOf(two, 9_000);
    const followed = adjusted({ ...twin, amountMinor: two.amountMinor }, at(3));
    expect(await flagAfter([...both, captured(twin, at(2)), followed])).toMatchObject({ status: 'refunded' });
    expect(await flagAfter([...both, captured(twinOf(one, one.amountMinor), at(2))])).toMatchObject({
      status: 'refunded',
    });
  });

  it('keeps the refund waiting where only the window of its order knows the other id', async () => {
    const rules = configuration({ sources, detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] });
    const inOrder = { ...two, order: 'o_2' };
    const beside = { ...two, payment: 'pi_3', chargeId: 'beside', order: 'o_2', amountMinor: 5 };
    const events = [captured(one), captured(inOrder, at(1)), captured(beside, at(1))];
    expect(await flagAfter(events, rules)).toMatchObject({ status: 'refunded' });
    expect(await flagAfter([...events, captured(twinOf(inOrder, 7), at(2))], rules)).toMatchObject(WAITS);
    const guest = { ...twinOf(inOrder, inOrder.amountMinor), payer: undefined };
    expect(await flagAfter([...events, captured(guest, at(2))], rules)).toMatchObject(WAITS);
  });
});

it('a refund of which nothing is left asks the freeze too, before its claim', async () => {
  const world = refundWorld(configuration({ sources }));
  const twin = twinOf(two, two.amountMinor * 2);
  await world.deliver(...both, captured(twin, at(2)), refunded(twin, two.amountMinor, at(3)));
  await world.work('two');
  const approval = { flagId: world.flagOn('two').id, by: 'ann', reason: 'a copy' };
  await approve(approval, world);
  await freeze({ by: 'ann', reason: 'a bad release' }, world);
  const { id: flagId, attempt } = world.flagOn('two');
  expect(await claim({ flagId, attempt }, world)).toMatchObject({ next: 'hold', waitsFor: ['frozen'] });
});
