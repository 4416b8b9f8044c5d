import type { Fingerprint } from '../brands.ts';
import type { ChargeView } from './charge-view.ts';
import { type ChargeWindow, type DuplicateVerdict, mayHaveSurplus } from './charge-window.ts';
import { continuedWindows } from './continued-windows.ts';
import { judgeRecords } from './judge-records.ts';
import { judgeWindows, type Round } from './judge-windows.ts';
import type { Arrival, JudgeContext, Judgement, Progress } from './judging.ts';
import { strongestFirst, viewsOf } from './read-views.ts';

export interface Judged {
  /** In the order of the arrivals. */
  readonly judgements: readonly Judgement[];
  readonly touched: Touched;
}

/** Everything from which effects follow, whether this batch has changed it or found it unchanged. */
export interface Touched {
  /** Windows that captures and closings were filed in, as they were left. */
  readonly windows: readonly ChargeWindow[];
  /** Windows of the charges that lifecycle events told of. */
  readonly fingerprints: readonly Fingerprint[];
}

/**
 * Judges a batch: first the charges' records, then one round of windows per detector, strongest first, so that a weaker
 * one knows what was decided. Harmless when run again: every transition recognises what it has seen.
 */
export async function judgeBatch(arrivals: readonly Arrival[], context: JudgeContext): Promise<Judged> {
  const all: Progress[] = arrivals.map((arrival) => ({ arrival, replay: false, late: false }));
  const continued = await continuedWindows(all, context);
  await judgeRecords(all, { ...context, continued });
  const left = new Map<Fingerprint, ChargeWindow>();
  const judgeRounds = async ({ isAdded }: Pick<Round, 'isAdded'>) => {
    for (const { id } of context.configuration.detectors) {
      const windows = await judgeWindows(all, { detectorId: id, isAdded, continued }, context);
      for (const window of windows) left.set(window.fingerprint, window);
    }
  };
  await judgeRounds({ isAdded: false });
  const verdicts = all.map(({ decided }) => decided);
  // A detector added since finds what the first telling has decided, and does not change it.
  await judgeRounds({ isAdded: true });
  const fingerprints = all.flatMap(({ touched }) => touched?.capture?.windows ?? []).map((filed) => filed.fingerprint);
  const judgements = all.map((progress, at) => judgementOf(progress, verdicts[at]));
  return { judgements, touched: { windows: [...left.values()], fingerprints } };
}

/**
 * Reads what effects follow from, after all that the batch has written: every worker writes its own item first and reads
 * the other kind then, so that of two that meet at least one sees both. Windows without surplus are left out. Strongest
 * detector first.
 */
export async function readTouched(
  { windows, fingerprints }: Touched,
  context: JudgeContext,
): Promise<readonly ChargeView[]> {
  const known = new Set(windows.map(({ fingerprint }) => fingerprint));
  const unread = [...new Set(fingerprints)].filter((fingerprint) => !known.has(fingerprint));
  const found = unread.length === 0 ? [] : await context.windows.readWindows(unread, context.nowMs());
  const read = found.flatMap(({ window }) => (window === undefined ? [] : [window]));
  const views = await viewsOf([...windows, ...read].filter(mayHaveSurplus), context);
  return strongestFirst(views, context.configuration);
}

function judgementOf(
  { arrival, replay, late, ended, touched }: Progress,
  decided: DuplicateVerdict | undefined,
): Judgement {
  if (ended !== undefined) return ended;
  if (arrival.event.kind !== 'charge.captured') {
    const isUncaptured = touched !== undefined && touched.capture === undefined;
    return { kind: 'judged', replay, late, ...(isUncaptured && { isUncaptured }) };
  }
  return { kind: 'judged', verdict: decided ?? { kind: 'original' }, replay, late };
}
