import { CLAIMS, capturedIn, entryIn, type Mutant, POLICY, RAISE, WINDOW, without, withoutInStore } from './mutant.ts';

/** Who may be refunded, once, and that flags follow. */
export const CLAIMING: readonly Mutant[] = [
  without(CLAIMS, 'a claim needs surplus', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const isLast = decision.kind === 'denied' && decision.reason === 'no-surplus';
      return isLast ? { kind: 'granted', refundMinor: 1, replay: false } : decision;
    },
  })),
  without(CLAIMS, 'only a charge that stands is claimed', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const isGone = decision.kind === 'denied' && ['released', 'disputed', 'kept'].includes(decision.reason);
      return isGone ? { kind: 'granted', refundMinor: 1, replay: false } : decision;
    },
  })),
  without(CLAIMS, 'the same claim asked again is granted again', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const isAgain = decision.kind === 'granted' && decision.replay;
      return isAgain ? { kind: 'denied', reason: 'already-claimed' } : decision;
    },
  })),
  without(CLAIMS, 'we refund the amount less what others refunded', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const amountMinor = capturedIn(window, ref)?.charge.amountMinor ?? 0;
      return decision.kind === 'granted' ? { ...decision, refundMinor: amountMinor } : decision;
    },
  })),
  without(
    WINDOW,
    'what a stronger detector decided does not count for a weaker',
    ({ isStanding, isSameCharge, rootOf, isCaptured }) => ({
      countedStanding: (window, root) =>
        window.entries.filter(isCaptured).filter((entry) => isSameCharge(rootOf(entry), root) && isStanding(entry)),
    }),
  ),
  without(CLAIMS, 'a claim that runs is remembered', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) =>
      claim.ours.state === 'claimed' ? window : recordClaim(window, detector, claim),
  })),
  without(CLAIMS, 'a denial is remembered: its charge counts for weaker detectors', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) =>
      claim.ours.state === 'denied' ? window : recordClaim(window, detector, claim),
  })),
  without(CLAIMS, 'a window that has not seen the charge gets its entry', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) =>
      entryIn(window, claim.captured.charge) ? recordClaim(window, detector, claim) : window,
  })),
  without(
    'core/refunds/change-windows.ts',
    'a claim is written to every window of its charge',
    ({ changeWindows }) => ({
      changeWindows: (flag, decide, context) => {
        const windows = flag.windows.filter(({ detector }) => detector === flag.detector);
        return changeWindows({ ...flag, windows }, decide, context);
      },
    }),
  ),
  withoutInStore('all windows of a charge are written in one transaction', (store) => ({
    replaceAll: async (replacements) => {
      const outcomes = await Promise.all(replacements.map((one) => store.replaceAll([one])));
      return outcomes.includes('conflict') ? 'conflict' : 'replaced';
    },
  })),
  without(CLAIMS, 'a claim is concluded: what failed stands again', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) =>
      claim.ours.state === 'failed' ? window : recordClaim(window, detector, claim),
  })),
  without(CLAIMS, 'what others have reversed is released', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) => {
      const next = recordClaim(window, detector, claim);
      if (next === window || claim.ours.state !== 'reversed-externally') return next;
      return { ...next, entries: next.entries.map(({ released: _, ...entry }) => entry) };
    },
  })),
  without('core/detection/refund-reference.ts', 'one idempotency key for a flag and attempt', ({ attemptName }) => {
    let calls = 0;
    return { attemptName: (flag) => `${attemptName(flag)}-${++calls}` };
  }),
  without('core/refunds/reverse.ts', 'a claim that slept looks again before its first call', ({ reverse }) => ({
    reverse: (attempt, context) => reverse(attempt, { ...context, nowMs: () => 0 }),
  })),
  without(POLICY, 'what people must see waits for them, before its claim', () => ({
    judgeRefund: () => ({ waitsFor: [], restsOn: ['approval'] }),
  })),
  without(POLICY, 'the refund of a stale event is held', ({ judgeRefund }) => ({
    judgeRefund: (flag, seen) => judgeRefund({ ...flag, stale: false }, seen),
  })),
  without(CLAIMS, 'what a person keeps is written into the windows', () => ({
    keep: (window) => ({ window, outcome: 'kept' }),
  })),
  without('core/refunds/recheck-surplus.ts', 'every end of an attempt rechecks its windows', () => ({
    recheckSurplus: async () => {},
  })),
  without('core/detection/judge.ts', 'effects follow state, replays too', ({ judgeBatch }) => ({
    judgeBatch: async (arrivals, context) => {
      const { judgements, windows } = await judgeBatch(arrivals, context);
      const isAllReplayed = judgements.every((judgement) => judgement.kind === 'judged' && judgement.replay);
      return { judgements, windows: isAllReplayed ? [] : windows };
    },
  })),
  without(RAISE, 'an order closed unpaid raises flags to its detector', ({ raiseFlags }) => ({
    raiseFlags: (windows, actor, context) =>
      raiseFlags(
        windows.filter(({ closed }) => closed?.owed !== 0),
        actor,
        context,
      ),
  })),
];
