import type { Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import { type EscalateContext, escalateDeadlines } from '../cases/escalate-deadlines.ts';
import { type Flag, type FlagIn, type FlagStatus, passesByItself } from '../cases/flag.ts';
import { approve } from '../cases/flag-transitions.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock-units.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { behindUntilMs, type LagStore } from '../detection/reader-lag.ts';
import type { RecordStore } from '../detection/record-store.ts';
import { pages } from '../pages.ts';
import { dispatch } from './dispatch.ts';
import type { FreezeStore } from './freeze.ts';
import { escalateHold, overdue } from './overdue-hold.ts';
import type { RefundSettings } from './refund-settings.ts';
import { askedAgainMs } from './silence.ts';
import type { Workflows } from './workflows.ts';

export interface SweepContext extends EscalateContext {
  readonly cases: EscalateContext['cases'] & Pick<CaseStore, 'flagsByStatus'>;
  readonly configuration: RefundSettings & Pick<DetectorCatalog, 'detectorFor'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
  readonly lag: Pick<LagStore, 'readLag'>;
  readonly records: Pick<RecordStore, 'readRecords'>;
  readonly workflows: Workflows;
}

export interface Swept {
  readonly started: number;
  readonly woken: number;
  readonly released: number;
  /** Holds that people have not answered. */
  readonly escalated: number;
  readonly expired: number;
  /** Cases whose deadline came near. */
  readonly urgent: number;
}

/** Younger flags are still on their way through the stream. */
const OVERDUE_MS = 10 * MINUTE_MS;
/** This long after its grace period, the execution of a flag still open has ended without a word. */
const LOST_MS = HOUR_MS;
/** An outcome is asked for daily at most, for five days; a refund that runs for longer has lost its execution. */
const ASKED_MS = 6 * DAY_MS;
/**
 * In a burst that dispatch paces, flags are overdue by the thousand and not lost: one run starts at most this many, drawn
 * by lot. Flags that cannot get on would otherwise take every run's turns from a younger one that is lost.
 */
const RESTARTED_MAX = 400;
/** Holds that one run changes: a thaw of very many must leave time to repair. What was changed leaves the list, or is not due. */
const ESCALATED_MAX = 5_000;
const PAGE = 100;
/**
 * Bounds one run, which begins with the oldest. What waits for people stays in the list and is only read, half a minute of
 * it at most: with more of it than this, younger ones that a thaw lets go would wait until the older ones expire.
 */
const PAGES_MAX = 500;

/**
 * Looks at flags that are held: what waits only for a thaw, for the readers, for the next hour's budget or for a silent processor goes on when that is over;
 * what people have not answered is escalated, and at last expires. Marks the cases whose deadline is near. Then repairs what
 * the stream could not deliver: starts overdue open flags, wakes approved ones whose workflow still waits. Starting and
 * waking are idempotent, so a flag that was merely slow is not refunded twice.
 *
 * @throws the first fault, after every part has run: one list with an unreadable flag does not stop the others
 */
export async function sweep(context: SweepContext): Promise<Swept> {
  const swept = { started: 0, woken: 0, released: 0, escalated: 0, expired: 0, urgent: 0 };
  const faults: unknown[] = [];
  // What starts workflows comes last, for it may take long: starts are paced.
  for (const part of [sweepHolds, sweepDeadlines, startOpen, restartRefunding, wakeApproved]) {
    try {
      const { started = 0, woken = 0, ...others } = await part(context);
      Object.assign(swept, others, { started: swept.started + started, woken: swept.woken + woken });
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return swept;
}

async function sweepDeadlines(context: SweepContext): Promise<Partial<Swept>> {
  return { urgent: await escalateDeadlines(context) };
}

async function startOpen(context: SweepContext): Promise<Partial<Swept>> {
  let started = 0;
  for (const flag of await overdueOf('open', context)) {
    const outcome = await dispatch(flag, context);
    const isLost = outcome === 'already-started' && isOlderThan(graceMsOf(flag, context) + LOST_MS, flag, context);
    if (outcome === 'started' || (isLost && (await restart(flag, context)) === 'started')) started++;
  }
  return { started };
}

async function restartRefunding(context: SweepContext): Promise<Partial<Swept>> {
  let started = 0;
  for await (const flag of flagsOf('refunding', context)) {
    if (flag.unanswered || !isOlderThan(ASKED_MS, flag, context)) continue;
    // A freeze keeps its execution waiting for as long as it lasts.
    if (await context.freezes.isFrozen(flag.charge.merchant)) continue;
    if ((await restart(flag, context)) === 'started') started++;
  }
  return { started };
}

async function wakeApproved(context: SweepContext): Promise<Partial<Swept>> {
  let [started, woken] = [0, 0];
  for (const flag of await overdueOf('approved', context)) {
    const outcome = await dispatch(flag, context);
    if (outcome === 'woken') woken++;
    // Nobody waits on the token: a repetition of the hold overwrote it, or the execution has ended. The steps are
    // idempotent and the claim is one for flag and attempt, so another execution does no harm.
    if (outcome === 'gone' && (await restart(flag, context)) === 'started') started++;
  }
  return { started, woken };
}

async function sweepHolds(context: SweepContext): Promise<Partial<Swept>> {
  let [released, escalated, expired] = [0, 0, 0];
  for await (const flag of flagsOf('held', context)) {
    const isOverdue = overdue(flag, context.configuration, context.nowMs()).due !== 'no';
    if ((await isOver(flag, context)) || (isOverdue && (await isClaimed(flag, context)))) {
      await release(flag, context);
      released++;
    } else if (isOverdue) {
      const after = await escalateHold(flag, context);
      if (after?.status === 'held') escalated++;
      if (after?.status === 'expired') expired++;
    }
    if (released + escalated + expired >= ESCALATED_MAX) break;
  }
  return { released, escalated, expired };
}

/** A hold beside a claim that was granted already would end unanswered and leave it granted for ever. */
async function isClaimed({ id, attempt }: Flag, { records, nowMs }: SweepContext): Promise<boolean> {
  const [found] = await records.readRecords([id], nowMs());
  const ours = found?.record?.ours;
  return ours?.attempt === attempt && ours.state === 'claimed';
}

/** One more execution of the attempt in each clock hour: also the one that was to repair it can be lost. */
function restart({ id, attempt }: Flag, { workflows, nowMs }: SweepContext) {
  return workflows.start({ flagId: id, attempt, graceMs: 0, round: Math.floor(nowMs() / HOUR_MS) });
}

function graceMsOf({ detector, charge }: Flag, { configuration }: SweepContext): Ms {
  return configuration.detectorFor(detector, charge)?.graceMs ?? 0;
}

/** Draws each overdue flag with the same chance. Source: J. S. Vitter, "Random Sampling with a Reservoir", 1985, algorithm R. */
async function overdueOf(status: 'open' | 'approved', context: SweepContext): Promise<readonly Flag[]> {
  const drawn: Flag[] = [];
  let found = 0;
  for await (const flag of flagsOf(status, context)) {
    if (!isOlderThan(OVERDUE_MS, flag, context)) continue;
    found++;
    const place = drawn.length < RESTARTED_MAX ? drawn.length : Math.floor(context.random() * found);
    if (place < RESTARTED_MAX) drawn[place] = flag;
  }
  return drawn;
}

function isOlderThan(ageMs: Ms, { updatedAtMs }: Flag, { nowMs }: SweepContext): boolean {
  return nowMs() - updatedAtMs >= ageMs;
}

async function isOver(flag: FlagIn<'held'>, context: SweepContext): Promise<boolean> {
  const { freezes, lag, nowMs } = context;
  const { waitsFor } = flag.wait;
  const graceMs = graceMsOf(flag, context);
  if (waitsFor.length === 0 || !waitsFor.every(passesByItself)) return false;
  if (await freezes.isFrozen(flag.charge.merchant)) return false;
  if (waitsFor.includes('behind') && behindUntilMs(await lag.readLag(), { graceMs, nowMs: nowMs() })) return false;
  if (waitsFor.includes('silent') && nowMs() < askedAgainMs(flag)) return false;
  const boundMs = flag.wait.facts?.budget?.ramp === undefined ? HOUR_MS : DAY_MS;
  return !waitsFor.includes('budget') || Math.floor(nowMs() / boundMs) > Math.floor(flag.updatedAtMs / boundMs);
}

async function release(flag: FlagIn<'held'>, context: CaseContext): Promise<void> {
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.status !== 'held' || now.version !== flag.version) return [];
      const act = { actor: 'system:sweep', atMs: context.nowMs(), reason: `over: ${flag.wait.waitsFor.join(', ')}` };
      return [approve(now, {}, act)];
    },
    context,
  );
}

async function* flagsOf<Status extends FlagStatus>(
  status: Status,
  { cases }: SweepContext,
): AsyncGenerator<FlagIn<Status>> {
  const found = pages((place) => cases.flagsByStatus(status, { limit: PAGE, ...place }), PAGES_MAX);
  for await (const { items } of found) yield* items;
}
