import type * as FlagModule from '../../core/cases/flag.ts';
import type * as WindowModule from '../../core/detection/charge-window.ts';
import type * as ClaimsModule from '../../core/detection/claims.ts';
import type * as JudgeModule from '../../core/detection/judge.ts';
import type * as TransitionsModule from '../../core/detection/transitions.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type * as PolicyModule from '../../core/refunds/policy.ts';
import type * as RefundModule from '../../core/refunds/refund-context.ts';

interface Modules {
  readonly 'core/cases/flag.ts': typeof FlagModule;
  readonly 'core/detection/charge-window.ts': typeof WindowModule;
  readonly 'core/detection/claims.ts': typeof ClaimsModule;
  readonly 'core/detection/judge.ts': typeof JudgeModule;
  readonly 'core/detection/transitions.ts': typeof TransitionsModule;
  readonly 'core/refunds/policy.ts': typeof PolicyModule;
  readonly 'core/refunds/refund-context.ts': typeof RefundModule;
}

/** The product with one rule of the design taken away, by another implementation of a function or a port. */
export type Mutant = { readonly rule: string } & (
  | { readonly kind: 'store'; readonly wrap: (store: WindowStore) => WindowStore }
  | {
      readonly kind: 'module';
      readonly path: keyof Modules;
      readonly replace: (original: unknown) => Readonly<Record<string, unknown>>;
    }
);

/** A module's functions as they are, and what the mutant has instead of some of them. */
function without<Path extends keyof Modules>(
  path: Path,
  rule: string,
  change: (original: Modules[Path]) => Partial<Modules[Path]>,
): Mutant {
  const replace = (original: unknown) => ({ ...(original as Modules[Path]), ...change(original as Modules[Path]) });
  return { kind: 'module', path, rule, replace };
}

function withoutInStore(rule: string, change: (store: WindowStore) => Partial<WindowStore>): Mutant {
  return { kind: 'store', rule, wrap: (store) => ({ ...store, ...change(store) }) };
}

const TRANSITIONS = 'core/detection/transitions.ts';
const CLAIMS = 'core/detection/claims.ts';
const WINDOW = 'core/detection/charge-window.ts';
const REFUNDS = 'core/refunds/refund-context.ts';

type Window = WindowModule.ChargeWindow;
const isKnown = (window: Window, { source, chargeId }: { source: string; chargeId: string }) =>
  window.entries.find((entry) => entry.source === source && entry.chargeId === chargeId)?.captured;

export const MUTANTS: readonly Mutant[] = [
  withoutInStore('a window is written on the version that was read', (store) => ({
    replaceAll: async (replacements) => {
      const found = await store.read(
        replacements.map(({ window }) => window.fingerprint),
        0,
      );
      return store.replaceAll(replacements.map((one, at) => ({ ...one, expectedVersion: found[at]?.version ?? 0 })));
    },
  })),
  withoutInStore('an insert that finds an item takes the slow path', (store) => ({
    insertAll: async (windows) => (await store.insertAll(windows)).map((one) => (one === 'exists' ? 'inserted' : one)),
  })),
  without(TRANSITIONS, 'a known charge is a replay', ({ observe }) => ({
    observe: (window, detector, seen) => {
      const known = isKnown(window, seen.charge);
      if (known === undefined) return observe(window, detector, seen);
      const { source, chargeId } = seen.charge;
      const verdict = { kind: 'duplicate', original: { source, chargeId }, detector: detector.id } as const;
      const again = { source, chargeId, captured: { ...known, seq: window.entries.length, verdict } };
      const next = { ...window, version: window.version + 1, entries: [...window.entries, again] };
      return { window: next, outcome: { kind: 'judged', verdict, replay: false, late: false } };
    },
  })),
  without(TRANSITIONS, 'a void before its capture is remembered', ({ release }) => ({
    release: (window, detector, seen) =>
      isKnown(window, seen.charge) ? release(window, detector, seen) : { window, outcome: { kind: 'unchanged' } },
  })),
  without(TRANSITIONS, 'a dispute before its capture is remembered', ({ dispute }) => ({
    dispute: (window, detector, seen) =>
      isKnown(window, seen.charge) ? dispute(window, detector, seen) : { window, outcome: { kind: 'unchanged' } },
  })),
  without(TRANSITIONS, 'the latest event time of a dispute holds', ({ dispute }) => ({
    dispute: (window, detector, seen) => {
      const forgetful = { ...window, entries: window.entries.map(({ dispute: _, ...entry }) => entry) };
      return dispute(forgetful, detector, seen);
    },
  })),
  without(TRANSITIONS, 'the largest total of others holds', ({ refundByOthers }) => ({
    refundByOthers: (window, detector, seen) => {
      const entries = window.entries.map(({ refundedTotalMinor: _, ...entry }) => entry);
      return refundByOthers({ ...window, entries }, detector, seen);
    },
  })),
  without(TRANSITIONS, 'partial refunds by others are kept', ({ refundByOthers }) => ({
    refundByOthers: (window, detector, seen) =>
      seen.refundedTotalMinor < seen.charge.amountMinor
        ? { window, outcome: { kind: 'unchanged' } }
        : refundByOthers(window, detector, seen),
  })),
  without(TRANSITIONS, 'nothing is trimmed', ({ release }) => ({
    release: (window, detector, seen) => {
      const { window: next, outcome } = release(window, detector, seen);
      const entries = next.entries.filter(({ captured, released }) => captured !== undefined && !released);
      return { window: { ...next, entries }, outcome };
    },
  })),
  without(TRANSITIONS, 'the latest closing of an order holds', ({ owe }) => ({
    owe: ({ closed: _, ...window }, detector, seen) => owe(window, detector, seen),
  })),
  without(TRANSITIONS, 'charges that would be their own original do not match', ({ observe }) => ({
    observe: (window, detector, seen) => {
      if (isKnown(window, seen.charge) || seen.decided) return observe(window, detector, seen);
      const stranger = { ...seen.charge, chargeId: `${seen.charge.chargeId}?` };
      const { outcome } = observe(window, detector, { ...seen, charge: stranger });
      const isMatch = outcome.kind === 'judged' && outcome.verdict.kind === 'duplicate';
      return observe(window, detector, isMatch ? { ...seen, decided: outcome.verdict } : seen);
    },
  })),
  without(WINDOW, 'charges released by others match nothing', () => ({ isReleased: () => false })),
  without(
    WINDOW,
    'what a stronger detector decided does not count for a weaker',
    ({ isStanding, isSameCharge, rootOf, isCaptured }) => ({
      countedStanding: (window, root) =>
        window.entries.filter(isCaptured).filter((entry) => isSameCharge(rootOf(entry), root) && isStanding(entry)),
    }),
  ),
  without(CLAIMS, 'a claim needs surplus', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const isLast = decision.kind === 'denied' && decision.reason === 'no-surplus';
      return isLast ? { kind: 'granted', refundMinor: 1, replay: false } : decision;
    },
  })),
  without(CLAIMS, 'we refund the amount less what others refunded', ({ decideClaim }) => ({
    decideClaim: (window, ref, attempt) => {
      const decision = decideClaim(window, ref, attempt);
      const amountMinor = isKnown(window, ref)?.charge.amountMinor ?? 0;
      return decision.kind === 'granted' ? { ...decision, refundMinor: amountMinor } : decision;
    },
  })),
  without(CLAIMS, 'what a person keeps is written into the windows', () => ({
    keep: (window) => ({ window, outcome: 'kept' }),
  })),
  without(CLAIMS, 'a claim that runs is remembered', ({ recordClaim }) => ({
    recordClaim: (window, detector, claim) =>
      claim.ours.state === 'claimed' ? window : recordClaim(window, detector, claim),
  })),
  without(REFUNDS, 'a claim is written to every window of its charge', ({ changeWindows }) => ({
    changeWindows: (flag, decide, context) => {
      const windows = flag.windows.filter(({ detector }) => detector === flag.detector);
      return changeWindows({ ...flag, windows }, decide, context);
    },
  })),
  without(REFUNDS, 'whoever dismisses looks again', () => ({ lookAgain: async () => {} })),
  without('core/detection/judge.ts', 'effects follow state, replays too', ({ judgeBatch }) => ({
    judgeBatch: async (arrivals, context) => {
      const { judgements, windows } = await judgeBatch(arrivals, context);
      const isAllReplayed = judgements.every((judgement) => judgement.kind === 'judged' && judgement.replay);
      return { judgements, windows: isAllReplayed ? [] : windows };
    },
  })),
  without('core/refunds/policy.ts', 'what people must see waits for them', () => ({ holdReasons: () => [] })),
  without('core/cases/flag.ts', 'one idempotency key for a flag and attempt', ({ attemptName }) => {
    let calls = 0;
    return { attemptName: (flag) => `${attemptName(flag)}-${++calls}` };
  }),
];
