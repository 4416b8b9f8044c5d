import type { Fingerprint } from '../brands.ts';
import type { Charge, OrderClosed } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { otherAmountsOf } from './charge-amounts.ts';
import type { CapturedRecord } from './charge-record.ts';
import { type ChargeWindow, emptyWindow, entryOf } from './charge-window.ts';
import type { ContinuedWindows } from './continued-windows.ts';
import { type Detector, isComparingAmounts } from './detector.ts';
import { digestsOf, fingerprintOfOrder, payerDigestOf, paymentDigestOf, sameDigestOf } from './fingerprint.ts';
import { fail, inParts, type JudgeContext, type Progress, untilWritten } from './judging.ts';
import type { FoundWindow } from './window-store.ts';
import { type Filed, file, owe, total } from './window-transitions.ts';

/** The windows of one detector: those of first tellings with closings, or those that were added after them. */
export interface Round {
  readonly detectorId: string;
  readonly isAdded: boolean;
  readonly continued: ContinuedWindows;
}

/** What one event brings to a window. */
type Telling =
  | { readonly kind: 'filing'; readonly record: CapturedRecord; readonly isKnown: boolean }
  | { readonly kind: 'closing'; readonly event: OrderClosed };

/** The detector as it is for the event's merchant: a key without the merchant brings different ones into one window. */
interface Member {
  readonly progress: Progress;
  readonly detector: Detector;
  readonly telling: Telling;
}

interface Group {
  readonly detectorId: string;
  readonly fingerprint: Fingerprint;
  readonly members: Member[];
}

interface Folded {
  readonly window: ChargeWindow;
  /** Undefined for a closing, which gets no verdict. */
  readonly outcomes: readonly (Filed | undefined)[];
}

/**
 * Files captures and closings in the windows of one detector. The events that share a fingerprint are folded in stream
 * order and written once; windows that do not exist yet are inserted together.
 *
 * @returns the windows as they were left, also those that knew everything already
 */
export async function judgeWindows(
  all: readonly Progress[],
  round: Round,
  context: JudgeContext,
): Promise<readonly ChargeWindow[]> {
  const folded = groupByFingerprint(all, round, context).map((group) => ({
    group,
    ...fold(group, undefined, context),
  }));
  const touched: ChargeWindow[] = [];
  // Version 0: replays older than `retain`, which an empty window would not take. The window that is there may know them.
  const slow: Group[] = folded.filter(({ window }) => window.version === 0).map(({ group }) => group);
  const fresh = folded.filter(({ window }) => window.version > 0);
  const inserted = await context.windows.insertWindows(fresh.map(({ window }) => window));
  for (const [at, { group, window, outcomes }] of fresh.entries()) {
    const outcome = inserted[at];
    if (outcome === 'inserted') {
      conclude(group, outcomes);
      touched.push(window);
    } else if (outcome === 'exists') slow.push(group);
    else fail(progressesOf(group), outcome?.failed ?? bug('the window store gave no outcome'));
  }
  await inParts(slow, async (group) => {
    try {
      touched.push(await judgeKnown(group, context));
    } catch (error) {
      fail(progressesOf(group), error);
    }
  });
  return touched;
}

/** The window exists: read, fold, write back on its version, and again while others win. */
function judgeKnown(group: Group, context: JudgeContext): Promise<ChargeWindow> {
  const tryOnce = async (): Promise<ChargeWindow | undefined> => {
    const [found] = await context.windows.readWindows([group.fingerprint], context.nowMs());
    if (found === undefined) throw bug('the window store gave no window');
    const { before, window, outcomes } = fold(group, found, context);
    if (window !== before && (await context.windows.replaceWindow(window, found.version)) === 'conflict') {
      return undefined;
    }
    conclude(group, outcomes);
    return window;
  };
  return untilWritten('one window', tryOnce, context);
}

function progressesOf({ members }: Group): readonly Progress[] {
  return members.map(({ progress }) => progress);
}

function groupByFingerprint(all: readonly Progress[], round: Round, context: JudgeContext): readonly Group[] {
  const groups = new Map<Fingerprint, Group>();
  for (const progress of all) {
    if (progress.ended !== undefined) continue;
    const place = placeOf(progress, round, context);
    if (place === undefined) continue;
    const { detector, fingerprint, telling } = place;
    const group = groups.get(fingerprint) ?? { detectorId: detector.id, fingerprint, members: [] };
    groups.set(fingerprint, group);
    group.members.push({ progress, detector, telling });
  }
  return [...groups.values()];
}

function placeOf(
  { arrival: { event }, filing }: Progress,
  { detectorId: id, isAdded, continued }: Round,
  { configuration, digests }: JudgeContext,
): (Omit<Member, 'progress'> & Pick<Group, 'fingerprint'>) | undefined {
  if (event.kind === 'order.closed') {
    if (isAdded) return undefined;
    const detector = configuration.detectorFor(id, event);
    if (!detector?.orders) return undefined;
    const today = fingerprintOfOrder(detector, event, { digests, namespaceOf: configuration.namespaceOf });
    const fingerprint = continued.get(today)?.fingerprint ?? today;
    return { detector, fingerprint, telling: { kind: 'closing', event } };
  }
  if (filing === undefined) return undefined;
  const { charge, windows } = filing.record.capture;
  const filed = windows.find(({ detector, added = false }) => detector === id && added === isAdded);
  const detector = configuration.detectorFor(id, charge);
  if (detector === undefined || filed === undefined) return undefined;
  return { detector, fingerprint: filed.fingerprint, telling: { kind: 'filing', ...filing } };
}

function fold(
  group: Group,
  found: FoundWindow | undefined,
  context: JudgeContext,
): Folded & { readonly before: ChargeWindow } {
  // An expired window is as if it had never been, but its item's version goes on rising.
  const empty = { ...emptyWindow(group.detectorId, group.fingerprint), version: found?.version ?? 0 };
  const before = found?.window ?? empty;
  let window = before;
  const outcomes: (Filed | undefined)[] = [];
  for (const member of group.members) {
    const step = tell(window, member, context);
    window = step.window;
    outcomes.push(step.outcome);
  }
  return { before, window, outcomes };
}

function tell(
  window: ChargeWindow,
  { telling, detector, progress }: Member,
  { nowMs, configuration: { history }, ...context }: JudgeContext,
): { readonly window: ChargeWindow; readonly outcome: Filed | undefined } {
  if (telling.kind === 'closing') {
    const { outcome, source, timeMs, total: told } = telling.event;
    const isStale = history === 'hold' && progress.arrival.arrivedMs - timeMs > detector.retainMs;
    const closed = owe(window, detector, { outcome, source, timeMs, nowMs: nowMs(), isStale });
    if (told === undefined) return { window: closed, outcome: undefined };
    const { amountMinor: totalMinor, currency } = told;
    const when = { timeMs, nowMs: nowMs() };
    return { window: total(closed, detector, { currency, totalMinor, source, ...when }), outcome: undefined };
  }
  const { record, isKnown } = telling;
  const { charge, timeMs, seenMs } = record.capture;
  const digests = digestsOf(window.fingerprint, context.digests);
  const likenessOf = (of: Charge) => ({
    same: sameDigestOf(detector, of, digests),
    amountMinor: detector.near && of.amountMinor,
  });
  // Under a detector that compares no amounts each further one is like the first, and adds nothing.
  const others = isComparingAmounts(detector) ? otherAmountsOf(record) : [];
  const filed = file(window, detector, {
    id: record.id,
    timeMs,
    seenMs,
    ...likenessOf(charge),
    also: others.map((amountMinor) => likenessOf({ ...charge, amountMinor })),
    payment: paymentDigestOf(charge, digests),
    payer: payerDigestOf(charge, digests),
    isKnown,
    nowMs: nowMs(),
    decided: progress.decided,
  });
  const { event } = progress.arrival;
  if (!detector.orders || event.kind !== 'charge.captured' || event.orderTotalMinor === undefined) {
    return { window: filed.window, outcome: filed.outcome };
  }
  // A replay of what was forgotten tells nothing of an order that is remembered.
  if (entryOf(filed.window, record.id) === undefined) return { window: filed.window, outcome: filed.outcome };
  const { source, currency } = charge;
  const told = { currency, totalMinor: event.orderTotalMinor, source, timeMs: event.timeMs, nowMs: nowMs() };
  return { window: total(filed.window, detector, told), outcome: filed.outcome };
}

function conclude({ members }: Group, outcomes: Folded['outcomes']): void {
  for (const [at, { progress, detector }] of members.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    if (progress.arrival.event.kind !== 'charge.captured') {
      // An adjustment has no verdict; weaker windows get that of its charge. Where it finds no place, its capture reports it.
      if (outcome.kind === 'judged' && outcome.verdict.kind === 'duplicate') progress.decided ??= outcome.verdict;
      continue;
    }
    if (outcome.kind === 'overflow') {
      progress.ended = { kind: 'quarantined', reason: 'overflow', detail: outcome.detail };
      continue;
    }
    const { event, arrivedMs } = progress.arrival;
    progress.replay ||= outcome.replay;
    progress.late ||= arrivedMs - event.timeMs > detector.latenessMs;
    if (outcome.verdict.kind === 'duplicate') progress.decided ??= outcome.verdict;
  }
}
