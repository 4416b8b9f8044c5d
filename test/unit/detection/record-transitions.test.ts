import { describe, expect, it } from 'vitest';
import { capturedMinorOf, otherAmountsOf } from '../../../core/detection/charge-amounts.ts';
import {
  type ChargeRecord,
  type Claim,
  EVIDENCE_MS,
  isCaptured,
  isReleased,
} from '../../../core/detection/charge-record.ts';
import { type ChargeView, isStanding, surplusOf } from '../../../core/detection/charge-view.ts';
import { capture, keep, recordClaim } from '../../../core/detection/record-transitions.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { AMOUNT_MINOR, charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { permutations } from '../../fixtures/permutations.ts';
import {
  type Change,
  claimed,
  closedAs,
  disputedAs,
  EMPTY_VIEW,
  idOf,
  keptAfter,
  refundedByOthers,
  see,
  viewed,
  viewOf,
  voidedAt,
} from '../../fixtures/views.ts';

const first = charge({ chargeId: 'ch_1' });
const second = charge({ chargeId: 'ch_2' });

const CLAIMED = {
  attempt: 0,
  state: 'claimed',
  refundMinor: AMOUNT_MINOR,
  atMs: START_MS,
  restsOn: ['single-charge'],
} as const;

function stands(view: ChargeView): boolean {
  return isStanding(viewed(view, first), view.window);
}

function recordOf(view: ChargeView) {
  return viewed(view, first).record;
}

describe('a fact', () => {
  it.each<[string, Change]>([
    ['a void', voidedAt(first)],
    ['a full refund by others', refundedByOthers(first, 12_900)],
    ['an open dispute', disputedAs(first, 'open')],
    ['a lost dispute', disputedAs(first, 'payer')],
  ])('holds whether it comes before or after the capture, and twice: %s', (_, change) => {
    for (const view of [
      see(change(EMPTY_VIEW), first).view,
      change(viewOf([first])),
      change(see(change(EMPTY_VIEW), first).view),
    ]) {
      expect(stands(view)).toBe(false);
    }
    const once = change(viewOf([first]));
    expect(recordOf(change(once))).toBe(recordOf(once));
  });

  it('lives half a year after the last write', () => {
    expect(recordOf(viewOf([first])).expiresAtMs).toBe(START_MS + EVIDENCE_MS);
  });

  it('gives its record a version that no state before it had', () => {
    const versions = [viewOf([first]), viewOf([first], voidedAt(first))].map((view) => recordOf(view).version);
    expect(versions).toEqual([START_MS, START_MS + 1]);
  });
});

describe('capture', () => {
  const told = { timeMs: START_MS, nowMs: START_MS, arrivedMs: START_MS, history: 'hold', windows: [] } as const;

  const again = (record: ChargeRecord, shows: Partial<Charge>, timeMs = START_MS + HOUR) =>
    capture(record, { ...told, charge: { ...first, ...shows }, timeMs });

  it('keeps what its first telling said', () => {
    const { record } = again(recordOf(viewOf([first])), { instrument: 'tok_9' });
    expect(record.capture).toMatchObject({ charge: first, timeMs: START_MS, latestMs: START_MS + HOUR });
  });

  it.each<[string, Partial<Charge>, number]>([
    ['another amount of the same time', { amountMinor: 1 }, START_MS],
    ['another currency', { currency: 'JPY' }, START_MS + HOUR],
    ['another merchant', { merchant: 'm_2' }, START_MS + HOUR],
    ['another payer', { payer: 'p_2' }, START_MS + HOUR],
    ['another order', { order: 'o_2' }, START_MS + HOUR],
  ])('is a conflict when a known charge comes again with %s', (_, shows, timeMs) => {
    const record = recordOf(viewOf([first]));
    const noted = again(record, shows, timeMs);
    expect(noted).toMatchObject({ kind: 'conflict', detail: expect.stringMatching(/came again as|own id/) });
    expect(noted.record).toBe(record);
  });

  it.each([HOUR, -HOUR])('of another amount and time is an adjustment of its own time', (ms) => {
    const { kind, record } = again(recordOf(viewOf([first])), { amountMinor: 7 }, START_MS + ms);
    expect(kind).toBe('noted');
    expect(isCaptured(record) && capturedMinorOf(record)).toBe(ms > 0 ? 7 : AMOUNT_MINOR);
    expect(isCaptured(record) && otherAmountsOf(record)).toEqual([7]);
  });

  it('adds what its first telling left open, and files nothing anew', () => {
    const { order: _, ...orderless } = first;
    const before = recordOf(viewOf([orderless]));
    const { record } = again(before, { order: 'o_1' });
    expect(record.completed).toEqual({ order: 'o_1' });
    expect(record.capture).toEqual({ ...before.capture, latestMs: START_MS + HOUR });
  });

  it('has a mismatch when it comes again with another instrument', () => {
    const { record } = again(recordOf(viewOf([{ ...first, instrument: 'tok_1' }])), { instrument: 'tok_2' });
    expect(record.mismatches).toEqual([{ field: 'instrument', kind: 'charge.captured', atMs: START_MS + HOUR }]);
  });

  it('of half a year ago does not stand: its record may have expired, with our claim in it', () => {
    const told = (ageMs: number) => see(EMPTY_VIEW, first, { timeMs: START_MS - ageMs, nowMs: START_MS }).view;
    expect(stands(told(EVIDENCE_MS - 1))).toBe(true);
    expect(stands(told(EVIDENCE_MS))).toBe(false);
  });
});

describe('of capture, void and failure', () => {
  const retold =
    (timeMs: number): Change =>
    (view) =>
      see(view, first, { timeMs }).view;

  it.each<[string, readonly Change[], boolean]>([
    ['a void after the capture', [voidedAt(first, START_MS + 1)], false],
    ['a void at the same time', [voidedAt(first, START_MS)], false],
    ['a failure before it', [voidedAt(first, START_MS - 1)], true],
    ['a later telling of the capture', [voidedAt(first, START_MS + 1), retold(START_MS + 2)], true],
    ['a void after that', [voidedAt(first, START_MS + 3), retold(START_MS + 2)], false],
    ['an old void that comes last', [voidedAt(first, START_MS + 3), voidedAt(first, START_MS - 1)], false],
  ])('the latest holds, in any order of arrival: %s', (_, changes, isLeft) => {
    for (const order of permutations(changes)) expect(stands(viewOf([first], ...order))).toBe(isLeft);
  });
});

describe('of refunds by others', () => {
  it.each<[string, readonly (readonly [number, number])[], number]>([
    [
      'the latest total holds',
      [
        [30, 1],
        [70, 2],
      ],
      70,
    ],
    [
      'a lower total means that a refund failed',
      [
        [12_900, 1],
        [900, 2],
      ],
      900,
    ],
    [
      'on a tie the larger holds',
      [
        [30, 1],
        [70, 1],
      ],
      70,
    ],
  ])('%s', (_, totals, totalMinor) => {
    const changes = totals.map(([total, at]) => refundedByOthers(first, total, START_MS + at));
    for (const order of permutations(changes)) {
      const view = viewOf([first], ...order);
      expect(recordOf(view).refundedByOthers?.totalMinor).toBe(totalMinor);
      expect(stands(view)).toBe(true);
    }
  });
});

describe('a dispute', () => {
  it.each<[string, readonly (readonly [number, 'open' | 'merchant' | 'payer'])[], boolean]>([
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
  ])('that was %s ends the same in any order', (_, happenings, isLeft) => {
    const changes = happenings.map(([at, state]) => disputedAs(first, state, START_MS + at));
    for (const order of permutations(changes)) expect(stands(viewOf([first], ...order))).toBe(isLeft);
  });
});

describe('keep', () => {
  it('takes a charge out of standing and surplus', () => {
    expect(surplusOf(viewOf([first, second], keptAfter(second)))).toEqual([]);
  });

  it.each(['claimed', 'refunded', 'reversed-externally'] as const)('is too late once a claim is %s', (state) => {
    const record = recordOf(viewOf([first], claimed(first, claimIn(state))));
    expect(keep(record, { unpaidMs: undefined, nowMs: START_MS })).toEqual({ record, outcome: 'too-late' });
  });

  it.each<[string, readonly Change[], number]>([
    ['holds when the order is paid', [keptAfter(second), closedAs('paid', START_MS + 1)], 0],
    ['is open again when the order is closed unpaid later', [keptAfter(second), closedAs('unpaid', START_MS + 1)], 2],
    ['holds against the closing that it has seen', [closedAs('unpaid', START_MS), keptAfter(second, START_MS)], 1],
    [
      'is open again after a later unpaid closing',
      [closedAs('unpaid', START_MS), keptAfter(second, START_MS), closedAs('unpaid', START_MS + 1)],
      2,
    ],
    [
      'holds again when the approver has seen that too',
      [keptAfter(second, START_MS), closedAs('unpaid', START_MS + 1), keptAfter(second, START_MS + 1)],
      1,
    ],
  ])('%s', (_, changes, surplus) => {
    expect(surplusOf(viewOf([first, second], ...changes))).toHaveLength(surplus);
  });

  it('changes nothing when it is asked again', () => {
    const view = viewOf([first], keptAfter(first, START_MS));
    expect(recordOf(keptAfter(first, START_MS)(view))).toBe(recordOf(view));
    expect(recordOf(keptAfter(first)(view))).toBe(recordOf(view));
  });
});

describe('recordClaim', () => {
  it.each([
    ['claimed', false],
    ['refunded', false],
    ['reversed-externally', false],
    ['failed', true],
    ['denied', true],
  ] as const)('leaves a charge that is %s standing: %s', (state, isLeft) => {
    expect(stands(viewOf([first], claimed(first, claimIn(state))))).toBe(isLeft);
  });

  it('changes nothing when it is written again', () => {
    const record = recordOf(viewOf([first], claimed(first, claimIn('claimed'))));
    expect(recordClaim(record, claimIn('claimed'), START_MS + DAY)).toBe(record);
  });

  it.each<[string, Claim, Claim]>([
    ['that the gateway is called', claimIn('claimed'), { ...CLAIMED, called: true }],
    ['that the next attempt was answered like the one before', claimIn('denied'), claimIn('denied', 1)],
  ])('writes %s', (_, before, after) => {
    expect(recordOf(viewOf([first], claimed(first, before), claimed(first, after))).ours).toEqual(after);
  });
});

it('a charge known by its void alone is released', () => {
  const record = voidedAt(first)(EMPTY_VIEW).records.get(idOf(first));
  expect(record && isReleased(record)).toBe(true);
});
