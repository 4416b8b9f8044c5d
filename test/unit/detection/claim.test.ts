import { describe, expect, it } from 'vitest';
import { asFingerprint } from '../../../core/brands.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  type Claim,
  emptyWindow,
  entryOf,
  isCaptured,
  isStanding,
  surplusOf,
} from '../../../core/detection/charge-window.ts';
import { decideClaim, keep, recordClaim } from '../../../core/detection/claims.ts';
import { dispute, observe, owe, refundByOthers, release } from '../../../core/detection/transitions.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { AMOUNT_MINOR, charge, DAY, START_MS, WALLET } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { detector } from '../../fixtures/configurations.ts';

const SAME_ORDER = detector('same-order');
const when = { timeMs: START_MS, nowMs: START_MS, arrivedMs: START_MS };
const original = charge({ chargeId: 'original' });
const duplicate = charge({ chargeId: 'duplicate' });
const another = charge({ chargeId: 'another' });

function windowOf(...charges: readonly Charge[]): ChargeWindow {
  return charges.reduce(
    (window, of) => observe(window, SAME_ORDER, { charge: of, ...when }).window,
    emptyWindow('same-order', asFingerprint('window-1')),
  );
}

function capturedIn(window: ChargeWindow, of: Charge): CapturedEntry['captured'] {
  const entry = entryOf(window, of);
  if (entry === undefined || !isCaptured(entry)) throw new Error(`${of.chargeId} is not captured`);
  return entry.captured;
}

function claimed(window: ChargeWindow, of: Charge, ours: Claim): ChargeWindow {
  return recordClaim(window, SAME_ORDER, { captured: capturedIn(window, of), ours, nowMs: START_MS });
}

function kept(window: ChargeWindow, of: Charge): ChargeWindow {
  return keep(window, SAME_ORDER, { captured: capturedIn(window, of), nowMs: START_MS }).window;
}

const three = windowOf(original, duplicate, another);
const [voidOf, disputeOf] = [
  (window: ChargeWindow, of: Charge) => release(window, SAME_ORDER, { charge: of, ...when }).window,
  (window: ChargeWindow, of: Charge) => dispute(window, SAME_ORDER, { charge: of, open: true, ...when }).window,
];

describe('decideClaim', () => {
  it.each<[string, ChargeWindow, Charge, string]>([
    ['a surplus charge', three, duplicate, 'granted'],
    ['the original of a cluster with surplus', three, original, 'granted'],
    ['a charge that is not there', three, charge({ chargeId: 'nobody' }), 'not-captured'],
    [
      'a charge known by its void alone',
      voidOf(three, charge({ chargeId: 'nobody' })),
      charge({ chargeId: 'nobody' }),
      'not-captured',
    ],
    ['a voided charge', voidOf(three, duplicate), duplicate, 'released'],
    ['a disputed charge', disputeOf(three, duplicate), duplicate, 'disputed'],
    ['a kept charge', kept(three, duplicate), duplicate, 'kept'],
    ['the last but one, after two were voided', voidOf(voidOf(three, original), another), duplicate, 'no-surplus'],
    ['the last but one, the others disputed', disputeOf(disputeOf(three, original), another), duplicate, 'no-surplus'],
    ['the last but one, the others kept', kept(kept(three, original), another), duplicate, 'no-surplus'],
    [
      'the last but one, the others claimed',
      claimed(claimed(three, original, claimIn('claimed')), another, claimIn('refunded')),
      duplicate,
      'no-surplus',
    ],
    [
      'the last one of an order closed unpaid',
      owe(windowOf(original), SAME_ORDER, { outcome: 'unpaid', source: WALLET, ...when }).window,
      original,
      'granted',
    ],
  ])('answers %s', (_, window, of, answer) => {
    const decision = decideClaim(window, of, 0);
    expect(decision.kind === 'denied' ? decision.reason : decision.kind).toBe(answer);
  });

  it.each<[string, Claim, number, string]>([
    [
      'again after it was granted',
      { attempt: 1, state: 'claimed', refundMinor: 5, atMs: START_MS, restsOn: [] },
      1,
      'granted',
    ],
    [
      'again after it was refunded',
      { attempt: 1, state: 'refunded', refundMinor: 5, atMs: START_MS, restsOn: [] },
      1,
      'granted',
    ],
    ['again after it was denied', claimIn('denied', 1), 1, 'no-surplus'],
    ['again after it failed', claimIn('failed', 1), 1, 'attempt-over'],
    ['again after others were first', claimIn('reversed-externally', 1), 1, 'attempt-over'],
    ['for an earlier attempt', claimIn('claimed', 1), 0, 'attempt-over'],
    ['for the next while one runs', claimIn('claimed', 1), 2, 'already-claimed'],
    ['for the next after the money went', claimIn('refunded', 1), 2, 'already-claimed'],
    ['for the next after one failed', claimIn('failed', 1), 2, 'granted'],
    ['for the next after one was denied', claimIn('denied', 1), 2, 'granted'],
  ])('asked %s', (_, ours, attempt, answer) => {
    const decision = decideClaim(claimed(three, duplicate, ours), duplicate, attempt);
    expect(decision.kind === 'denied' ? decision.reason : decision.kind).toBe(answer);
  });

  it('grants what others have left of the amount, and the same when it is asked again later', () => {
    const partly = refundByOthers(three, SAME_ORDER, { charge: duplicate, refundedTotalMinor: 900, ...when }).window;
    expect(decideClaim(partly, duplicate, 0)).toEqual({ kind: 'granted', refundMinor: 12_000, replay: false });
    const granted = claimed(partly, duplicate, {
      attempt: 0,
      state: 'claimed',
      refundMinor: 12_000,
      atMs: START_MS,
      restsOn: [],
    });
    const more = refundByOthers(granted, SAME_ORDER, { charge: duplicate, refundedTotalMinor: 1_000, ...when }).window;
    expect(decideClaim(more, duplicate, 0)).toEqual({
      kind: 'granted',
      refundMinor: 12_000,
      restsOn: [],
      replay: true,
    });
  });
});

describe('a charge that a stronger detector decided', () => {
  const decided = { kind: 'duplicate', original, detector: 'stronger' } as const;
  const first = observe(emptyWindow('same-order', asFingerprint('window-1')), SAME_ORDER, {
    charge: another,
    decided,
    ...when,
  }).window;
  const both = observe(first, SAME_ORDER, { charge: duplicate, ...when }).window;

  it('does not count in a weaker window', () => {
    expect(surplusOf(both)).toEqual([]);
    expect(decideClaim(both, duplicate, 0).kind).toBe('denied');
  });

  it('counts there once its flag was dismissed', () => {
    const dismissed = claimed(both, another, claimIn('denied'));
    expect(surplusOf(dismissed).map(({ chargeId }) => chargeId)).toEqual(['duplicate']);
    expect(decideClaim(dismissed, duplicate, 0).kind).toBe('granted');
  });
});

describe('recordClaim', () => {
  it.each<[Claim['state'], boolean, boolean]>([
    ['claimed', false, true],
    ['refunded', false, true],
    ['reversed-externally', false, false],
    ['failed', true, true],
    ['denied', true, true],
  ])('leaves a charge that is %s standing: %s, and matching: %s', (state, stands, matches) => {
    const window = claimed(windowOf(original), original, claimIn(state));
    const entry = entryOf(window, original);
    expect(entry && isStanding(entry)).toBe(stands);
    const { outcome } = observe(window, SAME_ORDER, { charge: duplicate, ...when });
    expect(outcome).toMatchObject({ verdict: { kind: matches ? 'duplicate' : 'original' } });
  });

  it('gives the entry to a window that has not seen the charge, with the next sequence', () => {
    const captured = capturedIn(three, duplicate);
    const unseen = windowOf(charge({ chargeId: 'other', order: 'o_2' }));
    const window = recordClaim(unseen, SAME_ORDER, {
      captured,
      ours: claimIn('claimed'),
      nowMs: START_MS,
    });
    expect(entryOf(window, duplicate)).toMatchObject({ captured: { seq: 1, verdict: { kind: 'duplicate' } } });
    expect(observe(window, SAME_ORDER, { charge: duplicate, ...when }).outcome).toMatchObject({ replay: true });
  });

  it('changes nothing when it is written again', () => {
    const once = claimed(three, duplicate, claimIn('claimed'));
    expect(claimed(once, duplicate, claimIn('claimed'))).toBe(once);
  });

  it.each<[string, Claim, Claim]>([
    [
      'that the gateway is called',
      claimIn('claimed'),
      {
        attempt: 0,
        state: 'claimed',
        refundMinor: AMOUNT_MINOR,
        atMs: START_MS,
        restsOn: ['single-charge'],
        called: true,
      },
    ],
    ['that the next attempt was answered like the one before', claimIn('denied'), claimIn('denied', 1)],
  ])('writes %s', (_, before, after) => {
    const window = claimed(claimed(three, duplicate, before), duplicate, after);
    expect(entryOf(window, duplicate)?.ours).toEqual(after);
  });

  it('shrinks a refunded charge to its facts, and keeps what verdicts need', () => {
    const card = { ...duplicate, instrument: 'tok_1', channel: 'app' };
    const window = claimed(windowOf(original, card), card, claimIn('refunded'));
    const { charge: left } = capturedIn(window, card);
    expect([left.instrument, left.channel, left.amountMinor, left.order]).toEqual([
      undefined,
      undefined,
      12_900,
      'o_1',
    ]);
  });
});

describe('keep', () => {
  it('takes a charge out of standing and surplus for good', () => {
    const window = kept(windowOf(original, duplicate), duplicate);
    expect(surplusOf(window)).toEqual([]);
    expect(kept(window, duplicate)).toBe(window);
  });

  it.each<Claim['state']>(['claimed', 'refunded', 'reversed-externally'])('is too late once a claim is %s', (state) => {
    const window = claimed(three, duplicate, claimIn(state));
    const captured = capturedIn(window, duplicate);
    expect(keep(window, SAME_ORDER, { captured, nowMs: START_MS })).toEqual({ window, outcome: 'too-late' });
  });

  it('is opened again, as review, by an order closed unpaid later, and by nothing else', () => {
    const window = kept(windowOf(original, duplicate), duplicate);
    const paid = owe(window, SAME_ORDER, { outcome: 'paid', source: WALLET, ...when }).window;
    expect(entryOf(paid, duplicate)?.kept).toBe(true);
    const unpaid = owe(paid, SAME_ORDER, { outcome: 'unpaid', source: WALLET, ...when, timeMs: START_MS + DAY }).window;
    expect(entryOf(unpaid, duplicate)).toMatchObject({ reviewOnly: true });
    expect(surplusOf(unpaid)).toHaveLength(2);
  });
});
