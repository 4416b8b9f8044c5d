import { describe, expect, it } from 'vitest';
import { capturedMinorOf, returnedByOthersMinor } from '../../../core/detection/charge-amounts.ts';
import { type ChargeView, isStanding } from '../../../core/detection/charge-view.ts';
import { hasMismatch } from '../../../core/detection/mismatches.ts';
import { adjust, refundOneByOthers } from '../../../core/detection/record-transitions.ts';
import { AMOUNT_MINOR, charge, START_MS } from '../../fixtures/charges.ts';
import { permutations } from '../../fixtures/permutations.ts';
import { type Change, changed, EMPTY_VIEW, refundedByOthers, see, viewed, viewOf } from '../../fixtures/views.ts';

const first = charge({ chargeId: 'ch_1' });

function stands(view: ChargeView): boolean {
  return isStanding(viewed(view, first), view.window);
}

function recordOf(view: ChargeView) {
  return viewed(view, first).record;
}

describe('refunds by others that are told one by one', () => {
  const refund =
    (id: string, minor: number, at: number): Change =>
    (view) =>
      changed(first, (record) => refundOneByOthers(record, { id, minor, timeMs: START_MS + at, nowMs: START_MS }))(
        view,
      );
  const total = (minor: number, at: number) => refundedByOthers(first, minor, START_MS + at);

  it.each<[string, readonly Change[], number]>([
    ['add up by id', [refund('r_1', 30, 1), refund('r_2', 40, 2)], 70],
    ['count once for each id, by the latest telling', [refund('r_1', 30, 1), refund('r_1', 20, 2)], 20],
    ['no longer count when they have failed', [refund('r_1', 30, 1), refund('r_1', 0, 2)], 0],
    ['count as the larger of two tellings of one time', [refund('r_1', 0, 1), refund('r_1', 30, 1)], 30],
    ['are held by a total of their time or later', [refund('r_1', 30, 1), refund('r_2', 40, 2), total(70, 2)], 70],
    ['add to a total of before', [total(30, 1), refund('r_2', 40, 2)], 70],
  ])('%s, in any order of arrival', (_, changes, minor) => {
    for (const order of permutations(changes)) {
      expect(returnedByOthersMinor(recordOf(viewOf([first], ...order)))).toBe(minor);
    }
  });

  it('release the charge when they reach its amount', () => {
    expect(stands(viewOf([first], refund('r_1', AMOUNT_MINOR - 1, 1)))).toBe(true);
    expect(stands(viewOf([first], refund('r_1', AMOUNT_MINOR - 1, 1), refund('r_2', 1, 1)))).toBe(false);
  });

  it('become a total when there are too many of them', () => {
    const all = Array.from({ length: 150 }, (_, n) => refund(`r_${n}`, 1, n));
    const record = recordOf(viewOf([first], ...all));
    expect(record.singleRefunds).toHaveLength(100);
    expect(returnedByOthersMinor(record)).toBe(150);
  });
});

describe('adjustments', () => {
  const to =
    (amountMinor: number, at: number, currency = 'CNY'): Change =>
    (view) =>
      changed(first, (record) => adjust(record, { amountMinor, currency, atMs: START_MS + at }, START_MS))(view);
  const amountOf = (view: ChargeView) => capturedMinorOf(viewed(view, first).record);

  it.each<[string, readonly Change[], number]>([
    ['the latest holds', [to(20_000, 1), to(15_000, 2)], 15_000],
    ['of one time the smaller holds', [to(20_000, 1), to(15_000, 1)], 15_000],
    ['of the time of the capture the smaller holds', [to(20_000, 0)], AMOUNT_MINOR],
    ['one before the capture is over', [to(20_000, -1)], AMOUNT_MINOR],
    ['one in another currency changes nothing', [to(20_000, 1, 'JPY')], AMOUNT_MINOR],
  ])('%s, in any order of arrival, before the capture too', (_, changes, minor) => {
    for (const order of permutations(changes)) {
      expect(amountOf(viewOf([first], ...order))).toBe(minor);
      expect(
        amountOf(
          see(
            order.reduce((view, change) => change(view), EMPTY_VIEW),
            first,
          ).view,
        ),
      ).toBe(minor);
    }
  });

  it('in another currency are a mismatch', () => {
    expect(hasMismatch(viewed(viewOf([first], to(20_000, 1, 'JPY')), first).record)).toBe(true);
  });

  it('are kept up to a bound, the latest of them', () => {
    const all = Array.from({ length: 30 }, (_, n) => to(100 + n, n + 1));
    for (const changes of [all, all.toReversed()]) {
      const { record } = viewed(viewOf([first], ...changes), first);
      expect(record.adjustments?.map(({ amountMinor }) => amountMinor)).toEqual(
        Array.from({ length: 20 }, (_, n) => 110 + n),
      );
    }
  });

  it('lower what others must return to release the charge', () => {
    const lowered = [to(100, 1), refundedByOthers(first, 100)];
    for (const order of permutations(lowered)) expect(stands(viewOf([first], ...order))).toBe(false);
    const raised = [to(20_000, 1), refundedByOthers(first, AMOUNT_MINOR)];
    for (const order of permutations(raised)) expect(stands(viewOf([first], ...order))).toBe(true);
  });
});
