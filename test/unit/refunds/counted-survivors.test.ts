import { describe, expect, it } from 'vitest';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import type { Lookup, ProcessorRecord } from '../../../core/refunds/refund-gateway.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import {
  adjusted,
  captured,
  charge,
  MINUTE,
  orderClosed,
  refunded,
  START_MS,
  voided,
  WALLET,
} from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { foundAsTold, refundWorld } from '../../fixtures/refund-world.ts';

const ATTESTED = { ...UNATTESTED, attests: ['single-charge', 'closings'] };
const rulesWith = (shows: Readonly<Record<string, unknown>> = {}) =>
  configuration({ sources: { [WALLET]: ATTESTED }, ...shows });

const one = charge({ chargeId: 'one', amountMinor: 10_000 });
const two = { ...one, chargeId: 'two' };
/** Parts of the same order, which no other charge repeats. */
const rest = { ...one, chargeId: 'rest', part: 'rest', amountMinor: 6_000 };
const gift = { ...one, chargeId: 'gift', part: 'gift', amountMinor: 5_500 };
const at = (minutes: number) => ({ timeMs: START_MS + minutes * MINUTE });
const total = (amountMinor: number) => orderClosed('paid', { ...at(9), total: { amountMinor, currency: 'CNY' } });
const otherOrder = (of: typeof one) => refunded({ ...of, order: 'o_9' }, 0, at(5));

/** An order of 15,000 that takes `one` and `rest` to cover, and the copy `two`. */
const ORDER = [captured(one), captured(two, at(1)), captured(rest, at(2)), total(15_000)];

async function worldOf(events: readonly PaymentEvent[], rules = rulesWith()) {
  const world = refundWorld(rules);
  const asked: string[] = [];
  const know = (shows: (chargeId: string) => Partial<ProcessorRecord> | Lookup) => {
    world.processor.lookup = (of) => {
      asked.push(of.chargeId);
      return { ...foundAsTold(of), ...shows(of.chargeId) } as Lookup;
    };
  };
  know(() => ({}));
  await world.deliver(...events);
  return { world, asked, know };
}

async function endOf(chargeId: string, events: readonly PaymentEvent[], rules = rulesWith()) {
  const { world } = await worldOf(events, rules);
  const flag = await world.work(chargeId);
  return flag.status === 'held' ? flag.wait.waitsFor : flag.status;
}

describe('the events of each charge that the claim counts on are judged', () => {
  it('of a part that the total needs: its events disagree', async () => {
    expect(await endOf('two', [...ORDER, otherOrder(rest)])).toEqual(['mismatch']);
  });

  it('of a part that the total needs: others have returned some of it', async () => {
    expect(await endOf('two', [...ORDER, refunded(rest, 500, at(5))])).toEqual(['partly-returned']);
  });

  it('of a second copy that the total needs: its amount has changed', async () => {
    const three = { ...one, chargeId: 'three' };
    const events = [captured(one), captured(two, at(1)), captured(three, at(2)), total(20_000)];
    const rules = configuration({ sources: { [WALLET]: { ...UNATTESTED, attests: ['totals'] } } });
    expect(await endOf('three', events, rules)).toBe('refunded');
    const more = adjusted({ ...two, amountMinor: 10_500 }, at(5));
    expect(await endOf('three', [...events, more], rules)).toEqual(['may-split', 'amount-changed']);
  });

  it('and a part may have another amount', async () => {
    expect(await endOf('two', ORDER)).toBe('refunded');
  });

  it('and no charge that the total does not need', async () => {
    const small = { ...gift, amountMinor: 1_000 };
    expect(await endOf('two', [...ORDER, captured(small, at(3)), otherOrder(small)])).toBe('refunded');
  });

  it('and a part without doubt covers the total first', async () => {
    expect(await endOf('two', [...ORDER, captured(gift, at(3)), otherOrder(rest)])).toBe('refunded');
    const small = { ...gift, amountMinor: 1_000 };
    expect(await endOf('two', [...ORDER, captured(small, at(3)), otherOrder(rest)])).toEqual(['mismatch']);
  });

  it('and none in an order closed unpaid, which needs no charge', async () => {
    const closed = orderClosed('unpaid', at(9));
    expect(await endOf('two', [captured(one), captured(two, at(1)), refunded(one, 900, at(5)), closed])).toBe(
      'refunded',
    );
  });

  it('of the charge that its order keeps, where another detector decides', async () => {
    const beside = { ...one, chargeId: 'beside', order: 'o_2', amountMinor: 5 };
    const rules = rulesWith({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] });
    const events = [captured(one), captured(beside), captured({ ...two, order: 'o_2' }, at(1))];
    expect(await endOf('two', events, rules)).toBe('refunded');
    expect(await endOf('two', [...events, otherOrder(beside)], rules)).toEqual(['mismatch']);
    const other = { ...beside, chargeId: 'other', amountMinor: 7 };
    expect(await endOf('two', [...events, otherOrder(beside), captured(other, at(6))], rules)).toBe('refunded');
  });
});

describe('the processor is asked for its record of each charge that the claim counts on', () => {
  it('at the assessment and between claim and call, and for no other', async () => {
    const { world, asked } = await worldOf([...ORDER, captured({ ...gift, amountMinor: 1_000 }, at(3))]);
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    expect(await assess(attempt, world)).toMatchObject({ next: 'claim' });
    expect(asked.splice(0)).toEqual(['two', 'one', 'rest']);
    await claim(attempt, world);
    await reverse(attempt, world);
    expect(asked).toEqual(['two', 'one', 'rest']);
  });

  it('and a part that the processor has returned keeps the refund', async () => {
    const { world, know } = await worldOf(ORDER);
    know((chargeId) => (chargeId === 'rest' ? { refundableMinor: 0 } : {}));
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      wait: { facts: { unconfirmed: { fact: 'too-little-left', chargeId: 'rest' } } },
    });
  });

  it('and two of them that are one movement keep the refund', async () => {
    const { world, know } = await worldOf(ORDER);
    know((chargeId) => (chargeId === 'two' ? {} : { movement: 'shared' }));
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      wait: { facts: { unconfirmed: { fact: 'counted-twice', chargeId: 'rest' } } },
    });
  });

  it('and of one payment under two ids once', async () => {
    const payment = { payment: 'pi_1' };
    const { world, asked } = await worldOf([
      captured({ ...one, ...payment }),
      captured({ ...one, ...payment, chargeId: 'twin' }),
      captured(two, at(1)),
    ]);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    expect([...new Set(asked)]).toEqual(['two', 'one']);
  });
});

describe('where another detector decides', () => {
  const rules = rulesWith({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] });
  const beside = { ...one, chargeId: 'beside', order: 'o_2', amountMinor: 5 };
  const events = [captured(one), captured(beside), captured({ ...two, order: 'o_2' }, at(1))];

  it('the charge that the order keeps is looked up too', async () => {
    const { world, know } = await worldOf(events, rules);
    know((chargeId) => (chargeId === 'beside' ? { refundableMinor: 0 } : {}));
    expect(await world.work('two')).toMatchObject({
      wait: { facts: { unconfirmed: { fact: 'too-little-left', chargeId: 'beside' } } },
    });
  });

  it('the claim is returned when the order comes to keep nothing before the call', async () => {
    const { world } = await worldOf(events, rules);
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    await claim(attempt, world);
    await world.deliver(voided(beside, at(3)));
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.refunds.size).toBe(0);
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order'] } });
  });

  it('another id of the same payment is no charge that the order keeps', async () => {
    const payment = { payment: 'pi_2', order: 'o_2' };
    const before = captured({ ...two, ...payment, chargeId: 'two before', amountMinor: 7 });
    expect(await endOf('two', [captured(one), before, captured({ ...two, ...payment }, at(1))], rules)).toContain(
      'empties-order',
    );
  });
});

describe('many lookups', () => {
  const part = (index: number) => ({ ...one, chargeId: `part ${index}`, part: `${index}`, amountMinor: 100 });
  const many = Array.from({ length: 60 }, (_, index) => captured(part(index), at(0)));
  const events = [...many, captured({ ...part(0), chargeId: 'copy' }, at(1)), total(6_000)];

  it('run a few at once', async () => {
    const { world } = await worldOf(events);
    let [running, most] = [0, 0];
    const { lookup } = world.processor;
    const counting: typeof world.gatewayOf = () => ({
      ...world.gatewayOf(WALLET),
      lookup: async (of) => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        return lookup(of);
      },
    });
    const attempt = { flagId: world.flagOn('copy').id, attempt: 0 };
    expect(await assess(attempt, { ...world, gatewayOf: counting })).toMatchObject({ next: 'claim' });
    expect(most).toBe(8);
  });

  it('end with the first silence: a processor that is down is not asked sixty times', async () => {
    const { world, asked, know } = await worldOf(events);
    know(() => ({ kind: 'unknown', reason: 'http 503' }));
    await assess({ flagId: world.flagOn('copy').id, attempt: 0 }, world).catch(() => undefined);
    expect(asked).toHaveLength(8);
  });

  it('end before the task does, where each takes long', async () => {
    const { world, asked, know } = await worldOf(events);
    know(() => {
      world.clock.nowMs += 2_000;
      return {};
    });
    await assess({ flagId: world.flagOn('copy').id, attempt: 0 }, world).catch(() => undefined);
    expect(asked).toHaveLength(8);
  });
});
