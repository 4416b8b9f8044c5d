import { describe, expect, it } from 'vitest';
import { asFingerprint } from '../../../core/brands.ts';
import {
  type ChargeWindow,
  EVIDENCE_MS,
  emptyWindow,
  entryOf,
  isStanding,
  surplusOf,
} from '../../../core/detection/charge-window.ts';
import { dispute, observe, owe, refundByOthers, release } from '../../../core/detection/transitions.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { charge, DAY, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { detector } from '../../fixtures/configurations.ts';

const SAME_ORDER = detector('same-order');
const empty = emptyWindow('same-order', asFingerprint('window-1'));
const [first, second, third] = ['ch_1', 'ch_2', 'ch_3'].map((chargeId) => charge({ chargeId })) as [
  Charge,
  Charge,
  Charge,
];

/** All at one moment, unless the test says when. */
function at(timeMs = START_MS, nowMs = timeMs) {
  return { timeMs, nowMs, arrivedMs: nowMs };
}

function see(window: ChargeWindow, of: Charge, when = at()) {
  return observe(window, SAME_ORDER, { charge: of, ...when });
}

function withCharges(...charges: readonly Charge[]): ChargeWindow {
  return charges.reduce((window, of) => see(window, of).window, empty);
}

describe('release, refundByOthers and dispute', () => {
  it.each([
    ['a void', (window: ChargeWindow) => release(window, SAME_ORDER, { charge: first, ...at() }).window],
    ['a full refund by others', (window: ChargeWindow) => refund(window, first, 12_900)],
    [
      'an open dispute',
      (window: ChargeWindow) => dispute(window, SAME_ORDER, { charge: first, open: true, ...at() }).window,
    ],
    ['a lost dispute', (window: ChargeWindow) => disputeWon(window, 'payer')],
  ])('%s holds whether it comes before or after the capture, and twice', (_, change) => {
    for (const window of [
      see(change(empty), first).window,
      change(see(empty, first).window),
      change(see(change(empty), first).window),
    ]) {
      const entry = entryOf(window, first);
      expect(entry && isStanding(entry)).toBe(false);
    }
    const once = change(withCharges(first));
    expect(change(once)).toBe(once);
  });

  it('remember the largest total of others, in any order', () => {
    for (const totals of [
      [30, 70],
      [70, 30],
      [70, 30, 70],
    ]) {
      const window = totals.reduce((before, total) => refund(before, first, total), withCharges(first));
      expect(entryOf(window, first)).toMatchObject({ refundedTotalMinor: 70 });
      expect(entryOf(window, first)?.released).toBeUndefined();
    }
  });

  it('release a charge whose refunds, told with another amount before its capture, have reached it', () => {
    const afterRefund = refund(empty, { ...first, amountMinor: 99_999 }, 12_900);
    for (const window of [see(afterRefund, first).window, see(refund(afterRefund, first, 1), first).window]) {
      expect(entryOf(window, first)).toMatchObject({ released: true, refundedTotalMinor: 12_900 });
    }
  });

  it.each<[string, readonly [number, 'open' | 'merchant' | 'payer'][], boolean]>([
    ['opened', [[1, 'open']], false],
    [
      'opened and won by the merchant',
      [
        [1, 'open'],
        [2, 'merchant'],
      ],
      true,
    ],
    [
      'opened and lost',
      [
        [1, 'open'],
        [2, 'payer'],
      ],
      false,
    ],
    [
      'closed and opened at one moment',
      [
        [1, 'merchant'],
        [1, 'open'],
      ],
      false,
    ],
    [
      'opened again after it was won',
      [
        [1, 'open'],
        [2, 'merchant'],
        [3, 'open'],
      ],
      false,
    ],
    [
      'lost, and then won',
      [
        [1, 'payer'],
        [2, 'merchant'],
      ],
      true,
    ],
  ])('a dispute that was %s ends the same in any order', (_, happenings, stands) => {
    for (const order of permutations(happenings)) {
      const window = order.reduce((before, [when, state]) => {
        const how = state === 'open' ? { open: true } : { open: false, wonBy: state };
        return dispute(before, SAME_ORDER, { charge: first, ...how, ...at(START_MS + when) }).window;
      }, withCharges(first));
      const entry = entryOf(window, first);
      expect(entry && isStanding(entry)).toBe(stands);
    }
  });
});

describe('owe', () => {
  const close = (window: ChargeWindow, outcome: 'paid' | 'unpaid', when = at()) =>
    owe(window, SAME_ORDER, { outcome, source: WALLET, ...when });

  it('makes every standing charge of an order closed unpaid surplus, and each that still comes', () => {
    const window = see(close(withCharges(first), 'unpaid').window, { ...second, part: 'balance' }).window;
    expect(surplusOf(window).map(({ chargeId }) => chargeId)).toEqual(['ch_1', 'ch_2']);
  });

  it('owes one again, in each cluster, when the order is paid after all', () => {
    const balance = { ...third, part: 'balance' };
    const unpaid = close(withCharges(first, second, balance), 'unpaid').window;
    const paid = close(unpaid, 'paid', at(START_MS + 1)).window;
    expect(surplusOf(paid).map(({ chargeId }) => chargeId)).toEqual(['ch_2']);
  });

  it.each<[string, readonly [number, 'paid' | 'unpaid'][], 0 | 1]>([
    [
      'paid, then unpaid',
      [
        [1, 'paid'],
        [2, 'unpaid'],
      ],
      0,
    ],
    [
      'unpaid, then paid',
      [
        [1, 'unpaid'],
        [2, 'paid'],
      ],
      1,
    ],
    [
      'both at one moment',
      [
        [1, 'unpaid'],
        [1, 'paid'],
      ],
      1,
    ],
  ])('an order closed as %s ends the same in any order', (_, closings, owed) => {
    for (const order of permutations(closings)) {
      const window = order.reduce(
        (before, [when, outcome]) => close(before, outcome, at(START_MS + when)).window,
        empty,
      );
      expect(window.closed?.owed).toBe(owed);
    }
  });
});

describe('how long a window is remembered', () => {
  const now = START_MS + MINUTE;
  it.each<[string, ChargeWindow, number]>([
    ['an original, from when it was dealt with', see(empty, first, at(START_MS, now)).window, now + 15 * DAY],
    ['an original ahead of the clock', see(empty, first, at(now, START_MS)).window, now + 15 * DAY],
    ['a duplicate', withCharges(first, second), START_MS + EVIDENCE_MS],
    ['a tombstone', release(empty, SAME_ORDER, { charge: first, ...at() }).window, START_MS + EVIDENCE_MS],
    ['a partial refund before its capture', refund(empty, first, 1), START_MS + EVIDENCE_MS],
    ['a partial refund after it', refund(withCharges(first), first, 1), START_MS + EVIDENCE_MS],
    [
      'an order closed unpaid',
      owe(empty, SAME_ORDER, { outcome: 'unpaid', source: WALLET, ...at() }).window,
      START_MS + EVIDENCE_MS,
    ],
    [
      'an order closed paid',
      owe(empty, SAME_ORDER, { outcome: 'paid', source: WALLET, ...at() }).window,
      START_MS + 15 * DAY,
    ],
  ])('%s', (_, window, expiresAtMs) => {
    expect(window.expiresAtMs).toBe(expiresAtMs);
  });

  it('is never shorter than it was', () => {
    const unpaid = owe(empty, SAME_ORDER, { outcome: 'unpaid', source: WALLET, ...at() }).window;
    const paid = owe(unpaid, SAME_ORDER, { outcome: 'paid', source: WALLET, ...at(START_MS + 1) }).window;
    expect(paid.expiresAtMs).toBe(START_MS + EVIDENCE_MS);
  });
});

function refund(window: ChargeWindow, of: Charge, refundedTotalMinor: number): ChargeWindow {
  return refundByOthers(window, SAME_ORDER, { charge: of, refundedTotalMinor, ...at() }).window;
}

function disputeWon(window: ChargeWindow, wonBy: 'merchant' | 'payer'): ChargeWindow {
  return dispute(window, SAME_ORDER, { charge: first, open: false, wonBy, ...at() }).window;
}

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
