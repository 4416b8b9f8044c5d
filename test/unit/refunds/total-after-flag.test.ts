import { describe, expect, it } from 'vitest';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { approve, keep } from '../../../core/refunds/decide-hold.ts';
import { BANK, captured, charge, DAY, MINUTE, orderClosed, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const rulesWith = (shows: Readonly<Record<string, unknown>> = {}) =>
  configuration({
    sources: {
      [WALLET]: { ...UNATTESTED, attests: ['totals'], namespace: 'one' },
      [BANK]: { ...UNATTESTED, namespace: 'one' },
    },
    ...shows,
  });
const two = { twoPeopleAboveMinor: { CNY: 1 } };

const one = charge({ chargeId: 'one', amountMinor: 5_000 });
const copy = { ...one, chargeId: 'copy' };
const tip = { ...one, chargeId: 'tip', part: 'tip', amountMinor: 700 };
const at = (minutes: number) => ({ timeMs: START_MS + minutes * MINUTE });
const total = (amountMinor: number, minutes = 5, source = WALLET) =>
  orderClosed('paid', { source, ...at(minutes), total: { amountMinor, currency: 'CNY' } });

/** A copy that waits, because no source attests that an order is charged once. */
async function waiting(rules = rulesWith(), ...more: readonly PaymentEvent[]) {
  const world = refundWorld(rules);
  await world.deliver(captured(one), captured(copy, at(1)), ...more);
  await world.work('copy');
  expect(world.flagOn('copy')).toMatchObject({ status: 'held' });
  const acts = async () => (await world.cases.auditOf(world.flagOn('copy').caseId)).length;
  return { world, acts };
}

describe('a total that arrives after the flag', () => {
  it('lets a copy go that waits for an approver, where it proves the surplus', async () => {
    const { world } = await waiting();
    await world.deliver(total(5_000));
    expect(world.flagOn('copy')).toMatchObject({ status: 'approved', approvals: [] });
    expect(await world.work('copy')).toMatchObject({ status: 'refunded', restsOn: ['totals'] });
  });

  it('lets it go also when another fact completes the proof', async () => {
    const { world } = await waiting(rulesWith(), captured(tip, at(2)), total(5_000));
    expect(world.flagOn('copy')).toMatchObject({ status: 'held', wait: { waitsFor: ['may-split'] } });
    await world.deliver(voided(tip, at(6)));
    expect(await world.work('copy')).toMatchObject({ status: 'refunded', restsOn: ['totals'] });
  });

  it.each<[string, PaymentEvent]>([
    ['its source does not attest totals', total(5_000, 5, BANK)],
    ['the order needs both charges', total(10_000)],
    ['the excess is more than the copy', total(4_000)],
  ])('changes nothing where %s', async (_, event) => {
    const { world, acts } = await waiting();
    const before = await acts();
    await world.deliver(event);
    expect(world.flagOn('copy')).toMatchObject({ status: 'held' });
    expect(await acts()).toBe(before);
  });

  it('changes nothing where the refund waits for another reason too', async () => {
    const { world, acts } = await waiting(rulesWith({ refunds: { limitMinor: { CNY: 1 } } }));
    const before = await acts();
    await world.deliver(total(5_000));
    expect(await acts()).toBe(before);
  });

  it('lets it be judged again, and it waits for what is new', async () => {
    const { world } = await waiting();
    Object.assign(world, { configuration: rulesWith({ refunds: { limitMinor: { CNY: 1 } } }) });
    await world.deliver(total(5_000));
    expect(await world.work('copy')).toMatchObject({ status: 'held', wait: { waitsFor: ['limit'] } });
  });

  it.each(['approve', 'keep'] as const)('leaves a vote to %s as it is', async (vote) => {
    const { world } = await waiting(rulesWith({ refunds: two }));
    const decide = { approve, keep }[vote];
    await decide({ flagId: world.flagOn('copy').id, by: 'ann', reason: 'looked' }, world);
    await world.deliver(total(5_000));
    const votes = vote === 'approve' ? 'approvals' : 'keeps';
    expect(world.flagOn('copy')).toMatchObject({ status: 'held', [votes]: [{ by: 'ann' }] });
  });

  it('leaves an expired flag to an approver', async () => {
    const { world } = await waiting();
    world.clock.nowMs += 8 * DAY;
    await world.sweep();
    expect(world.flagOn('copy')).toMatchObject({ status: 'expired' });
    await world.deliver(total(5_000));
    expect(world.flagOn('copy')).toMatchObject({ status: 'expired' });
  });

  it('is judged once where the attestation is suspended', async () => {
    const { world, acts } = await waiting();
    const suspension = { source: WALLET, merchant: one.merchant, attestation: 'totals', order: 'o_9' } as const;
    await world.suspensions.suspend({ ...suspension, atMs: START_MS }, world.nowMs());
    await world.deliver(total(5_000));
    expect(await world.work('copy')).toMatchObject({ status: 'held', wait: { waitsFor: ['may-split'] } });
    const before = await acts();
    await world.deliver(total(5_000), captured(one));
    expect(world.flagOn('copy')).toMatchObject({ status: 'held' });
    expect(await acts()).toBe(before);
  });
});
