import type { WindowEntry } from '../../../core/detection/charge-window.ts';
import type { ClaimDecision, decideClaim } from '../../../core/detection/claims.ts';
import type { ReservationReader } from '../../../core/refunds/claim-store.ts';
import { CLAIMS, CONFIRMATION, FACTS, type Mutant, POLICY, RAISE, VIEW, without, withoutInStore } from './mutant.ts';

type Decide = typeof decideClaim;

/** The claim is decided otherwise. */
function deciding(
  rule: string,
  change: (decision: ClaimDecision, ...given: Parameters<Decide>) => ClaimDecision,
): Mutant {
  return without(CLAIMS, rule, ({ decideClaim }) => ({
    decideClaim: (view, id, attempt) => change(decideClaim(view, id, attempt), view, id, attempt),
  }));
}

const GRANTED = { kind: 'granted', refundMinor: 1, replay: false, survivors: [], twins: [] } as const;

/** Who may be refunded, once, and that flags follow. */
export const CLAIMING: readonly Mutant[] = [
  without('core/refunds/hourly-caps.ts', 'all refunds of an hour stay within the cap', () => ({
    hourlyCapsOf: () => ({ merchantMaxMinor: undefined, totalMaxMinor: undefined }),
  })),
  deciding('a claim needs surplus', (decision) =>
    decision.kind === 'denied' && decision.reason === 'no-surplus' ? GRANTED : decision,
  ),
  deciding('only a charge that stands is claimed', (decision) =>
    decision.kind === 'denied' && ['released', 'disputed', 'kept'].includes(decision.reason) ? GRANTED : decision,
  ),
  deciding('the same claim asked again is granted again', (decision) =>
    decision.kind === 'granted' && decision.replay ? { kind: 'denied', reason: 'already-claimed' } : decision,
  ),
  deciding('we refund the amount less what others refunded', (decision, { records }, id) =>
    decision.kind === 'granted'
      ? { ...decision, refundMinor: records.get(id)?.capture?.charge.amountMinor ?? 0 }
      : decision,
  ),
  without(VIEW, 'what a stronger detector decided does not count for a weaker', (view) => {
    const rootOf = ({ id, verdict }: WindowEntry) => (verdict.kind === 'duplicate' ? verdict.root : id);
    const countedStanding: typeof view.countedStanding = (of, root) =>
      view.chargesOf(of).filter((charge) => rootOf(charge.entry) === root && view.isStanding(charge, of.window));
    return {
      countedStanding,
      survivorsOf: (of, { entry }) => countedStanding(of, rootOf(entry)).filter((other) => other.entry.id !== entry.id),
    };
  }),
  without(FACTS, 'a claim that runs is remembered', ({ recordClaim }) => ({
    recordClaim: (record, ours, nowMs) => (ours.state === 'claimed' ? record : recordClaim(record, ours, nowMs)),
  })),
  without(FACTS, 'a denial is remembered: its charge counts for weaker detectors', ({ recordClaim }) => ({
    recordClaim: (record, ours, nowMs) => (ours.state === 'denied' ? record : recordClaim(record, ours, nowMs)),
  })),
  without(FACTS, 'a claim is concluded: what failed stands again', ({ recordClaim }) => ({
    recordClaim: (record, ours, nowMs) => (ours.state === 'failed' ? record : recordClaim(record, ours, nowMs)),
  })),
  withoutInStore('claims', 'a claim is written on the record that was read', ({ claims, records }) => ({
    grant: async (grant) => {
      const [found] = await records.readRecords([grant.record.id], 0);
      return claims.grant({ ...grant, expectedVersion: found?.version ?? 0 });
    },
  })),
  withoutInStore('claims', 'a claim checks the charge that must stay', ({ claims }) => ({
    grant: (grant) => claims.grant({ ...grant, survivors: [] }),
  })),
  without('core/refunds/reverse.ts', 'no gateway is called without a reservation', ({ reverse }) => ({
    reverse: (asked, context) => {
      const readReservation: ReservationReader['readReservation'] = async (attempt) => {
        const [flag] = await context.cases.readFlags([attempt.flagId]);
        const [found] = await context.records.readRecords([attempt.flagId], context.nowMs());
        const ours = found?.record?.ours;
        if (flag === undefined || ours === undefined || ours.state === 'denied') return undefined;
        const { source, chargeId, currency } = flag.charge;
        return { ...attempt, charge: { source, chargeId }, amountMinor: ours.refundMinor, currency };
      };
      return reverse(asked, { ...context, reservations: { readReservation } });
    },
  })),
  without('core/detection/refund-reference.ts', 'one idempotency key for a flag and attempt', ({ attemptName }) => {
    let calls = 0;
    return { attemptName: (flag) => `${attemptName(flag)}-${++calls}` };
  }),
  without('core/refunds/reverse.ts', 'a claim that slept looks again before its first call', ({ reverse }) => ({
    reverse: (attempt, context) => reverse(attempt, { ...context, nowMs: () => 0 }),
  })),
  without('core/refunds/confirm.ts', 'the processor is asked for its record before an automatic refund', () => ({
    confirm: async () => ({ kind: 'confirmed' }),
  })),
  without(CONFIRMATION, 'a survivor is a movement of its own', ({ judgeLookups }) => ({
    judgeLookups: (own) => judgeLookups(own, []),
  })),
  without(CONFIRMATION, "the order in the processor's record is compared", ({ judgeLookups }) => ({
    judgeLookups: (own, survivors) => {
      const confirmation = judgeLookups(own, survivors);
      const isOrder = confirmation.kind === 'unconfirmed' && confirmation.fact === 'other-order';
      return isOrder ? { kind: 'confirmed' } : confirmation;
    },
  })),
  without('core/refunds/approval-macs.ts', 'approvals without their MAC count for nothing', () => ({
    withVerifiedApprovals: async (flag) => flag,
  })),
  without(POLICY, 'what people must see waits for them, before its claim', () => ({
    judgeRefund: () => ({ waitsFor: [], reasons: [], restsOn: ['approval'], countsOn: [], facts: {} }),
  })),
  without('core/refunds/payer-cases.ts', 'refunds of many orders of one payer wait for an approver', () => ({
    otherCases: () => 0,
  })),
  without(POLICY, 'the refund of a stale event is held', ({ judgeRefund }) => ({
    // A stale event is late too: both rules go.
    judgeRefund: (flag, seen) =>
      judgeRefund(flag, { ...seen, configuration: { ...seen.configuration, history: 'judge' } }),
  })),
  without(FACTS, 'what a person keeps is written into the record', () => ({
    keep: (record) => ({ record, outcome: 'kept' }),
  })),
  without('core/refunds/recheck-surplus.ts', 'every end of an attempt rechecks its windows', () => ({
    recheckSurplus: async () => {},
  })),
  without('core/detection/judge.ts', 'effects follow state, replays too', ({ judgeBatch }) => ({
    judgeBatch: async (arrivals, context) => {
      const { judgements, touched } = await judgeBatch(arrivals, context);
      const isAllReplayed = judgements.every((judgement) => judgement.kind === 'judged' && judgement.replay);
      return { judgements, touched: isAllReplayed ? { windows: [], fingerprints: [] } : touched };
    },
  })),
  without(
    'core/detection/judge.ts',
    'effects follow the facts of a charge, not its windows alone',
    ({ judgeBatch }) => ({
      judgeBatch: async (arrivals, context) => {
        const { judgements, touched } = await judgeBatch(arrivals, context);
        return { judgements, touched: { ...touched, fingerprints: [] } };
      },
    }),
  ),
  without(RAISE, 'an order closed unpaid raises flags to its detector', ({ raiseFlags }) => ({
    raiseFlags: (views, actor, context) =>
      raiseFlags(
        views.filter(({ window }) => window.closed?.owed !== 0),
        actor,
        context,
      ),
  })),
];
