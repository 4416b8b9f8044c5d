import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asCaseId } from '../../../core/brands.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { otherCases, type PayerCases, withRefund } from '../../../core/refunds/payer-cases.ts';
import { captured, charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { configuration, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const ANN = { by: 'ann', reason: 'the payer reported it' };

/** Delivers an order with one copy, and works on the copy. */
async function copyOf(world: RefundWorld, order: string, shows: Partial<Charge> = {}) {
  const of = (chargeId: string) => charge({ chargeId: `${order} ${chargeId}`, order, payer: 'p_7', ...shows });
  const timeMs = world.nowMs();
  await world.deliver(captured(of('one'), { timeMs }), captured(of('two'), { timeMs }));
  return world.work(`${order} two`);
}

async function threeRefunds(shows: Readonly<Record<string, unknown>> = {}): Promise<RefundWorld> {
  const world = refundWorld(configuration({ detectors: [SAME_ORDER], ...shows }));
  for (const order of ['o_1', 'o_2', 'o_3']) await copyOf(world, order);
  expect(world.refunds.size).toBe(3);
  return world;
}

it('asks an approver about the fourth order of a payer in 24 hours, with the facts', async () => {
  const world = await threeRefunds();
  expect(await copyOf(world, 'o_4')).toMatchObject({
    status: 'held',
    wait: { waitsFor: ['payer-often'], facts: { 'payer-often': { otherCases: 3, casesMax: 3 } } },
  });
  expect(await copyOf(world, 'o_5', { payer: 'p_8' })).toMatchObject({ status: 'refunded' });
  expect(world.refunds.size).toBe(4);
});

it('counts a case once, however many copies it has', async () => {
  const world = await threeRefunds();
  await world.deliver(captured(charge({ chargeId: 'o_3 three', order: 'o_3', payer: 'p_7' })));
  expect(await world.work('o_3 three')).toMatchObject({ status: 'refunded' });
});

it('counts the refunds of the last 24 hours alone', async () => {
  const world = await threeRefunds();
  const nowMs = world.nowMs();
  expect(await copyOf(Object.assign(world, { nowMs: () => nowMs + DAY }), 'o_4')).toMatchObject({ status: 'refunded' });
});

it('lets an approval go that saw the reason, and counts its refund', async () => {
  const world = await threeRefunds();
  const { id: flagId } = await copyOf(world, 'o_4');
  await approve({ flagId, ...ANN }, world);
  expect(await world.work('o_4 two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  expect(await copyOf(world, 'o_5')).toMatchObject({ wait: { facts: { 'payer-often': { otherCases: 4 } } } });
});

it('holds an approved refund again whose approver did not see the reason', async () => {
  const world = refundWorld(
    configuration({ detectors: [SAME_ORDER], refunds: { payerCasesPerDay: 1, limitMinor: { CNY: 1 } } }),
  );
  const { id: flagId } = await copyOf(world, 'o_1');
  await approve({ flagId, ...ANN }, world);
  const { id: other } = await copyOf(world, 'o_2');
  await approve({ flagId: other, ...ANN }, world);
  expect(await world.work('o_1 two')).toMatchObject({ status: 'refunded' });
  expect(await world.work('o_2 two')).toMatchObject({
    status: 'held',
    approvals: [],
    wait: { waitsFor: ['payer-often', 'limit'] },
  });
});

it('names every reason where the claim finds the payer first', async () => {
  const world = await threeRefunds();
  await world.deliver(...['one', 'two'].map((chargeId) => captured(charge({ chargeId, order: 'o_4', payer: 'p_7' }))));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  expect(await claim(attempt, world)).toEqual({ ...attempt, next: 'hold', waitsFor: ['payer-often'], otherCases: 3 });
  expect(world.flagOn('two')).toMatchObject({ status: 'open' });
});

it('takes the note back where the processor refuses', async () => {
  const world = refundWorld(configuration({ detectors: [SAME_ORDER], refunds: { payerCasesPerDay: 1 } }));
  world.processor.refuses = true;
  expect(await copyOf(world, 'o_1')).toMatchObject({ status: 'failed' });
  world.processor.refuses = false;
  expect(await copyOf(world, 'o_2')).toMatchObject({ status: 'refunded' });
});

it('counts no charge without a payer', async () => {
  const copies = ['other-payer'];
  const sources = { '/processors/wallet': { ...UNATTESTED, attests: ['single-charge'], copies } };
  const world = refundWorld(configuration({ detectors: [SAME_ORDER], sources, refunds: { payerCasesPerDay: 1 } }));
  for (const order of ['o_1', 'o_2', 'o_3']) {
    expect(await copyOf(world, order, { payer: undefined })).toMatchObject({ wait: { waitsFor: ['payer-unknown'] } });
    await approve({ flagId: world.flagOn(`${order} two`).id, ...ANN }, world);
    expect(await world.work(`${order} two`)).toMatchObject({ status: 'refunded' });
  }
});

it('takes up a claim that was granted before, whatever the payer has since', async () => {
  const world = await threeRefunds();
  await world.deliver(...['one', 'two'].map((chargeId) => captured(charge({ chargeId, order: 'o_4', payer: 'p_8' }))));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  const dying = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  await expect(claim(attempt, { ...world, cases: dying })).rejects.toThrow('died');
  for (const order of ['o_5', 'o_6', 'o_7']) await copyOf(world, order, { payer: 'p_8' });
  expect(await assess(attempt, world)).toMatchObject({ next: 'claim' });
  expect(await world.work('two')).toMatchObject({ status: 'refunded' });
});

it('counts, for any sequence of refunds, the other cases of the last 24 hours', () => {
  const refunds = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 10 })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(refunds, (steps) => {
      let nowMs = START_MS;
      let cases: PayerCases = [];
      const told: { caseId: string; atMs: number }[] = [];
      for (const [caseId, hours] of steps) {
        nowMs += hours * HOUR;
        cases = withRefund(cases, asCaseId(caseId), nowMs);
        told.push({ caseId, atMs: nowMs });
        const recent = told.filter(({ atMs, caseId: other }) => nowMs - atMs < DAY && other !== 'a');
        expect(otherCases(cases, asCaseId('a'), nowMs)).toBe(new Set(recent.map(({ caseId: each }) => each)).size);
      }
    }),
  );
});
