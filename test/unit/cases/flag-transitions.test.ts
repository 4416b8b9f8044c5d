import { describe, expect, it } from 'vitest';
import type { FlagChange } from '../../../core/cases/case.ts';
import { FLAG_STATUSES, type Flag, type FlagStatus, isResolved, NEXT_STATUSES } from '../../../core/cases/flag.ts';
import { flagSchema } from '../../../core/cases/flag-schema.ts';
import {
  approve,
  claim,
  dismiss,
  enforce,
  escalate,
  expire,
  fail,
  findReversed,
  hold,
  keep,
  markContested,
  markDiscrepancy,
  markRefundedInError,
  markUnanswered,
  markUrgent,
  may,
  monitor,
  refund,
  reopen,
  TRANSITIONS,
  type Transition,
} from '../../../core/cases/flag-transitions.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { act, flag, moved, wait } from '../../fixtures/flags.ts';

const RULE = { detector: 'same-order', action: 'review', configuration: 'configuration-2' } as const;
const VOTE = { by: 'ann', atMs: START_MS, reason: 'two coffees' };
const BY = act({ atMs: START_MS + 9 });
const DISCREPANCY = { what: 'differs', detail: 'by a cent', foundAtMs: START_MS } as const;

/** Applies each named transition to a flag, if it is allowed. */
const APPLY: { readonly [Name in Transition]: (of: Flag) => FlagChange | undefined } = {
  hold: (of) => (may('hold', of) ? hold(of, { ...wait({ token: 'token 2' }), isForPeople: true }, BY) : undefined),
  approve: (of) => (may('approve', of) ? approve(of, {}, BY) : undefined),
  expire: (of) => (may('expire', of) ? expire(of, { sinceMs: START_MS }, BY) : undefined),
  claim: (of) =>
    may('claim', of)
      ? claim(of, { refundMinor: 900, claimedAtMs: START_MS, restsOn: ['single-charge'] }, BY)
      : undefined,
  refund: (of) => (may('refund', of) ? refund(of, { processorReference: 're_1' }, BY) : undefined),
  findReversed: (of) => (may('findReversed', of) ? findReversed(of, BY) : undefined),
  fail: (of) => (may('fail', of) ? fail(of, { failure: 'no balance' }, BY) : undefined),
  dismiss: (of) => (may('dismiss', of) ? dismiss(of, { denial: 'no-surplus', denialText: 'none' }, BY) : undefined),
  keep: (of) => (may('keep', of) ? keep(of, [VOTE], BY) : undefined),
  reopen: (of) => (may('reopen', of) ? reopen(of, { rule: RULE, raisedBy: 'ann' }, BY) : undefined),
  enforce: (of) => (may('enforce', of) ? enforce(of, { rule: RULE, raisedBy: 'ann' }, BY) : undefined),
  monitor: (of) => (may('monitor', of) ? monitor(of, { rule: RULE, raisedBy: 'ann' }, BY) : undefined),
  markRefundedInError: (of) =>
    may('markRefundedInError', of) ? markRefundedInError(of, { ...VOTE, evidence: 'r 7' }, BY) : undefined,
};

/** A flag of the status with every optional fact that it can have. */
function rich(status: FlagStatus): Flag {
  const { after } = moved(flag({ approvals: [VOTE], contested: true, discrepancy: DISCREPANCY }), { status });
  return after;
}

describe('the named transitions of a flag', () => {
  it('are exactly those of the table of statuses', () => {
    const next = new Map<FlagStatus, FlagStatus[]>(FLAG_STATUSES.map((status) => [status, []]));
    for (const { from, to } of Object.values(TRANSITIONS)) for (const status of from) next.get(status)?.push(to);
    for (const [status, found] of next)
      expect([status, found.toSorted()]).toEqual([status, NEXT_STATUSES[status].toSorted()]);
  });

  it.each(FLAG_STATUSES.flatMap((status) => Object.entries(APPLY).map(([name, apply]) => ({ status, name, apply }))))(
    'from $status, $name makes a whole flag or is not allowed',
    ({ status, name, apply }) => {
      const before = rich(status);
      const change = apply(before);
      const { to } = TRANSITIONS[nameOf(name)];
      if (change === undefined)
        return void expect(NEXT_STATUSES[status].includes(to) && isOnlyWay(status, name)).toBe(false);
      expect(flagSchema.parse(change.after)).toEqual(change.after);
      expect(change.after).toMatchObject({ status: to, version: before.version + 1, updatedAtMs: BY.atMs });
      expect(NEXT_STATUSES[status]).toContain(to);
    },
  );
});

function nameOf(name: string): Transition {
  const found = Object.keys(TRANSITIONS).find((each): each is Transition => each === name);
  if (found === undefined) throw new Error(`there is no transition ${name}`);
  return found;
}

/** No other transition leads from the status to where this one leads. */
function isOnlyWay(status: FlagStatus, name: string): boolean {
  const { to } = TRANSITIONS[nameOf(name)];
  return !Object.values(TRANSITIONS).some(
    ({ from, to: end }: { readonly from: readonly string[]; readonly to: string }) =>
      end === to && from.includes(status),
  );
}

describe('a transition', () => {
  it('drops what belongs to the attempt before when it opens the next one', () => {
    const failed = rich('failed');
    const kept = APPLY.keep(failed)?.after;
    const { after } = APPLY.reopen(kept ?? failed) ?? {};
    expect(after).toMatchObject({ status: 'open', attempt: failed.attempt + 1, approvals: [], keeps: [] });
    for (const gone of ['wait', 'ended', 'failure', 'refundMinor', 'claimedAtMs', 'contested']) {
      expect(after).not.toHaveProperty(gone);
    }
    expect(after).toMatchObject({ discrepancy: DISCREPANCY });
  });

  it('spends the approvals of a refund that failed', () => {
    expect(APPLY.fail(rich('refunding'))?.after).toMatchObject({ approvals: [], failure: 'no balance' });
    expect(APPLY.refund(rich('refunding'))?.after).toMatchObject({ approvals: [VOTE], refundedAtMs: BY.atMs });
  });

  it('knows no unanswered refund once the outcome is known', () => {
    const { after } = markUnanswered(flag({ status: 'refunding' }), BY);
    expect(after).toMatchObject({ status: 'refunding', unanswered: true });
    expect(APPLY.refund(after)?.after).not.toHaveProperty('unanswered');
  });

  it('remembers the claim that was returned, and shows no refund beside the denial', () => {
    const { after } = APPLY.dismiss(flag({ status: 'refunding', refundMinor: 7 })) ?? {};
    expect(after).toMatchObject({ status: 'dismissed', returned: { refundMinor: 7, claimedAtMs: START_MS } });
    expect(after).not.toHaveProperty('refundMinor');
  });

  it('counts how long an attempt has waited for approvers from its first such hold', () => {
    const held = flag({ status: 'held', wait: wait({ asked: { sinceMs: START_MS, escalatedAtMs: START_MS + 1 } }) });
    const frozen = hold(held, { waitsFor: ['frozen'], token: 'token 3', isForPeople: false }, BY);
    expect(frozen.after).toMatchObject({
      wait: { waitsFor: ['frozen'], token: 'token 3', asked: { sinceMs: START_MS } },
    });
    const budget = hold(flag(), { waitsFor: ['budget'], token: 'token 1', isForPeople: false }, BY);
    expect(budget.after).toMatchObject({ wait: { waitsFor: ['budget'] } });
    expect(escalate(held, { sinceMs: START_MS }, BY).after).toMatchObject({
      wait: { asked: { sinceMs: START_MS, escalatedAtMs: BY.atMs } },
    });
  });

  it.each(FLAG_STATUSES)('on a flag that is %s marks it urgent only while it is unresolved', (status) => {
    const { after } = markUrgent(flag({ status }), BY);
    expect('urgentSinceMs' in after).toBe(!isResolved(status));
    expect(markContested(after, BY).after).toMatchObject({ contested: true, status });
  });

  it('takes approvals that had not seen the discrepancy off a refund that is not claimed yet', () => {
    expect(markDiscrepancy(flag({ approvals: [VOTE] }), DISCREPANCY, BY).after.approvals).toEqual([]);
    const refunding = flag({ status: 'refunding', approvals: [VOTE] });
    expect(markDiscrepancy(refunding, DISCREPANCY, BY).after.approvals).toEqual([VOTE]);
  });
});
