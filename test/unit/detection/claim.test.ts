import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../core/detection/charge-record.ts';
import { type ChargeView, surplusOf } from '../../../core/detection/charge-view.ts';
import { decideClaim } from '../../../core/detection/claims.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import {
  claimed,
  closedAs,
  disputedAs,
  EMPTY_VIEW,
  idOf,
  keptAfter,
  refundedByOthers,
  see,
  viewOf,
  voidedAt,
} from '../../fixtures/views.ts';

const original = charge({ chargeId: 'original' });
const duplicate = charge({ chargeId: 'duplicate' });
const another = charge({ chargeId: 'another' });
const nobody = charge({ chargeId: 'nobody' });
const all = [original, duplicate, another];

function answerOf(view: ChargeView, of: Charge, attempt = 0): string {
  const decision = decideClaim(view, idOf(of), attempt);
  return decision.kind === 'denied' ? decision.reason : decision.kind;
}

/** As it is when its record has expired, or is not written yet. */
function withoutRecord({ window, records }: ChargeView, of: Charge): ChargeView {
  return { window, records: new Map([...records].filter(([id]) => id !== idOf(of))) };
}

describe('decideClaim', () => {
  it.each<[string, ChargeView, Charge, string]>([
    ['a surplus charge', viewOf(all), duplicate, 'granted'],
    ['the original of a cluster with surplus', viewOf(all), original, 'granted'],
    ['a charge that is not there', viewOf(all), nobody, 'not-captured'],
    ['a charge known by its void alone', viewOf(all, voidedAt(nobody)), nobody, 'not-captured'],
    ['a charge whose record is missing', withoutRecord(viewOf(all), duplicate), duplicate, 'not-captured'],
    ['a voided charge', viewOf(all, voidedAt(duplicate)), duplicate, 'released'],
    ['a disputed charge', viewOf(all, disputedAs(duplicate, 'open')), duplicate, 'disputed'],
    ['a kept charge', viewOf(all, keptAfter(duplicate)), duplicate, 'kept'],
    ['the last, after two were voided', viewOf(all, voidedAt(original), voidedAt(another)), duplicate, 'no-surplus'],
    [
      'the last, the others disputed',
      viewOf(all, disputedAs(original, 'open'), disputedAs(another, 'open')),
      duplicate,
      'no-surplus',
    ],
    ['the last, the others kept', viewOf(all, keptAfter(original), keptAfter(another)), duplicate, 'no-surplus'],
    [
      'the last, the others claimed',
      viewOf(all, claimed(original, claimIn('claimed')), claimed(another, claimIn('refunded'))),
      duplicate,
      'no-surplus',
    ],
    [
      'the last, the record of the other missing',
      withoutRecord(viewOf([original, duplicate]), original),
      duplicate,
      'no-surplus',
    ],
    ['the last one of an order closed unpaid', viewOf([original], closedAs('unpaid')), original, 'granted'],
  ])('answers %s', (_, view, of, answer) => {
    expect(answerOf(view, of)).toBe(answer);
  });

  it.each<[string, Claim, number, string]>([
    ['again after it was granted', claimIn('claimed', 1), 1, 'granted'],
    ['again after it was refunded', claimIn('refunded', 1), 1, 'granted'],
    ['again after it was denied', claimIn('denied', 1), 1, 'no-surplus'],
    ['again after it failed', claimIn('failed', 1), 1, 'attempt-over'],
    ['again after others were first', claimIn('reversed-externally', 1), 1, 'attempt-over'],
    ['for an earlier attempt', claimIn('claimed', 1), 0, 'attempt-over'],
    ['for the next while one runs', claimIn('claimed', 1), 2, 'already-claimed'],
    ['for the next after the money went', claimIn('refunded', 1), 2, 'already-claimed'],
    ['for the next after one failed', claimIn('failed', 1), 2, 'granted'],
    ['for the next after one was denied', claimIn('denied', 1), 2, 'granted'],
  ])('asked %s', (_, ours, attempt, answer) => {
    expect(answerOf(viewOf(all, claimed(duplicate, ours)), duplicate, attempt)).toBe(answer);
  });

  it('grants what others have left of the amount, and the same when it is asked again later', () => {
    const partly = viewOf(all, refundedByOthers(duplicate, 900));
    expect(decideClaim(partly, idOf(duplicate), 0)).toMatchObject({ refundMinor: 12_000, replay: false });
    const ours = { attempt: 0, state: 'claimed', refundMinor: 12_000, atMs: START_MS, restsOn: ['approval'] } as const;
    const more = refundedByOthers(duplicate, 1_000)(claimed(duplicate, ours)(partly));
    expect(decideClaim(more, idOf(duplicate), 0)).toEqual({
      kind: 'granted',
      refundMinor: 12_000,
      restsOn: ['approval'],
      replay: true,
    });
  });

  it.each<[string, ChargeView, Charge, readonly string[]]>([
    ['the first that stands beside it', viewOf(all), duplicate, ['original']],
    ['the next where that one is gone', viewOf(all, voidedAt(original)), duplicate, ['another']],
    ['a whole one before one returned in part', viewOf(all, refundedByOthers(original, 1)), duplicate, ['another']],
    ['a copy where the original itself goes', viewOf(all), original, ['duplicate']],
    ['none where nothing is owed', viewOf(all, closedAs('unpaid')), duplicate, []],
  ])('counts on one survivor: %s', (_, view, of, survivors) => {
    const decision = decideClaim(view, idOf(of), 0);
    if (decision.kind !== 'granted' || decision.replay) throw new Error('not granted anew');
    expect(decision.survivors.map(({ chargeId }) => chargeId)).toEqual(survivors);
  });
});

describe('a charge that a stronger detector decided', () => {
  const decided = { kind: 'duplicate', root: idOf(original), detector: 'stronger' } as const;
  const both = see(see(EMPTY_VIEW, another, { decided }).view, duplicate).view;

  it('does not count in a weaker window', () => {
    expect(surplusOf(both)).toEqual([]);
    expect(answerOf(both, duplicate)).toBe('no-surplus');
  });

  it('counts there once its flag was dismissed', () => {
    const dismissed = claimed(another, claimIn('denied'))(both);
    expect(surplusOf(dismissed).map(({ record }) => record.chargeId)).toEqual(['duplicate']);
    expect(answerOf(dismissed, duplicate)).toBe('granted');
  });
});
