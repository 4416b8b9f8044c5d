import type { Fingerprint, Ms } from '../brands.ts';
import type { Charge, ChargeEvent, PaymentEvent } from '../events/payment-event.ts';
import { bug, contentionLost } from '../fault.ts';
import { backoffMs, type Random, type Sleep } from '../retry.ts';
import { type ChargeWindow, emptyWindow, type Verdict } from './charge-window.ts';
import { appliesTo, type Detector } from './detector.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import { type Digests, fingerprintOf, fingerprintOfOrder } from './fingerprint.ts';
import { dispute, type LifecycleOutcome, type Observed, observe, owe, refundByOthers, release } from './transitions.ts';
import type { WindowStore } from './window-store.ts';

/** One event of a batch, in stream order. */
export interface Arrival {
  readonly event: PaymentEvent;
  /** When it reached the stream, ms since the epoch. */
  readonly arrivedMs: Ms;
}

export type Judgement =
  | { readonly kind: 'judged'; readonly verdict?: Verdict; readonly replay: boolean; readonly late: boolean }
  | { readonly kind: 'quarantined'; readonly reason: 'conflict' | 'overflow'; readonly detail: string }
  /** Nothing is known: the record must come again. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Judged {
  /** In the order of the arrivals. */
  readonly judgements: readonly Judgement[];
  /** Every window that a judged event touched, as it was left: effects follow from these. */
  readonly windows: readonly ChargeWindow[];
}

export interface JudgeContext {
  readonly configuration: DetectorCatalog;
  readonly digests: Digests;
  readonly store: WindowStore;
  readonly isOurReference: (charge: Charge, reference: string) => boolean;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** 32 workers on one fingerprint each lose most races; the batch's time-out, not this, is the usual end. */
const CONTENTION = { triesMax: 60, baseMs: 8, capMs: 400 };
/** Bounds the slow path's open requests; the client's socket pool holds 50. */
const SLOW_PATH_PARALLEL = 16;

interface Progress {
  readonly arrival: Arrival;
  decided?: Verdict & { readonly kind: 'duplicate' };
  replay: boolean;
  late: boolean;
  ended?: Judgement;
}

/** The detector as it is for the event's merchant: a key without the merchant brings different ones into one window. */
interface Member {
  readonly progress: Progress;
  readonly detector: Detector;
}

interface Group {
  readonly detectorId: string;
  readonly fingerprint: Fingerprint;
  readonly members: Member[];
}

type Outcome = Observed | LifecycleOutcome;

/**
 * Judges a batch: one round per detector, strongest first, so that a weaker one knows what was decided. Within a round
 * the events that share a fingerprint are folded in stream order and written once; windows that do not exist yet are
 * inserted together. Harmless when run again: every transition recognises what it has seen.
 */
export async function judgeBatch(arrivals: readonly Arrival[], context: JudgeContext): Promise<Judged> {
  const all: Progress[] = arrivals.map((arrival) => ({ arrival, replay: false, late: false }));
  const touched: ChargeWindow[] = [];
  for (const [rank] of context.configuration.detectors.entries()) {
    const groups = groupByFingerprint(all, rank, context);
    for (const window of await judgeRound(groups, context)) touched.push(window);
  }
  return { judgements: all.map(judgementOf), windows: touched };
}

function judgementOf({ arrival, decided, replay, late, ended }: Progress): Judgement {
  if (ended !== undefined) return ended;
  if (arrival.event.kind !== 'charge.captured') return { kind: 'judged', replay, late };
  return { kind: 'judged', verdict: decided ?? { kind: 'original' }, replay, late };
}

function groupByFingerprint(all: readonly Progress[], rank: number, context: JudgeContext): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const progress of all) {
    if (progress.ended !== undefined) continue;
    const found = windowKeyOf(progress.arrival.event, rank, context);
    if (found === undefined) continue;
    const { detector, fingerprint } = found;
    const group = groups.get(fingerprint) ?? { detectorId: detector.id, fingerprint, members: [] };
    groups.set(fingerprint, group);
    group.members.push({ progress, detector });
  }
  return [...groups.values()];
}

function windowKeyOf(
  event: PaymentEvent,
  rank: number,
  context: JudgeContext,
): { readonly detector: Detector; readonly fingerprint: Fingerprint } | undefined {
  const keys = { digests: context.digests, namespaceOf: context.configuration.namespaceOf };
  const { detectors, detectorFor } = context.configuration;
  const id = detectors[rank]!.id; // ranks are those of the configured detectors
  if (event.kind === 'order.closed') {
    const detector = detectorFor(id, event);
    if (!detector?.orders) return undefined;
    return { detector, fingerprint: fingerprintOfOrder(detector, event, keys) };
  }
  const detector = detectorFor(id, event.charge);
  if (detector === undefined || !appliesTo(detector, event.charge)) return undefined;
  return { detector, fingerprint: fingerprintOf(detector, event.charge, keys) };
}

async function judgeRound(groups: readonly Group[], context: JudgeContext): Promise<readonly ChargeWindow[]> {
  const folded = groups.map((group) => ({ group, ...fold(group, undefined, context) }));
  // Version 0: the events say nothing that a window must remember (events of our own refunds).
  const [silent, fresh] = [folded.filter(isSilent), folded.filter((group) => !isSilent(group))];
  for (const { group, outcomes } of silent) conclude(group, outcomes);
  const inserted = await context.store.insertAll(fresh.map(({ window }) => window));
  const windows: ChargeWindow[] = [];
  const slow: Group[] = [];
  for (const [at, { group, window, outcomes }] of fresh.entries()) {
    const outcome = inserted[at];
    if (outcome === 'inserted') {
      conclude(group, outcomes);
      windows.push(window);
    } else if (outcome === 'exists') slow.push(group);
    else fail(group, outcome?.failed ?? bug('the window store gave no outcome'));
  }
  for (let from = 0; from < slow.length; from += SLOW_PATH_PARALLEL) {
    const part = slow.slice(from, from + SLOW_PATH_PARALLEL);
    const ends = await Promise.all(part.map((group) => judgeKnown(group, context)));
    for (const window of ends) if (window !== undefined) windows.push(window);
  }
  return windows;
}

function isSilent({ window }: { readonly window: ChargeWindow }): boolean {
  return window.version === 0;
}

/** The window exists: read, fold, write back on its version, and again while others win. */
async function judgeKnown(group: Group, context: JudgeContext): Promise<ChargeWindow | undefined> {
  try {
    for (let attempt = 0; attempt < CONTENTION.triesMax; attempt++) {
      const [found] = await context.store.read([group.fingerprint], context.nowMs());
      if (found === undefined) throw bug('the window store gave no window');
      const { window, outcomes } = fold(group, found, context);
      const isUnchanged = window === found.window;
      if (
        isUnchanged ||
        (await context.store.replaceAll([{ window, expectedVersion: found.version }])) === 'replaced'
      ) {
        conclude(group, outcomes);
        return window;
      }
      await context.sleep(backoffMs(attempt, CONTENTION, context.random));
    }
    throw contentionLost('one window', CONTENTION.triesMax);
  } catch (error) {
    fail(group, error);
    return undefined;
  }
}

function fold(
  group: Group,
  found: { readonly window: ChargeWindow | undefined; readonly version: number } | undefined,
  context: JudgeContext,
): { readonly window: ChargeWindow; readonly outcomes: readonly Outcome[] } {
  const nowMs = context.nowMs();
  // An expired window is as if it had never been, but its item's version goes on rising.
  let window = found?.window ?? { ...emptyWindow(group.detectorId, group.fingerprint), version: found?.version ?? 0 };
  const outcomes: Outcome[] = [];
  for (const { progress, detector } of group.members) {
    const step = apply(window, detector, { progress, nowMs, context });
    window = step.window;
    outcomes.push(step.outcome);
  }
  return { window, outcomes };
}

function apply(
  window: ChargeWindow,
  detector: Detector,
  { progress, nowMs, context }: { readonly progress: Progress; readonly nowMs: Ms; readonly context: JudgeContext },
): { readonly window: ChargeWindow; readonly outcome: Outcome } {
  const { event, arrivedMs } = progress.arrival;
  const when = { timeMs: event.timeMs, nowMs };
  switch (event.kind) {
    case 'charge.captured': {
      const decided = progress.decided === undefined ? {} : { decided: progress.decided };
      return observe(window, detector, { ...when, charge: event.charge, arrivedMs, ...decided });
    }
    case 'order.closed':
      return owe(window, detector, { ...when, outcome: event.outcome, source: event.source });
    default:
      return applyLifecycle(window, detector, { event, when, context });
  }
}

function applyLifecycle(
  window: ChargeWindow,
  detector: Detector,
  {
    event,
    when,
    context,
  }: {
    readonly event: Exclude<ChargeEvent, { kind: 'charge.captured' }>;
    readonly when: { readonly timeMs: Ms; readonly nowMs: Ms };
    readonly context: JudgeContext;
  },
): { readonly window: ChargeWindow; readonly outcome: LifecycleOutcome } {
  const { charge } = event;
  switch (event.kind) {
    case 'charge.voided':
    case 'charge.failed':
      return release(window, detector, { ...when, charge });
    case 'charge.refunded': {
      // What we did ourselves is in the window by claim and outcome; counting it again would hide others' part.
      const isOurs = event.reference !== undefined && context.isOurReference(charge, event.reference);
      if (isOurs) return { window, outcome: { kind: 'unchanged' } };
      return refundByOthers(window, detector, { ...when, charge, refundedTotalMinor: event.refundedTotalMinor });
    }
    case 'charge.disputed':
      return dispute(window, detector, { ...when, charge, open: event.open, wonBy: event.wonBy });
  }
}

function conclude(group: Group, outcomes: readonly Outcome[]): void {
  for (const [at, { progress }] of group.members.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) throw bug('fewer outcomes than events');
    if (outcome.kind === 'conflict' || outcome.kind === 'overflow') {
      progress.ended = { kind: 'quarantined', reason: outcome.kind, detail: outcome.detail };
    } else if (outcome.kind === 'judged') {
      progress.replay ||= outcome.replay;
      progress.late ||= outcome.late;
      if (outcome.verdict.kind === 'duplicate') progress.decided ??= outcome.verdict;
    }
  }
}

function fail(group: Group, error: unknown): void {
  for (const { progress } of group.members) progress.ended = { kind: 'failed', error };
}
