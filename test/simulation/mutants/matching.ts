import { asFlagId } from '../../../core/brands.ts';
import { type ChargeRecord, isReleased } from '../../../core/detection/charge-record.ts';
import { rootOf, type Verdict, type WindowEntry } from '../../../core/detection/charge-window.ts';
import type { Filing, file } from '../../../core/detection/window-transitions.ts';
import type { Charges } from '../charges.ts';
import { FILING, type Mutant, without, withoutInStore } from './mutant.ts';

type File = typeof file;

const STRANGER = asFlagId('a stranger');

/** A new charge gets the verdict that the mutant finds, and is remembered beside the others as they are. */
function judging(verdictBy: (original: File, ...given: Parameters<File>) => Verdict | undefined) {
  return ({ file: original }: { readonly file: File }): { readonly file: File } => ({
    file: (window, detector, filing) => {
      const step = original(window, detector, filing);
      const isNew = step.outcome.kind === 'judged' && !step.outcome.replay && filing.decided === undefined;
      const verdict = isNew ? verdictBy(original, window, detector, filing) : undefined;
      if (verdict === undefined) return step;
      const entries = step.window.entries.map((entry) => (entry.id === filing.id ? { ...entry, verdict } : entry));
      return { window: { ...step.window, entries }, outcome: { kind: 'judged', verdict, replay: false } };
    },
  });
}

/** The mutant judges by other entries than there are. */
function judgingBy(change: (entries: readonly WindowEntry[], filing: Filing) => readonly WindowEntry[]) {
  return judging((original, window, detector, filing) => {
    const { outcome } = original({ ...window, entries: change(window.entries, filing) }, detector, filing);
    return outcome.kind === 'judged' ? outcome.verdict : undefined;
  });
}

/** Charges whose record is so match nothing: their digest is another for whoever reads the window. */
function unmatched(rule: string, isSo: (record: ChargeRecord) => boolean): Mutant {
  return withoutInStore('windows', rule, ({ windows, records }: Charges) => ({
    readWindows: async (fingerprints, nowMs) => {
      const found = await windows.readWindows(fingerprints, nowMs);
      return Promise.all(
        found.map(async ({ window, version }) => {
          if (window === undefined) return { window, version };
          const ids = window.entries.map(({ id }) => id);
          const read = await records.readRecords(ids, nowMs);
          const entries = window.entries.map((entry, at) => {
            const record = read[at]?.record;
            return record !== undefined && isSo(record) ? { ...entry, same: `~${entry.same}` } : entry;
          });
          return { window: { ...window, entries }, version };
        }),
      );
    },
    replaceWindow: (window, expectedVersion) => {
      const entries = window.entries.map((entry) => ({ ...entry, same: entry.same.replace('~', '') }));
      return windows.replaceWindow({ ...window, entries }, expectedVersion);
    },
  }));
}

/** Which charges meet, and what a charge is beside those that it meets. */
export const MATCHING: readonly Mutant[] = [
  withoutInStore('windows', 'a window is written on the version that was read', ({ windows }) => ({
    replaceWindow: async (window) => {
      const [found] = await windows.readWindows([window.fingerprint], 0);
      return windows.replaceWindow(window, found?.version ?? 0);
    },
  })),
  withoutInStore('records', 'a record is written on the version that was read', ({ records }) => ({
    replaceRecord: async (record) => {
      const [found] = await records.readRecords([record.id], 0);
      return records.replaceRecord(record, found?.version ?? 0);
    },
  })),
  withoutInStore('windows', 'an insert that finds an item takes the slow path', ({ windows }) => ({
    insertWindows: async (all) =>
      (await windows.insertWindows(all)).map((outcome) => (outcome === 'exists' ? 'inserted' : outcome)),
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
  without(FILING, 'a known charge is a replay', (original) => ({
    file: (window, detector, filing) => {
      const isKnown = window.entries.some(({ id }) => id === filing.id);
      if (!isKnown) return original.file(window, detector, filing);
      const others = window.entries.filter(({ id }) => id !== filing.id);
      return original.file({ ...window, entries: others }, detector, { ...filing, isKnown: false });
    },
  })),
  without(FILING, 'a capture whose entry was forgotten in time is a replay', (original) => ({
    file: (window, detector, filing) => original.file(window, detector, { ...filing, isKnown: false }),
  })),
  without(FILING, 'clusters and closed orders are never forgotten', (original) => ({
    file: (window, detector, filing) => {
      const entries = window.entries.filter(({ sinceMs }) => sinceMs + detector.retainMs > filing.nowMs);
      return original.file({ ...window, entries }, detector, filing);
    },
  })),
  without('core/detection/fingerprint.ts', 'charges match when they agree in `same`', () => ({
    sameDigestOf: () => 'the same',
  })),
  without('core/detection/fingerprint.ts', 'absent equals absent only', ({ sameDigestOf }) => ({
    sameDigestOf: ({ same, ...detector }, charge, digests) =>
      sameDigestOf({ ...detector, same: same.filter((field) => field !== 'part') }, charge, digests),
  })),
  without(FILING, 'charges match within the window of time', (original) => ({
    file: (window, detector, filing) =>
      original.file(window, { ...detector, reviewWindowMs: Number.POSITIVE_INFINITY }, filing),
  })),
  without(
    FILING,
    'a chain reaches no further than the window from its original',
    judging((original, window, detector, filing) => {
      // Each entry is the beginning of a chain of its own.
      const entries = window.entries.map((entry) => ({ ...entry, verdict: { kind: 'original' } as const }));
      const { outcome } = original({ ...window, entries }, detector, filing);
      if (outcome.kind !== 'judged' || outcome.verdict.kind === 'original') return undefined;
      const { root, detector: by } = outcome.verdict;
      const met = window.entries.find(({ id }) => id === root);
      const end = met === undefined ? root : rootOf(met);
      return end === filing.id ? undefined : { kind: 'duplicate', root: end, detector: by };
    }),
  ),
  without(
    FILING,
    'of several matches the first gives the original',
    judgingBy((entries) => entries.toReversed()),
  ),
  without(
    FILING,
    'charges that would be their own original do not match',
    judging((original, window, detector, filing) => {
      const { outcome } = original(window, detector, { ...filing, id: STRANGER });
      return outcome.kind === 'judged' ? outcome.verdict : undefined;
    }),
  ),
  without(FILING, 'the first detector that finds a duplicate decides alone', (original) => ({
    file: (window, detector, filing) => original.file(window, detector, { ...filing, decided: undefined }),
  })),
  unmatched('charges released by others match all the same', isReleased),
  unmatched('refunded charges match, however fast refunds are', ({ ours }) => ours?.state === 'refunded'),
  unmatched('disputed charges match', ({ dispute }) => dispute?.open === true),
  unmatched('kept charges match', ({ kept }) => kept !== undefined),
];
