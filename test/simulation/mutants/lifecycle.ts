import { capturedIn, eachEntry, entryIn, type Mutant, RAISE, TRANSITIONS, WINDOW, without } from './mutant.ts';

/** What becomes of charges and orders afterwards, and that it is remembered whatever the order of arrival. */
export const LIFECYCLE: readonly Mutant[] = [
  without(TRANSITIONS, 'a void before its capture is remembered', ({ release }) => ({
    release: (window, detector, seen) =>
      capturedIn(window, seen.charge) ? release(window, detector, seen) : { window, outcome: { kind: 'unchanged' } },
  })),
  without(TRANSITIONS, 'nothing is trimmed', ({ release }) => ({
    release: (window, detector, seen) => {
      const { window: next, outcome } = release(window, detector, seen);
      const entries = next.entries.filter(({ captured, released }) => captured !== undefined && !released);
      return { window: { ...next, entries }, outcome };
    },
  })),
  without('core/detection/refund-reference.ts', 'our own refund is known by our reference', () => ({
    isReferenceOf: () => false,
  })),
  without(TRANSITIONS, 'partial refunds by others are kept', ({ refundByOthers }) => ({
    refundByOthers: (window, detector, seen) =>
      seen.refundedTotalMinor < seen.charge.amountMinor
        ? { window, outcome: { kind: 'unchanged' } }
        : refundByOthers(window, detector, seen),
  })),
  without(TRANSITIONS, 'of partial refunds the largest total holds', ({ refundByOthers }) => ({
    refundByOthers: (window, detector, seen) =>
      refundByOthers(
        eachEntry(window, ({ refundedTotalMinor: _, ...entry }) => entry),
        detector,
        seen,
      ),
  })),
  without(TRANSITIONS, 'a refund by others that reaches the amount releases', ({ refundByOthers }) => ({
    refundByOthers: (window, detector, seen) => {
      const { window: next, outcome } = refundByOthers(window, detector, seen);
      return { window: eachEntry(next, ({ released: _, ...entry }) => entry), outcome };
    },
  })),
  without(TRANSITIONS, 'a dispute before its capture is remembered', ({ dispute }) => ({
    dispute: (window, detector, seen) =>
      capturedIn(window, seen.charge) ? dispute(window, detector, seen) : { window, outcome: { kind: 'unchanged' } },
  })),
  without(TRANSITIONS, 'the latest event time of a dispute holds', ({ dispute }) => ({
    dispute: (window, detector, seen) =>
      dispute(
        eachEntry(window, ({ dispute: _, ...entry }) => entry),
        detector,
        seen,
      ),
  })),
  without(TRANSITIONS, 'of two disputes at one time the open one holds', ({ dispute }) => ({
    dispute: (window, detector, seen) => {
      const before = entryIn(window, seen.charge)?.dispute;
      const isTie = before !== undefined && before.atMs === seen.timeMs;
      return isTie ? { window, outcome: { kind: 'unchanged' } } : dispute(window, detector, seen);
    },
  })),
  without(TRANSITIONS, 'a dispute won by the payer releases', ({ dispute }) => ({
    dispute: (window, detector, { wonBy, ...seen }) =>
      dispute(window, detector, { ...seen, wonBy: wonBy && 'merchant' }),
  })),
  without(TRANSITIONS, 'a dispute won by the merchant is over', ({ dispute }) => ({
    dispute: (window, detector, seen) => dispute(window, detector, { ...seen, open: seen.wonBy !== 'payer' }),
  })),
  without(RAISE, 'a dispute on a charge that we refund is notified', ({ raiseFlags }) => ({
    raiseFlags: (windows, actor, context) => {
      const silent = windows.map((window) =>
        eachEntry(window, ({ dispute, ...entry }) => (entry.ours || !dispute ? entry : { ...entry, dispute })),
      );
      return raiseFlags(silent, actor, context);
    },
  })),
  without(TRANSITIONS, 'the latest closing of an order holds', ({ owe }) => ({
    owe: ({ closed: _, ...window }, detector, seen) => owe(window, detector, seen),
  })),
  without(TRANSITIONS, 'of two closings at one time `paid` holds', ({ owe }) => ({
    owe: (window, detector, seen) => {
      const isTie = window.closed?.atMs === seen.timeMs;
      return isTie ? { window, outcome: { kind: 'unchanged' } } : owe(window, detector, seen);
    },
  })),
  without(TRANSITIONS, 'an order closed unpaid opens kept charges again', ({ owe }) => ({
    owe: (window, detector, seen) => {
      const { window: next, outcome } = owe(window, detector, seen);
      return { window: next === window ? window : { ...next, entries: window.entries }, outcome };
    },
  })),
  without(WINDOW, 'an order closed unpaid owes nothing', () => ({ owedBy: () => 1 })),
  without(WINDOW, 'of an order closed unpaid every standing charge is surplus', ({ surplusOf }) => ({
    surplusOf: (window) => surplusOf(window).filter(({ captured }) => captured.verdict.kind === 'duplicate'),
  })),
];
