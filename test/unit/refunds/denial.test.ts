import { describe, expect, it } from 'vitest';
import { createMemoryApprovalMacs } from '../../../adapters/memory/approval-macs.ts';
import { createMemoryBudgets } from '../../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../../adapters/memory/lag-store.ts';
import { createMemoryOutflows } from '../../../adapters/memory/outflows.ts';
import type { Claim } from '../../../core/detection/charge-record.ts';
import type { ChargeView } from '../../../core/detection/charge-view.ts';
import { decideClaim } from '../../../core/detection/claims.ts';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import { flagView } from '../../../core/queries/views.ts';
import { type ClaimContext, claim } from '../../../core/refunds/claim.ts';
import { denialFacts, explainDenial } from '../../../core/refunds/denial.ts';
import { type ReverseContext, reverse } from '../../../core/refunds/reverse.ts';
import { arrival, captured, charge, MINUTE, orderClosed, voided } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import {
  claimed,
  closedAs,
  disputedAs,
  idOf,
  keptAfter,
  refundedByOthers,
  see,
  viewOf,
  voidedAt,
} from '../../fixtures/views.ts';

const one = charge({ chargeId: 'ch_1' });
const two = charge({ chargeId: 'ch_2' });
const three = charge({ chargeId: 'ch_3' });

const gone = (of: Charge) => voidedAt(of);
const repaid = (of: Charge) => refundedByOthers(of, 12_900);
const contested = (of: Charge) => disputedAs(of, 'open');
const lost = (of: Charge) => disputedAs(of, 'payer');
const kept = (of: Charge) => keptAfter(of);
const ours = (of: Charge, state: Claim['state'], attempt = 0) => claimed(of, claimIn(state, attempt));

const pair = [one, two];
const trio = [one, two, three];
const many = Array.from({ length: 7 }, (_, n) => charge({ chargeId: `ch_${n + 1}` }));
const loose = charge({ chargeId: 'ch_2', order: undefined });
const LAST = 'this charge is the one that pays the order';

describe('a denial', () => {
  it.each<[says: string, view: ChargeView, of: Charge, attempt: number]>([
    // what became of the original
    [`the original ch_1 was voided or failed: ${LAST}`, viewOf(pair, gone(one)), two, 0],
    [`the original ch_1 was refunded by others: ${LAST}`, viewOf(pair, repaid(one)), two, 0],
    [`the original ch_1 went back to the payer in a dispute: ${LAST}`, viewOf(pair, lost(one)), two, 0],
    [`the original ch_1 is disputed: ${LAST}`, viewOf(pair, contested(one)), two, 0],
    [`the original ch_1 was kept by a person: ${LAST}`, viewOf(pair, kept(one)), two, 0],
    [`the original ch_1 is being refunded: ${LAST}`, viewOf(pair, ours(one, 'claimed')), two, 0],
    [`the original ch_1 was refunded: ${LAST}`, viewOf(pair, ours(one, 'refunded')), two, 0],
    [
      `the original ch_1 was returned by others before our refund: ${LAST}`,
      viewOf(pair, ours(one, 'reversed-externally')),
      two,
      0,
    ],
    [
      'the original ch_1 was voided or failed: this charge is the one that is owed',
      viewOf([one, loose], gone(one)),
      loose,
      0,
    ],
    // more of the cluster is gone
    [
      `the original ch_1 was voided or failed, ch_2 is being refunded: ${LAST}`,
      viewOf(trio, ours(two, 'claimed'), gone(one)),
      three,
      0,
    ],
    [`ch_2 is disputed, ch_3 is disputed: ${LAST}`, viewOf(trio, contested(two), contested(three)), one, 0],
    [
      `the original ch_1 was voided or failed, ch_2 was voided or failed, ch_3 was voided or failed and 3 more: ${LAST}`,
      viewOf(many, ...many.slice(0, 6).map(gone)),
      many[6] ?? one,
      0,
    ],
    // nothing is gone
    ['only as many charges stand as are owed (1)', viewOf([one], closedAs('paid')), one, 0],
    [
      'only as many charges stand as are owed (1): ch_1',
      // A weaker window, in which the stronger detector's duplicate does not count.
      see(viewOf([one]), two, { decided: { kind: 'duplicate', root: idOf(one), detector: 'stronger' } }).view,
      two,
      0,
    ],
    // the charge itself
    ['the charge itself was voided or failed', viewOf(pair, gone(two)), two, 0],
    ['the charge itself was refunded by others', viewOf(pair, repaid(two)), two, 0],
    ['the charge itself went back to the payer in a dispute', viewOf(pair, lost(two)), two, 0],
    ['the charge itself is disputed', viewOf(pair, contested(two)), two, 0],
    ['the charge itself was kept by a person', viewOf(pair, kept(two)), two, 0],
    ['no capture of this charge is on record', viewOf([one]), two, 0],
    ['no capture of this charge is on record', viewOf([one], gone(two)), two, 0],
    // attempts
    ['this attempt, or a later one, was concluded already', viewOf(pair, ours(two, 'claimed', 1)), two, 0],
    [
      'an earlier attempt was answered already: the charge is being refunded',
      viewOf(pair, ours(two, 'claimed'), contested(two)),
      two,
      1,
    ],
    ['an earlier attempt was answered already: the charge was refunded', viewOf(pair, ours(two, 'refunded')), two, 1],
    [`the original ch_1 was voided or failed: ${LAST}`, viewOf(pair, gone(one), ours(two, 'denied')), two, 0],
    ['this attempt was answered already', viewOf(pair, ours(two, 'denied')), two, 0],
  ])('says: %s', (says, view, of, attempt) => {
    const decision = decideClaim(view, idOf(of), attempt);
    if (decision.kind !== 'denied') throw new Error(`the claim is ${decision.kind}`);
    expect(explainDenial(decision.reason, denialFacts(view, { id: idOf(of), charge: of }))).toBe(says);
  });

  it.each<[says: string, view: ChargeView]>([
    [
      `while the refund waited, the original ch_1 was voided or failed: ${LAST}`,
      viewOf(pair, ours(two, 'claimed'), gone(one)),
    ],
    [`the refund waited too long: ${LAST}`, viewOf([two], ours(two, 'claimed'))],
  ])('of a claim that was given back says: %s', (says, view) => {
    expect(explainDenial('given-back', denialFacts(view, { id: idOf(two), charge: two }))).toBe(says);
  });
});

type Context = ClaimContext & ReverseContext & DetectionContext;

function refundContext(): Context {
  const context = detectionContext(configuration());
  const gatewayOf = () => {
    throw new Error('no denied claim may reach a gateway');
  };
  return {
    ...context,
    attestedSince: async () => new Map(),
    approvalMacs: createMemoryApprovalMacs(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    outflows: createMemoryOutflows(),
    noteBeyondCap: () => {},
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
    gatewayOf,
  };
}

async function deliver(context: Context, ...events: readonly PaymentEvent[]): Promise<void> {
  for (const event of events) await judgeAndRaise([arrival(event, context.clock.nowMs)], context);
}

function onlyFlag({ cases }: Context) {
  const [flag] = cases.allFlags();
  if (flag === undefined) throw new Error('no flag was raised');
  return flag;
}

async function lastReason(context: Context): Promise<string | undefined> {
  return (await context.cases.auditOf(onlyFlag(context).caseId)).at(-1)?.reason;
}

describe('a dismissed flag', () => {
  const says = `the original ch_1 was voided or failed: ${LAST}`;

  it('carries code and sentence, as do its audit and its view', async () => {
    const context = refundContext();
    await deliver(context, captured(one), captured(two), voided(one));
    await claim({ flagId: onlyFlag(context).id, attempt: 0 }, context);
    expect(onlyFlag(context)).toMatchObject({ status: 'dismissed', denial: 'no-surplus', denialText: says });
    expect(flagView(onlyFlag(context))).toMatchObject({ denial: 'no-surplus', denialText: says });
    expect(await lastReason(context)).toBe(`no refund: ${says}`);
  });

  it('loses both when it opens anew', async () => {
    const context = refundContext();
    await deliver(context, captured(one), captured(two), voided(one));
    await claim({ flagId: onlyFlag(context).id, attempt: 0 }, context);
    await deliver(context, orderClosed('unpaid'));
    const again = onlyFlag(context);
    expect(again).toMatchObject({ status: 'open', attempt: 1 });
    expect(Object.keys(again)).not.toEqual(expect.arrayContaining(['denial']));
    expect(Object.keys(again)).not.toEqual(expect.arrayContaining(['denialText']));
  });

  it('says what happened while its claim slept', async () => {
    const context = refundContext();
    await deliver(context, captured(one), captured(two));
    const same = { flagId: onlyFlag(context).id, attempt: 0 };
    await claim(same, context);
    await deliver(context, voided(one));
    context.clock.nowMs += 6 * MINUTE;
    expect(await reverse(same, context)).toMatchObject({ next: 'end' });
    expect(onlyFlag(context)).toMatchObject({ status: 'dismissed', denial: 'given-back' });
    expect(await lastReason(context)).toBe(`no refund: while the refund waited, ${says}`);
  });
});
