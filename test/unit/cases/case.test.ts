import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../core/cases/audit.ts';
import { type Case, type FlagChange, withChanges } from '../../../core/cases/case.ts';
import { FLAG_STATUSES, type FlagStatus, isResolved, NEXT_STATUSES } from '../../../core/cases/flag.ts';
import { isReferenceOf, referenceOf } from '../../../core/detection/refund-reference.ts';
import { charge, DAY, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { act, flag, moved, opened } from '../../fixtures/flags.ts';

describe('the status of a flag', () => {
  it('is documented as it is', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([\w-]+)` \| [^|]+ \|([^|]*)\|$/gm)].map(([, from, to = '']) => [
      from,
      [...to.matchAll(/`([\w-]+)`/g)].map(([, status]) => status),
    ]);
    expect(Object.fromEntries(rows)).toEqual(NEXT_STATUSES);
  });

  it('leaves money that has moved only where our refund has failed', () => {
    const { refunded, 'refunded-in-error': inError, 'reversed-externally': reversed } = NEXT_STATUSES;
    expect({ refunded, inError, reversed }).toEqual({
      refunded: ['refunded-in-error', 'failed'],
      inError: [],
      reversed: [],
    });
  });
});

describe('the reference of our refund', () => {
  it('is known again for any attempt of the same flag and for no other', () => {
    const [one, two] = [flag(), flag({ charge: charge({ chargeId: 'ch_other' }) })];
    expect(isReferenceOf(one.id, referenceOf({ ...one, attempt: 3 }))).toBe(true);
    expect(isReferenceOf(two.id, referenceOf(one))).toBe(false);
    expect(isReferenceOf(one.id, 'a refund by others')).toBe(false);
  });
});

describe('a case', () => {
  const one = flag();
  const two = flag({ charge: charge({ chargeId: 'ch_two', amountMinor: 100 }) });

  it('opens with its first flags, counted and audited in one change', () => {
    const { case: opening, flags, audit } = withChanges(undefined, [opened(one), opened(two)], digests);
    expect(opening).toMatchObject({
      version: 1,
      status: 'open',
      flags: 2,
      unresolved: 2,
      openings: 1,
      atStakeMinor: 13_000,
    });
    expect(flags.map(({ id }) => id)).toEqual([one.id, two.id]);
    expect(verifyChain(audit, digests)).toEqual({ kind: 'intact', head: opening.auditHead, length: 2 });
  });

  it('is resolved with its last flag, and opens again with the next', () => {
    const path: readonly (readonly [FlagStatus, Partial<Case>])[] = [
      ['refunding', { status: 'open', openings: 1 }],
      ['dismissed', { status: 'resolved', unresolved: 0, openings: 1 }],
      ['open', { status: 'open', unresolved: 1, openings: 2 }],
      ['refunding', { status: 'open' }],
      ['refunded', { status: 'resolved', refundedMinor: 12_000, openings: 2 }],
    ];
    const audit = [];
    let change = withChanges(undefined, [opened(one)], digests);
    audit.push(...change.audit);
    for (const [status, expected] of path) {
      const [before] = change.flags;
      if (before === undefined) throw new Error('the flag is lost');
      change = withChanges(
        change.case,
        [moved(before, { status, ...(status === 'refunding' && { refundMinor: 12_000 }) })],
        digests,
      );
      audit.push(...change.audit);
      expect(change.case).toMatchObject(expected);
    }
    expect(verifyChain(audit, digests)).toMatchObject({ kind: 'intact', length: 6 });
  });

  it('has the earliest deadline of what is unresolved in it, and none when nothing is', () => {
    const [late, early] = [flag({ deadlineAtMs: START_MS + 2 * DAY }), { ...two, deadlineAtMs: START_MS + DAY }];
    const noted = { ...flag({ charge: charge({ chargeId: 'ch_noted' }) }), deadlineAtMs: START_MS };
    const monitored = opened(moved(noted, { status: 'monitored' }).after);
    const open = withChanges(undefined, [monitored, opened(late), opened(early)], digests).case;
    expect(open.deadlineAtMs).toBe(START_MS + DAY);
    const [lateEnd, earlyEnd] = [late, early].map((each) => moved(each, { status: 'dismissed' }));
    if (lateEnd === undefined || earlyEnd === undefined) throw new Error('the flags are lost');
    const waiting = withChanges(open, [earlyEnd], digests).case;
    expect(waiting.deadlineAtMs).toBe(START_MS + DAY);
    const resolved = withChanges(waiting, [lateEnd], digests).case;
    expect(resolved).not.toHaveProperty('deadlineAtMs');
    const again = withChanges(resolved, [moved(lateEnd.after, { status: 'open' })], digests).case;
    expect(again.deadlineAtMs).toBe(START_MS + 2 * DAY);
  });

  it('counts what was refunded in error as given back: the money did go', () => {
    const refunded = flag({ status: 'refunded', refundMinor: 900 });
    const before = withChanges(undefined, [opened(refunded)], digests);
    const { case: after } = withChanges(before.case, [moved(refunded, { status: 'refunded-in-error' })], digests);
    expect([before.case.refundedMinor, after.refundedMinor, after.unresolved]).toEqual([900, 900, 0]);
  });

  it('is resolved from the beginning when it is only monitored', () => {
    const { case: monitored } = withChanges(undefined, [opened(flag({ status: 'monitored' }))], digests);
    expect(monitored).toMatchObject({ status: 'resolved', unresolved: 0, flags: 1 });
  });

  it.each(FLAG_STATUSES)('counts a flag that is %s as its table says', (status) => {
    const change: FlagChange = { before: undefined, after: flag({ status }), act: act() };
    expect(withChanges(undefined, [change], digests).case.unresolved).toBe(isResolved(status) ? 0 : 1);
  });
});
