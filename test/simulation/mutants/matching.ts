import type { Entry } from '../../../core/detection/charge-window.ts';
import type * as TransitionsModule from '../../../core/detection/transitions.ts';
import { capturedIn, eachEntry, type Mutant, TRANSITIONS, WINDOW, without, withoutInStore } from './mutant.ts';

type Observe = typeof TransitionsModule.observe;
type Observation = Parameters<Observe>[2];

/** A new charge is judged by what the mutant sees of the others, and remembered beside what they are. */
function seeing(change: (entry: Entry, seen: Observation) => Entry) {
  return ({ observe }: { readonly observe: Observe }): { readonly observe: Observe } => ({
    observe: (window, detector, seen) => {
      const step = observe(window, detector, seen);
      const { outcome } = observe(
        eachEntry(window, (entry) => change(entry, seen)),
        detector,
        seen,
      );
      if (outcome.kind !== 'judged' || outcome.replay || step.window === window) return step;
      const { source, chargeId } = seen.charge;
      const remembered = eachEntry(step.window, (entry) =>
        entry.chargeId === chargeId && entry.source === source && entry.captured
          ? { ...entry, captured: { ...entry.captured, verdict: outcome.verdict } }
          : entry,
      );
      return { window: remembered, outcome };
    },
  });
}

/** Which charges meet, and what a charge is beside those that it meets. */
export const MATCHING: readonly Mutant[] = [
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
  without('core/detection/fingerprint.ts', 'charges meet only within a namespace', (original) => {
    const namespaceOf = () => 'one';
    return {
      fingerprintOf: (detector, charge, keys) => original.fingerprintOf(detector, charge, { ...keys, namespaceOf }),
      fingerprintOfOrder: (detector, closed, keys) =>
        original.fingerprintOfOrder(detector, closed, { ...keys, namespaceOf }),
    };
  }),
  without('core/detection/detector.ts', 'a detector judges charges that have all its key fields', () => ({
    appliesTo: (detector, charge) => charge.mcc === undefined || !detector.exemptMccs.has(charge.mcc),
  })),
  without('core/detection/detector.ts', 'exempt charges are not judged', ({ appliesTo }) => ({
    appliesTo: (detector, charge) => appliesTo({ ...detector, exemptMccs: new Set() }, charge),
  })),
  without(TRANSITIONS, 'a known charge is a replay', ({ observe }) => ({
    observe: (window, detector, seen) => {
      const known = capturedIn(window, seen.charge);
      if (known === undefined) return observe(window, detector, seen);
      const { source, chargeId } = seen.charge;
      const verdict = { kind: 'duplicate', original: { source, chargeId }, detector: detector.id } as const;
      const again = { source, chargeId, captured: { ...known, seq: window.entries.length, verdict } };
      const next = { ...window, version: window.version + 1, entries: [...window.entries, again] };
      return { window: next, outcome: { kind: 'judged', verdict, replay: false, late: false } };
    },
  })),
  without(TRANSITIONS, 'charges match when they agree in `same`', ({ observe }) => ({
    observe: (window, detector, seen) => observe(window, { ...detector, same: [] }, seen),
  })),
  without(
    TRANSITIONS,
    'absent equals absent only',
    seeing((entry, { charge: { part } }) =>
      entry.captured && entry.captured.charge.part === undefined
        ? { ...entry, captured: { ...entry.captured, charge: { ...entry.captured.charge, part } } }
        : entry,
    ),
  ),
  without(TRANSITIONS, 'charges match within the window of time', ({ observe }) => ({
    observe: (window, detector, seen) => observe(window, { ...detector, windowMs: Number.POSITIVE_INFINITY }, seen),
  })),
  without(
    TRANSITIONS,
    'of several matches the first gives the original',
    seeing((entry) =>
      entry.captured ? { ...entry, captured: { ...entry.captured, seq: -entry.captured.seq } } : entry,
    ),
  ),
  without(TRANSITIONS, 'charges that would be their own original do not match', ({ observe }) => ({
    observe: (window, detector, seen) => {
      if (capturedIn(window, seen.charge) || seen.decided) return observe(window, detector, seen);
      const stranger = { ...seen.charge, chargeId: `${seen.charge.chargeId}?` };
      const { outcome } = observe(window, detector, { ...seen, charge: stranger });
      const isMatch = outcome.kind === 'judged' && outcome.verdict.kind === 'duplicate';
      return observe(window, detector, isMatch ? { ...seen, decided: outcome.verdict } : seen);
    },
  })),
  without(TRANSITIONS, 'the first detector that finds a duplicate decides alone', ({ observe }) => ({
    observe: (window, detector, { decided: _, ...seen }) => observe(window, detector, seen),
  })),
  without(WINDOW, 'charges released by others match nothing', () => ({ isReleased: () => false })),
  without(
    TRANSITIONS,
    'refunded charges match, however fast refunds are',
    seeing((entry) => (entry.ours?.state === 'refunded' ? { ...entry, released: true } : entry)),
  ),
  without(
    TRANSITIONS,
    'disputed charges match',
    seeing((entry) => (entry.dispute?.open ? { ...entry, released: true } : entry)),
  ),
  without(
    TRANSITIONS,
    'kept charges match',
    seeing((entry) => (entry.kept ? { ...entry, released: true } : entry)),
  ),
];
