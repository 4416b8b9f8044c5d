import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import { FLAG_STATUSES } from '../../../core/cases/flag.ts';
import type { ChargeRecord } from '../../../core/detection/charge-record.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { type FoundFlag, payerStatus } from '../../../core/queries/payer-status.ts';
import { charge, DAY, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { flag, type Shows, wait } from '../../fixtures/flags.ts';
import { type Change, claimed, disputedAs, viewed, viewOf, voidedAt } from '../../fixtures/views.ts';

const CONTEXT = { nowMs: START_MS + MINUTE, arrivesWithinMs: 14 * DAY, graceMsOf: () => 2 * MINUTE };
const who = (payer: string) => (of: Charge) => of.payer === payer;
const ORIGINAL = charge({ chargeId: 'ch_original' });
const UNLISTED = { what: 'not-listed', detail: 'the list has no such refund', foundAtMs: START_MS } as const;
const CLAIMED = { claimedAtMs: START_MS, refundMinor: 12_900 };
const REFUND = { ...CLAIMED, refundedAtMs: START_MS, processorReference: 're_1' };

function found(shows: Shows = {}, facts: Pick<FoundFlag, 'record' | 'originalRecord'> = NOTHING): FoundFlag {
  return { flag: flag(shows), ...facts };
}

const NOTHING = { record: undefined, originalRecord: undefined };

function recordOf(of: Charge, ...changes: readonly Change[]): ChargeRecord {
  return viewed(viewOf([of], ...changes), of).record;
}

function stateOf(one: FoundFlag, chargeId = 'ch_duplicate') {
  return payerStatus(who('p_1'), [one], CONTEXT).charges.find((notified) => notified.chargeId === chargeId);
}

describe('what a payer is told of a flagged charge', () => {
  const reference = referenceOf(flag());
  const known = { reference, processorReference: 're_1' };
  it.each([
    ['open', {}, { state: 'refund-on-its-way', expectedBy: at(14 * DAY + 2 * MINUTE) }],
    ['open', { action: 'review' }, { state: 'being-checked' }],
    ['approved', {}, { state: 'refund-on-its-way', expectedBy: at(14 * DAY) }],
    ['held', { wait: wait({ waitsFor: ['review'] }) }, { state: 'being-checked' }],
    ['held', { wait: wait({ waitsFor: ['frozen'] }) }, { state: 'being-checked' }],
    ['held', { wait: wait({ waitsFor: ['budget', 'limit'] }) }, { state: 'being-checked' }],
    ['held', { wait: wait({ waitsFor: ['budget'] }) }, { state: 'refund-on-its-way' }],
    ['refunding', CLAIMED, { state: 'refund-on-its-way', reference, expectedBy: at(14 * DAY) }],
    ['refunding', { ...CLAIMED, unanswered: true }, { state: 'being-checked', reference }],
    ['refunding', { ...CLAIMED, contested: true }, { state: 'being-checked', reference }],
    [
      'refunded',
      { ...CLAIMED, refundMinor: 900, processorReference: 're_1' },
      { state: 'refunded', refundedMinor: 900, reference, processorReference: 're_1', expectedBy: at(14 * DAY) },
    ],
    ['refunded-in-error', REFUND, { state: 'refunded', refundedMinor: 12_900, ...known, expectedBy: at(14 * DAY) }],
    ['expired', { wait: wait({ waitsFor: ['review'], asked: { sinceMs: START_MS } }) }, { state: 'being-checked' }],
    ['refunded', { ...CLAIMED, discrepancy: UNLISTED }, { state: 'being-checked', reference }],
    [
      'refunded',
      { ...REFUND, discrepancy: { ...UNLISTED, resolved: true } },
      { state: 'refunded', refundedMinor: 12_900, ...known, expectedBy: at(14 * DAY) },
    ],
    ['dismissed', { discrepancy: UNLISTED }, { state: 'being-checked' }],
    ['reversed-externally', CLAIMED, { state: 'refunded', refundedMinor: 12_900 }],
    ['failed', { failure: 'closed account' }, { state: 'being-checked' }],
    ['dismissed', { denial: 'released' }, { state: 'refunded', refundedMinor: 12_900 }],
    ['dismissed', { denial: 'disputed' }, { state: 'being-checked' }],
    ['dismissed', { denial: 'no-surplus' }, { state: 'standing' }],
    ['kept', {}, { state: 'standing' }],
    ['monitored', { action: 'monitor' }, { state: 'standing' }],
  ] as const)('%s %j: %j', (status, shows, notified) => {
    const { message, ...rest } = stateOf(found({ status, ...shows })) ?? {};
    expect(rest).toEqual({
      source: '/processors/wallet',
      chargeId: 'ch_duplicate',
      amountMinor: 12_900,
      currency: 'CNY',
      ...notified,
    });
    expect(message?.en).toMatch(/\.$/);
    expect(message?.zh).toMatch(/。$/);
  });

  it('names the reference and the day in both languages', () => {
    const notified = stateOf(found({ status: 'refunding', ...CLAIMED }));
    expect(notified?.message).toEqual({
      en: `Found to be charged by mistake. The refund is on its way under the reference ${reference}; the money is expected by 2024-11-24 (UTC).`,
      zh: `已发现该笔为误扣，退款正在处理中，退款编号 ${reference}，预计不晚于 2024-11-24（UTC）到账。`,
    });
  });

  it('names no day that has passed', () => {
    const late = { ...CONTEXT, nowMs: START_MS + 15 * DAY };
    const [notified] = payerStatus(who('p_1'), [found({ status: 'refunded', ...CLAIMED })], late).charges;
    expect(notified).not.toHaveProperty('expectedBy');
  });

  it('follows the record, where a charge that was dismissed went back after all', () => {
    const duplicate = charge({ chargeId: 'ch_duplicate' });
    const dismissed = { status: 'dismissed', denial: 'no-surplus' } as const;
    const stateAfter = (change: Change) =>
      stateOf(found(dismissed, { ...NOTHING, record: recordOf(duplicate, change) }))?.state;
    expect(stateAfter(voidedAt(duplicate))).toBe('refunded');
    expect(stateAfter(disputedAs(duplicate, 'open'))).toBe('being-checked');
  });
});

describe('what a payer is told of the original', () => {
  it('stands, is released or refunded, as its record has it', () => {
    const original = (...changes: readonly Change[]) =>
      stateOf(found({ status: 'held' }, { ...NOTHING, originalRecord: recordOf(ORIGINAL, ...changes) }), 'ch_original')
        ?.state;
    expect(original()).toBe('standing');
    expect(original(voidedAt(ORIGINAL))).toBe('refunded');
    expect(original(claimed(ORIGINAL, claimIn('claimed')))).toBe('refund-on-its-way');
    expect(original(claimed(ORIGINAL, claimIn('refunded')))).toBe('refunded');
    expect(original(claimed(ORIGINAL, claimIn('reversed-externally')))).toBe('refunded');
  });

  it('is told by its own flag where it has one: its order was closed unpaid', () => {
    const own = found({ charge: ORIGINAL, id: asFlagId('f_original'), status: 'held' });
    expect(payerStatus(who('p_1'), [found(), own], CONTEXT).charges.map(({ state }) => state)).toEqual([
      'refund-on-its-way',
      'being-checked',
    ]);
  });
});

describe('two people who paid one order', () => {
  const theirs = charge({ chargeId: 'ch_duplicate', payer: 'p_2' });

  it('each see their own charge alone', () => {
    const one = found({ charge: theirs, status: 'refunded', ...CLAIMED });
    const [first, second, third] = ['p_1', 'p_2', 'p_3'].map((payer) => payerStatus(who(payer), [one], CONTEXT));
    expect(first).toMatchObject({ found: false, charges: [{ chargeId: 'ch_original', state: 'standing' }] });
    expect(second).toMatchObject({ found: true, charges: [{ chargeId: 'ch_duplicate', state: 'refunded' }] });
    expect(third).toEqual({ found: false, charges: [] });
  });

  it('never see a charge of another, whoever paid what in whatever state', () => {
    const payers = fc.constantFrom('p_1', 'p_2', 'p_3');
    const flags = fc.array(
      fc.record({ payer: payers, original: payers, status: fc.constantFrom(...FLAG_STATUSES) }).map((made) => made),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(flags, payers, (made, payer) => {
        const all = made.map(({ payer: of, original: rootPayer, status }, n) => {
          const flagged = charge({ chargeId: `ch_${n}`, payer: of });
          const originalCharge = charge({ chargeId: `ch_root_${n}`, payer: rootPayer });
          const original = { source: originalCharge.source, chargeId: originalCharge.chargeId };
          return found({ id: asFlagId(`f_${n}`), charge: flagged, originalCharge, original, status });
        });
        const own = all
          .flatMap(({ flag: { charge: flagged, originalCharge } }) => [flagged, originalCharge])
          .filter((one) => one?.payer === payer)
          .map((one) => one?.chargeId);
        const { charges } = payerStatus(who(payer), all, CONTEXT);
        expect(charges.map(({ chargeId }) => chargeId).sort()).toEqual([...new Set(own)].sort());
      }),
    );
  });
});

function at(afterMs: number): string {
  return new Date(START_MS + afterMs).toISOString();
}
