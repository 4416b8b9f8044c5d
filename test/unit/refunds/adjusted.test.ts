import { describe, expect, it } from 'vitest';
import { adjust } from '../../../core/detection/record-transitions.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import {
  adjusted,
  captured,
  charge,
  DAY,
  HOUR,
  MINUTE,
  refunded,
  refundedOnce,
  SECOND,
  START_MS,
  voided,
  WALLET,
} from '../../fixtures/charges.ts';
import { configuration, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

const ATTESTED = { ...UNATTESTED, attests: ['single-charge', 'closings'] };
const rulesWith = (shows: Readonly<Record<string, unknown>> = {}) =>
  configuration({ sources: { [WALLET]: ATTESTED }, ...shows });
const RULES = rulesWith();
const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const both = [captured(one), captured(two, { timeMs: START_MS + SECOND })];
const MORE = 15_000;
const at = (n: number) => ({ timeMs: START_MS + n * MINUTE });
const to = (of: typeof one, amountMinor: number, n: number) => adjusted({ ...of, amountMinor }, at(n));

async function endOf(events: readonly PaymentEvent[], rules = RULES) {
  const world = refundWorld(rules);
  await world.deliver(...events);
  const flag = await world.work('two');
  return flag.status === 'held' ? flag.wait.waitsFor : { [flag.status]: [...world.refunds.values()] };
}

it('an approval does not answer an amount that the flag has not followed yet, and the lookup is of that amount', async () => {
  const world = refundWorld(rulesWith({ refunds: { limitMinor: { CNY: 1 } } }));
  await world.deliver(...both);
  const { id: flagId } = await world.work('two');
  await approve({ flagId, by: 'ann', reason: 'a copy' }, world);
  const asked: number[] = [];
  const { lookup } = world.processor;
  world.processor.lookup = (of) => {
    asked.push(of.amountMinor);
    return lookup(of);
  };
  // The worker that read the adjustment died between the record and the flag.
  const [found] = await world.records.readRecords([flagId], world.nowMs());
  const record = found?.record;
  if (record === undefined) throw new Error('the record is there');
  const adjustment = { amountMinor: MORE, currency: 'CNY', atMs: START_MS + MINUTE };
  await world.records.replaceRecord(adjust(record, adjustment, world.nowMs()), record.version);
  expect(await assess({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'hold' });
  expect(asked).toContain(MORE);
  expect(await claim({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'hold' });
  expect(world.refunds.size).toBe(0);
});

describe('the refund of a charge that was adjusted', () => {
  it.each<[string, readonly PaymentEvent[], unknown]>([
    ['goes with the amount that both have now', [...both, to(one, MORE, 1), to(two, MORE, 1)], { refunded: [MORE] }],
    ['waits where only an older amount of the original agrees', [...both, to(one, MORE, 1)], ['amount-changed']],
    ['waits where only an older amount of its own agrees', [...both, to(two, MORE, 1)], ['amount-changed']],
    ['goes where both agree again', [...both, to(one, MORE, 1), to(one, one.amountMinor, 2)], { refunded: [12_900] }],
  ])('%s', async (_, events, end) => {
    expect(await endOf(events)).toEqual(end);
  });

  it('waits where a survivor that the claim counts on has another amount', async () => {
    const three = charge({ chargeId: 'three' });
    const events = [...both, captured(three, at(1)), voided(one, at(2)), to(three, MORE, 3)];
    const world = refundWorld(RULES);
    await world.deliver(...events);
    expect(await world.work('three')).toMatchObject({ wait: { waitsFor: ['amount-changed'] } });
  });

  it('finds a copy by each amount that the original has had', async () => {
    const later = (amountMinor: number) => captured({ ...two, amountMinor }, at(2));
    expect(await endOf([captured(one), to(one, MORE, 1), later(one.amountMinor)])).toEqual(['amount-changed']);
    expect(await endOf([captured(one), to(one, MORE, 1), later(MORE)])).toEqual({ refunded: [MORE] });
    expect(await endOf([to(one, MORE, 1), captured(one), later(MORE)])).toEqual({ refunded: [MORE] });
  });

  it('waits for a steady period of charges that agree by any amount', async () => {
    const later = (chargeId: string, hours: number) =>
      captured({ ...charge({ chargeId }), amountMinor: MORE }, { timeMs: START_MS + hours * HOUR });
    const events = [captured(one), to(one, MORE, 1), later('two', 5), later('three', 10)];
    expect(await endOf(events)).toEqual(['recurring']);
  });

  it('asks nothing where the detector compares no amounts', async () => {
    const rules = rulesWith({ detectors: [{ ...SAME_ORDER, same: ['currency'] }] });
    expect(await endOf([...both, to(one, MORE, 1)], rules)).toEqual({ refunded: [12_900] });
  });

  it('is never more than what is captured less what others have returned, in a total or one by one', async () => {
    const lower = [to(one, 10_000, 1), to(two, 10_000, 1)];
    const world = refundWorld(RULES);
    await world.deliver(...both, ...lower, refundedOnce(two, { refundId: 'r_1', refundMinor: 3_000, ...at(2) }));
    expect(await world.work('two')).toMatchObject({ wait: { waitsFor: ['partly-returned'] } });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'checked' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', refundMinor: 7_000 });
  });

  it('does not go when others have returned what is captured now', async () => {
    expect(await endOf([...both, to(two, 10_000, 1), refunded(two, 10_000, at(2))])).toEqual({ dismissed: [] });
  });

  it('is claimed anew when less is captured before the gateway is called', async () => {
    const world = refundWorld(RULES);
    await world.deliver(...both);
    const { id: flagId } = world.flagOn('two');
    expect(await claim({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'reverse' });
    await world.deliver(to(one, 10_000, 1), to(two, 10_000, 1));
    expect(await reverse({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1, charge: { amountMinor: 10_000 } });
    expect(await world.work('two')).toMatchObject({ status: 'refunded', refundMinor: 10_000 });
    expect(world.refunds.size).toBe(1);
  });
});

describe('the flag of a charge that was adjusted', () => {
  it('follows what is captured, and its case what is at stake', async () => {
    const world = refundWorld(RULES);
    await world.deliver(...both, to(two, MORE, 1));
    const flag = world.flagOn('two');
    expect(flag.charge.amountMinor).toBe(MORE);
    expect(await world.cases.readCase(flag.caseId)).toMatchObject({ atStakeMinor: MORE });
  });

  it('drops an approval of another amount', async () => {
    const world = refundWorld(configuration({ sources: { [WALLET]: UNATTESTED } }));
    await world.deliver(...both);
    const { id: flagId } = await world.work('two');
    await approve({ flagId, by: 'ann', reason: 'checked' }, world);
    await world.deliver(to(two, MORE, 1));
    expect(world.flagOn('two')).toMatchObject({ status: 'approved', approvals: [] });
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      wait: { waitsFor: ['may-split', 'amount-changed'] },
    });
    await approve({ flagId, by: 'ann', reason: 'checked again' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', refundMinor: MORE });
  });

  it('waits for its limit by what is captured now', async () => {
    const rules = rulesWith({ refunds: { limitMinor: { CNY: 13_000 } } });
    expect(await endOf(both, rules)).toEqual({ refunded: [12_900] });
    expect(await endOf([...both, to(one, MORE, 1), to(two, MORE, 1)], rules)).toEqual(['limit']);
  });
});

describe('an approval that saw a difference', () => {
  /** The copy waits for one reason, and an approver lets it go. */
  async function approved(...news: readonly PaymentEvent[]) {
    const world = refundWorld(RULES);
    await world.deliver(...both, ...news);
    const { id: flagId } = await world.work('two');
    const approveNow = () => approve({ flagId, by: 'ann', reason: 'checked' }, world);
    await approveNow();
    return { world, approveNow };
  }

  it.each<[string, PaymentEvent, PaymentEvent, string]>([
    ['a second adjustment of the original', to(one, MORE, 1), to(one, 20_000, 2), 'amount-changed'],
    ['a second adjustment of its own', to(two, MORE, 1), to(two, 20_000, 2), 'amount-changed'],
    ['a second return of its own', refunded(two, 100, at(1)), refunded(two, 300, at(2)), 'partly-returned'],
    [
      'another disagreement',
      refunded({ ...two, order: 'o_9' }, 0, at(1)),
      refunded({ ...two, merchant: 'm_9' }, 0, at(2)),
      'mismatch',
    ],
  ])('does not answer %s, and the next one does', async (_, first, second, reason) => {
    const { world, approveNow } = await approved(first);
    await world.deliver(second);
    expect(await world.work('two')).toMatchObject({ status: 'held', approvals: [], wait: { waitsFor: [reason] } });
    await approveNow();
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });

  it('answers it also after a freeze, and after the wait has expired', async () => {
    const { world, approveNow } = await approved(to(one, MORE, 1));
    await freeze({ merchant: undefined, by: 'ben', reason: 'a bad release' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['frozen'] } });
    await world.deliver(to(one, 20_000, 2));
    await thaw({ merchant: undefined, by: 'ben', reason: 'mended' }, world);
    await world.sweep();
    expect(await world.work('two')).toMatchObject({ approvals: [], wait: { waitsFor: ['amount-changed'] } });
    world.clock.nowMs += 8 * DAY;
    await world.sweep();
    expect(world.flagOn('two')).toMatchObject({ status: 'expired' });
    await approveNow();
    await world.deliver(to(one, 21_000, 3));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['amount-changed'] } });
  });
});

describe('the refund of a charge whose news disagree', () => {
  const retold = captured(two, at(3));
  it.each<[string, readonly PaymentEvent[]]>([
    ['a void of its original that was overridden', [voided(one, at(1)), captured(one, at(2))]],
    ['a void of its own that was overridden', [voided(two, at(1)), retold]],
    ['a refund that names another order', [refunded({ ...two, order: 'o_9' }, 0, at(1))]],
    ['a refund of its original that names another payer', [refunded({ ...one, payer: 'p_9' }, 0, at(1))]],
    ['a capture told again with another instrument', [captured({ ...one, instrument: 'tok_1' }), retold]],
  ])('waits for an approver: %s', async (name, events) => {
    const first = name.includes('instrument') ? [captured({ ...one, instrument: 'tok_0' })] : [];
    expect(await endOf([...first, ...both.slice(first.length), ...events])).toContain('mismatch');
  });

  it('counts on another charge where it can', async () => {
    const three = charge({ chargeId: 'three' });
    const wrong = refunded({ ...one, order: 'o_9' }, 0, at(2));
    const world = refundWorld(RULES);
    await world.deliver(...both, captured(three, at(1)), wrong);
    expect(await world.work('three')).toMatchObject({ status: 'refunded' });
    expect(await world.work('two')).toMatchObject({ wait: { waitsFor: ['mismatch'] } });
  });

  it('goes where an event tells its charge id alone', async () => {
    const { source, chargeId } = two;
    expect(await endOf([...both, refunded({ source, chargeId }, 0, at(1))])).toEqual({ refunded: [12_900] });
    expect(await endOf([...both, voided({ source, chargeId }, at(1))])).toEqual({ dismissed: [] });
  });
});

it('a claim that was granted before its charge came to wait goes on', async () => {
  const world = refundWorld(RULES);
  await world.deliver(...both);
  const { id: flagId } = world.flagOn('two');
  const { commit } = world.cases;
  world.cases.commit = async () => {
    throw new Error('crashed between record and flag');
  };
  await expect(claim({ flagId, attempt: 0 }, world)).rejects.toThrow('crashed');
  world.cases.commit = commit;
  await world.deliver(refunded({ ...two, order: 'o_9' }, 0, at(1)));
  expect(await world.work('two')).toMatchObject({ status: 'refunded', refundMinor: 12_900 });
});
