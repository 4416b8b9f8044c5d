import { describe, expect, it } from 'vitest';
import { agreement, chargesOf, fieldsOf, positionsOf } from '../../../console/pages/case/charges.ts';
import { decisionsFor, FRESH_MS, hasMoved } from '../../../console/pages/case/decisions.ts';
import { refundSteps } from '../../../console/pages/case/refund-steps.ts';
import type { Person } from '../../../console/session/person.ts';
import { FLAG_STATUSES, type Flag } from '../../../core/cases/flag.ts';
import { flagView, type TimelineEntry } from '../../../core/queries/views.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { flag } from '../../fixtures/flags.ts';

const ADA: Person = { subject: 'ada', name: 'ada', role: 'approver' };
const NOW = { readAtMs: START_MS, nowMs: START_MS };
const view = (shows: Partial<Flag> = {}) => flagView(flag(shows));

describe('decisions', () => {
  it.each(
    FLAG_STATUSES.map((status) => ({
      status,
      decisions: {
        held: ['approve', 'keep'],
        expired: ['approve', 'keep'],
        failed: ['approve', 'keep'],
        monitored: ['approve', 'keep'],
        'refunded-in-error': [],
        refunding: [],
        refunded: ['refunded-in-error'],
        'reversed-externally': [],
        kept: [],
      }[status as string] ?? ['keep'],
    })),
  )('of a flag that is $status are $decisions', ({ status, decisions }) => {
    expect(decisionsFor(view({ status }), { person: ADA, ...NOW })).toEqual(decisions);
  });

  it('are none for a viewer, and none for somebody without a group', () => {
    for (const role of ['viewer', undefined] as const) {
      expect(decisionsFor(view({ status: 'held' }), { person: { ...ADA, role }, ...NOW })).toEqual([]);
    }
  });

  it('are none on a page that was read too long ago', () => {
    const nowMs = START_MS + FRESH_MS + 1;
    expect(decisionsFor(view({ status: 'held' }), { person: ADA, readAtMs: START_MS, nowMs })).toEqual([]);
  });

  it('leave approving to another for whom has approved already', () => {
    const approvals = [{ by: 'ada', atMs: START_MS, reason: 'seen' }];
    const held = view({ status: 'held', approvals });
    expect(decisionsFor(held, { person: ADA, ...NOW })).toEqual(['keep']);
    expect(decisionsFor(held, { person: { ...ADA, subject: 'lin' }, ...NOW })).toEqual(['approve', 'keep']);
  });

  it('are asked anew when the flag has moved since it was shown', () => {
    const shown = view({ status: 'held' });
    expect(hasMoved(shown, view({ status: 'held' }))).toBe(false);
    expect(hasMoved(shown, view({ status: 'approved' }))).toBe(true);
    expect(hasMoved(shown, view({ status: 'held', attempt: 1 }))).toBe(true);
    const approvals = [{ by: 'lin', atMs: START_MS, reason: 'seen' }];
    expect(hasMoved(shown, view({ status: 'held', approvals }))).toBe(true);
  });
});

describe('the charges of a case', () => {
  const original = charge({ chargeId: 'ch_original' });
  const at = (seconds: number, chargeId: string) =>
    flag({
      charge: charge({ chargeId, order: `o_${chargeId}` }),
      timeMs: START_MS + seconds * 1_000,
      originalTimeMs: START_MS,
    });

  it('are the original and then the flagged ones as they were charged', () => {
    const flags = [at(9, 'ch_3'), at(3, 'ch_2')].map(flagView);
    const charges = chargesOf({ original: flags[0]?.original ?? original, flags });
    expect(charges.map(({ ref }) => ref.chargeId)).toEqual([flags[0]?.original.chargeId, 'ch_2', 'ch_3']);
    expect(positionsOf(charges)).toEqual([0, 3 / 9, 1]);
  });

  it('have an original that is flagged itself only once', () => {
    const first = flagView(
      flag({ charge: original, original: { source: original.source, chargeId: original.chargeId } }),
    );
    expect(chargesOf({ original, flags: [first] })).toHaveLength(1);
  });

  it('lie on one spot when all were made at once', () => {
    const one = { ref: original, chargedAt: '2024-11-11T00:00:00.000Z' };
    expect(positionsOf([one, one])).toEqual([0, 0]);
  });

  it('agree, differ, or cannot be compared', () => {
    const other = charge({ chargeId: 'ch_2', order: 'another' });
    expect(agreement('merchant', other, original)).toBe('agrees');
    expect(agreement('order', other, original)).toBe('differs');
    expect(agreement('amount', charge({ chargeId: 'ch_2', amountMinor: 1 }), original)).toBe('differs');
    expect(agreement('order', other, undefined)).toBe('unknown');
  });

  it('are compared by what at least one of them has', () => {
    const bare = { ref: original, charge: { ...original, part: undefined, mcc: undefined } };
    expect(fieldsOf([bare])).not.toContain('part');
    expect(fieldsOf([bare, { ...bare, charge: { ...bare.charge, part: 'deposit' } }])).toContain('part');
  });
});

describe('the progress of a refund', () => {
  const entry = (seq: number, to: TimelineEntry['to'], flagId = view().id): TimelineEntry => ({
    seq,
    flagId,
    attempt: 0,
    actor: 'system:test',
    at: '2024-11-11T00:00:00.000Z',
    from: 'none',
    to,
    reason: '',
    hash: '',
  });

  it('is what the audit has of the flag, and the refund that is still to come', () => {
    const steps = refundSteps(view({ status: 'held' }), [
      entry(2, 'held'),
      entry(1, 'open'),
      entry(3, 'open', 'another'),
    ]);
    expect(steps.map(({ status, entry, isLast }) => [status, entry?.seq, isLast])).toEqual([
      ['open', 1, false],
      ['held', 2, true],
      ['refunded', undefined, false],
    ]);
  });

  it('ends where nothing is still to come', () => {
    const steps = refundSteps(view({ status: 'kept' }), [entry(1, 'open'), entry(2, 'kept')]);
    expect(steps.map(({ status }) => status)).toEqual(['open', 'kept']);
  });
});
