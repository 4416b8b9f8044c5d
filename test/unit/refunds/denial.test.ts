import { describe, expect, it } from 'vitest';
import { createMemoryBudgets } from '../../../adapters/memory/budgets.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { asFingerprint } from '../../../core/brands.ts';
import { raiseFlags } from '../../../core/cases/raise-flags.ts';
import { type ChargeWindow, type Claim, emptyWindow, entryOf } from '../../../core/detection/charge-window.ts';
import { decideClaim, keep, recordClaim } from '../../../core/detection/claims.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { dispute, observe, owe, refundByOthers, release } from '../../../core/detection/transitions.ts';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import { flagView } from '../../../core/queries/views.ts';
import { type ClaimContext, claim } from '../../../core/refunds/claim.ts';
import { denialFacts, explainDenial } from '../../../core/refunds/denial.ts';
import { type ReverseContext, reverse } from '../../../core/refunds/reverse.ts';
import { arrival, captured, charge, MINUTE, orderClosed, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { configuration, detector } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../../fixtures/contexts.ts';

const SAME_ORDER = detector('same-order');
const when = { timeMs: START_MS, nowMs: START_MS, arrivedMs: START_MS };
const one = charge({ chargeId: 'ch_1' });
const two = charge({ chargeId: 'ch_2' });
const three = charge({ chargeId: 'ch_3' });

type Change = (window: ChargeWindow) => ChargeWindow;

function windowOf(charges: readonly Charge[], ...changes: readonly Change[]): ChargeWindow {
  const observed = charges.reduce(
    (window, of) => observe(window, SAME_ORDER, { charge: of, ...when }).window,
    emptyWindow('same-order', asFingerprint('window-1')),
  );
  return changes.reduce((window, change) => change(window), observed);
}

function capturedIn(window: ChargeWindow, of: Charge) {
  const seen = entryOf(window, of)?.captured;
  if (seen === undefined) throw new Error(`${of.chargeId} is not captured`);
  return { captured: seen, nowMs: START_MS };
}

const gone =
  (of: Charge): Change =>
  (window) =>
    release(window, SAME_ORDER, { charge: of, ...when }).window;
const repaid = (of: Charge): Change => {
  return (window) => refundByOthers(window, SAME_ORDER, { charge: of, refundedTotalMinor: 12_900, ...when }).window;
};
const contested = (of: Charge): Change => {
  return (window) => dispute(window, SAME_ORDER, { charge: of, open: true, ...when }).window;
};
const lost = (of: Charge): Change => {
  return (window) => dispute(window, SAME_ORDER, { charge: of, open: false, wonBy: 'payer', ...when }).window;
};
const kept =
  (of: Charge): Change =>
  (window) =>
    keep(window, SAME_ORDER, capturedIn(window, of)).window;
const ours = (of: Charge, state: Claim['state'], attempt = 0): Change => {
  return (window) => recordClaim(window, SAME_ORDER, { ...capturedIn(window, of), ours: claimIn(state, attempt) });
};
const paid: Change = (window) => owe(window, SAME_ORDER, { outcome: 'paid', source: WALLET, ...when }).window;

const pair = [one, two];
const trio = [one, two, three];
const many = Array.from({ length: 7 }, (_, n) => charge({ chargeId: `ch_${n + 1}` }));
const loose = charge({ chargeId: 'ch_2', order: undefined });
const LAST = 'this charge is the one that pays the order';

describe('a denial', () => {
  it.each<[says: string, window: ChargeWindow, of: Charge, attempt: number]>([
    // what became of the original
    [`the original ch_1 was voided or failed: ${LAST}`, windowOf(pair, gone(one)), two, 0],
    [`the original ch_1 was refunded by others: ${LAST}`, windowOf(pair, repaid(one)), two, 0],
    [`the original ch_1 went back to the payer in a dispute: ${LAST}`, windowOf(pair, lost(one)), two, 0],
    [`the original ch_1 is disputed: ${LAST}`, windowOf(pair, contested(one)), two, 0],
    [`the original ch_1 was kept by a person: ${LAST}`, windowOf(pair, kept(one)), two, 0],
    [`the original ch_1 is being refunded: ${LAST}`, windowOf(pair, ours(one, 'claimed')), two, 0],
    [`the original ch_1 was refunded: ${LAST}`, windowOf(pair, ours(one, 'refunded')), two, 0],
    [
      `the original ch_1 was given back by others before our refund: ${LAST}`,
      windowOf(pair, ours(one, 'reversed-externally')),
      two,
      0,
    ],
    [
      'the original ch_1 was voided or failed: this charge is the one that is owed',
      windowOf([one, loose], gone(one)),
      loose,
      0,
    ],
    // more of the cluster is gone
    [
      `the original ch_1 was voided or failed, ch_2 is being refunded: ${LAST}`,
      windowOf(trio, ours(two, 'claimed'), gone(one)),
      three,
      0,
    ],
    [`ch_2 is disputed, ch_3 is disputed: ${LAST}`, windowOf(trio, contested(two), contested(three)), one, 0],
    [
      `the original ch_1 was voided or failed, ch_2 was voided or failed, ch_3 was voided or failed and 3 more: ${LAST}`,
      windowOf(many, ...many.slice(0, 6).map(gone)),
      many[6] ?? one,
      0,
    ],
    // nothing is gone
    ['only as many charges stand as are owed (1)', windowOf([one], paid), one, 0],
    [
      'only as many charges stand as are owed (1): ch_1',
      // A weaker window, in which the stronger detector's duplicate does not count.
      observe(windowOf([one]), SAME_ORDER, {
        charge: two,
        decided: { kind: 'duplicate', original: one, detector: 'stronger' },
        ...when,
      }).window,
      two,
      0,
    ],
    // the charge itself
    ['the charge itself was voided or failed', windowOf(pair, gone(two)), two, 0],
    ['the charge itself was refunded by others', windowOf(pair, repaid(two)), two, 0],
    ['the charge itself went back to the payer in a dispute', windowOf(pair, lost(two)), two, 0],
    ['the charge itself is disputed', windowOf(pair, contested(two)), two, 0],
    ['the charge itself was kept by a person', windowOf(pair, kept(two)), two, 0],
    ['no capture of this charge is on record', windowOf([one]), two, 0],
    ['no capture of this charge is on record', windowOf([one], gone(two)), two, 0],
    // attempts
    ['this attempt, or a later one, was concluded already', windowOf(pair, ours(two, 'claimed', 1)), two, 0],
    [
      'an earlier attempt was answered already: the charge is being refunded',
      windowOf(pair, ours(two, 'claimed'), contested(two)),
      two,
      1,
    ],
    ['an earlier attempt was answered already: the charge was refunded', windowOf(pair, ours(two, 'refunded')), two, 1],
    [`the original ch_1 was voided or failed: ${LAST}`, windowOf(pair, gone(one), ours(two, 'denied')), two, 0],
    ['this attempt was answered already', windowOf(pair, ours(two, 'denied')), two, 0],
  ])('says: %s', (says, window, of, attempt) => {
    const decision = decideClaim(window, of, attempt);
    if (decision.kind === 'granted') throw new Error('the claim is granted');
    expect(explainDenial(decision.reason, denialFacts(window, { charge: of }))).toBe(says);
  });

  it.each<[says: string, window: ChargeWindow]>([
    [
      `while the refund waited, the original ch_1 was voided or failed: ${LAST}`,
      windowOf(pair, ours(two, 'claimed'), gone(one)),
    ],
    [`the refund waited too long: ${LAST}`, windowOf([two], ours(two, 'claimed'))],
  ])('of a claim that was given back says: %s', (says, window) => {
    expect(explainDenial('given-back', denialFacts(window, { charge: two }))).toBe(says);
  });
});

type Context = ClaimContext & ReverseContext & Pick<DetectionContext, 'clock' | 'cases' | 'store'>;

function refundContext(): Context {
  const context = detectionContext(configuration());
  const gatewayOf = () => {
    throw new Error('no denied claim may reach a gateway');
  };
  return {
    ...context,
    windows: context.store,
    budgets: createMemoryBudgets(),
    freezes: createMemoryFreezeStore(),
    gatewayOf,
  };
}

async function deliver(context: Context, ...events: readonly PaymentEvent[]): Promise<void> {
  const isOurReference = () => false;
  for (const event of events) {
    const { windows } = await judgeBatch([arrival(event, context.clock.nowMs)], { ...context, isOurReference });
    await raiseFlags(windows, 'system:detect', context);
  }
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
