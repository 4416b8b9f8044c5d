import type { FlagId, Ms } from '../brands.ts';
import type { Charge, ChargeEvent, LifecycleEvent, PaymentEvent } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { type ChargeRecord, emptyRecord, type FiledIn, isCaptured } from './charge-record.ts';
import type { ContinuedWindows } from './continued-windows.ts';
import { appliesTo } from './detector.ts';
import { fingerprintOf, flagIdOf } from './fingerprint.ts';
import { fail, inParts, type JudgeContext, type Progress, untilWritten } from './judging.ts';
import { type OwnRefund, reportOwnRefund } from './own-refunds.ts';
import {
  adjust,
  capture,
  dispute,
  type Noted,
  refundByOthers,
  refundOneByOthers,
  release,
  repeat,
} from './record-transitions.ts';
import { attemptOfReference, isReferenceOf } from './refund-reference.ts';

interface Group {
  readonly id: FlagId;
  readonly members: Member[];
}

interface Member {
  readonly progress: Progress;
  readonly event: ChargeEvent;
}

interface RecordsContext extends JudgeContext {
  readonly continued: ContinuedWindows;
}

interface Folded {
  readonly record: ChargeRecord;
  readonly outcomes: readonly Noted[];
}

/**
 * Folds the charge events of a batch, charge by charge, into their records: records that do not exist yet are inserted
 * together, the others are read, folded and replaced on their version. Afterwards each event names its record.
 */
export async function judgeRecords(all: readonly Progress[], context: RecordsContext): Promise<void> {
  const folded = groupByCharge(all, context).map((group) => {
    const before = emptyRecord(group.id, firstOf(group).event.charge);
    return { group, before, ...fold(before, group, context) };
  });
  // Version 0: the events say nothing that a record must remember (events of our own refunds).
  const fresh = folded.filter(({ record }) => record.version > 0);
  const inserted = await context.records.insertRecords(fresh.map(({ record }) => record));
  const slow: Group[] = [];
  for (const [at, { group, before, ...rest }] of fresh.entries()) {
    const outcome = inserted[at];
    if (outcome === 'inserted') conclude(group, before, rest);
    else if (outcome === 'exists') slow.push(group);
    else
      fail(
        group.members.map(({ progress }) => progress),
        outcome?.failed ?? bug('the record store gave no outcome'),
      );
  }
  await inParts(slow, (group) => judgeKnown(group, context));
}

/** The record exists: read, fold, write back on its version, and again while others win. */
async function judgeKnown(group: Group, context: RecordsContext): Promise<void> {
  const tryOnce = async (): Promise<true | undefined> => {
    const [found] = await context.records.readRecords([group.id], context.nowMs());
    if (found === undefined) throw bug('the record store gave no record');
    // An expired record is as if it had never been, but its item's version goes on rising.
    const empty = { ...emptyRecord(group.id, firstOf(group).event.charge), version: found.version };
    const before = found.record ?? empty;
    const folded = fold(before, group, context);
    const isUnchanged = folded.record === before;
    if (!isUnchanged && (await context.records.replaceRecord(folded.record, found.version)) === 'conflict') {
      return undefined;
    }
    conclude(group, before, folded);
    return true;
  };
  try {
    await untilWritten('one charge record', tryOnce, context);
  } catch (error) {
    fail(
      group.members.map(({ progress }) => progress),
      error,
    );
  }
}

function groupByCharge(all: readonly Progress[], { digests }: JudgeContext): readonly Group[] {
  const groups = new Map<FlagId, Group>();
  for (const progress of all) {
    const { event } = progress.arrival;
    if (event.kind === 'order.closed') continue;
    const id = flagIdOf(event.charge, digests);
    const group = groups.get(id) ?? { id, members: [] };
    groups.set(id, group);
    group.members.push({ progress, event });
  }
  return [...groups.values()];
}

function firstOf({ members: [first] }: Group): Member {
  if (first === undefined) throw bug('a group without events');
  return first;
}

function fold(before: ChargeRecord, group: Group, context: RecordsContext): Folded {
  const nowMs = context.nowMs();
  let record = before;
  const outcomes: Noted[] = [];
  for (const { event, progress } of group.members) {
    const noted =
      event.kind === 'charge.captured'
        ? capture(record, {
            charge: event.charge,
            timeMs: event.timeMs,
            nowMs,
            arrivedMs: progress.arrival.arrivedMs,
            history: context.configuration.history,
            windows: windowsFor(record.capture?.charge ?? event.charge, record.capture?.windows ?? [], context),
          })
        : { kind: 'noted' as const, record: note(record, event, nowMs) };
    record = noted.record;
    outcomes.push(noted);
  }
  return { record, outcomes };
}

/** Returns the windows of today's detectors that the charge is not filed in yet, strongest detector first. */
function windowsFor(
  charge: Charge,
  filed: readonly FiledIn[],
  { configuration, digests, continued }: RecordsContext,
): readonly FiledIn[] {
  const keys = { digests, namespaceOf: configuration.namespaceOf };
  const known = new Set(filed.map(({ detector }) => detector));
  return configuration
    .detectorsFor(charge)
    .filter((detector) => !known.has(detector.id) && appliesTo(detector, charge))
    .map((detector) => {
      const today = fingerprintOf(detector, charge, keys);
      return { detector: detector.id, fingerprint: today, ...continued.get(today) };
    });
}

/** What a lifecycle event says of itself. What it repeats of the charge is compared with the capture and files nothing. */
function note(record: ChargeRecord, event: LifecycleEvent, nowMs: Ms): ChargeRecord {
  const { kind, timeMs, charge } = event;
  const compared = repeat(record, { ...charge, kind, atMs: timeMs }, nowMs);
  const when = { timeMs, nowMs };
  switch (kind) {
    case 'charge.voided':
      return release(compared, { ...when, kind: 'voided' });
    case 'charge.failed':
      return release(compared, { ...when, kind: 'failed' });
    case 'charge.adjusted':
      return adjust(compared, { ...event.adjusted, atMs: timeMs }, nowMs);
    case 'charge.refunded':
      if (event.reference !== undefined && isReferenceOf(record.id, event.reference)) {
        return reportOwnRefund(compared, { ...when, ...ownRefundOf(event, event.reference) });
      }
      return event.refundId === undefined
        ? refundByOthers(compared, { ...when, totalMinor: event.refundedTotalMinor })
        : refundOneByOthers(compared, { ...when, id: event.refundId, minor: event.refundMinor });
    case 'charge.disputed':
      return dispute(compared, { ...when, open: event.open, wonBy: event.wonBy });
  }
}

function ownRefundOf(
  event: Extract<LifecycleEvent, { readonly kind: 'charge.refunded' }>,
  reference: string,
): Omit<OwnRefund, 'timeMs' | 'nowMs'> {
  const { isFailed = false, refundedTotalMinor: totalMinor, refundId } = event;
  const minor = event.refundId === undefined ? undefined : event.refundMinor;
  return { attempt: attemptOfReference(reference), reference, isFailed, totalMinor, refundId, minor };
}

function conclude({ members }: Group, before: ChargeRecord, { record, outcomes }: Folded): void {
  for (const [at, { progress, event }] of members.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) throw bug('fewer outcomes than events');
    if (outcome.kind === 'conflict') {
      progress.ended = { kind: 'quarantined', reason: 'conflict', detail: outcome.detail };
      continue;
    }
    const isKnown = before.capture !== undefined;
    if (!isCapture(event)) progress.touched = record;
    // The windows get what was known at this place of the stream, so that verdicts do not depend on batches.
    const told = outcome.record;
    const isFiled = isCapture(event) || event.kind === 'charge.adjusted';
    if (!isFiled || !isCaptured(told)) continue;
    progress.filing = { record: told, isKnown };
    // Its first telling was in no window that could say so.
    progress.replay = isCapture(event) && isKnown && told.capture.windows.every(({ added }) => added);
  }
}

function isCapture({ kind }: PaymentEvent): boolean {
  return kind === 'charge.captured';
}
