import { verifyChain } from '../../core/cases/audit.ts';
import { type Flag, isResolved } from '../../core/cases/flag.ts';
import { type ChargeRecord, isCalled } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import { fingerprintOfOrder, flagIdOf, sameDigestOf } from '../../core/detection/fingerprint.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import { digests } from '../fixtures/configurations.ts';
import type { EndOfWorld } from './end-of-world.ts';
import { named } from './promises.ts';
import { checkAlerts, checkShort } from './short-check.ts';
import { checkSurplus, checkTotals } from './surplus-check.ts';

/** When all is resolved: exactly what is owed stands, every surplus charge has its flag, nothing is lost or untold. */
export async function checkTheEnd(world: EndOfWorld): Promise<void> {
  const alive = new Map(
    world.charges.windows
      .all()
      .filter(({ expiresAtMs }) => expiresAtMs > world.nowMs)
      .map((window) => [window.fingerprint, window]),
  );
  const flags = new Map(world.cases.allFlags().map((flag) => [flag.id, flag]));
  for (const [event, atMs] of world.delivered) checkDelivered(event, atMs, { ...world, alive });
  for (const window of alive.values()) {
    checkTotals(window, world);
    checkSurplus(window, flags, world);
    checkShort(window, flags, world);
  }
  checkAlerts(flags, world);
  for (const flag of flags.values()) checkFlag(flag, world);
  await checkCases(world);
}

function checkFlag(flag: Flag, { referee, processor }: EndOfWorld): void {
  const { chargeId } = flag.charge;
  if (referee.isForged(flag)) return;
  const isRefunded = [...processor.bookOf(flag.charge).ours.keys()].some((key) => key.startsWith(flag.id));
  if (isLeftToOperator(flag, referee.recordOf(flag.id)) && !isRefunded) return;
  if (!isResolved(flag.status) && flag.status !== 'failed') {
    referee.break('everything comes to an end', `the flag of ${chargeId} stays ${flag.status}`);
  }
  // A refund made in error may fail: then the charge is as an approver meant it.
  if (flag.status !== 'refunded-in-error' && isRefunded !== (flag.status === 'refunded')) {
    referee.break('promise 2, refunded once', `${chargeId} is ${flag.status}, and refunded: ${isRefunded}`);
  }
  const record = referee.recordOf(flag.id);
  if (record !== undefined && !isConcluded(flag, record)) {
    referee.break('a claim is concluded in its record', `${chargeId} is ${flag.status}, not so in its record`);
  }
}

/**
 * Its run ended between the note of its call and its count, and the limit was lowered before the next: no gateway is
 * called, and an operator asks the processor.
 */
function isLeftToOperator(flag: Flag, record: ChargeRecord | undefined): boolean {
  return flag.status === 'refunding' && flag.unanswered === true && isCalled(record?.ours);
}

/** What the flag has come to is a fact of the charge's record. */
function isConcluded({ status }: Flag, { ours, kept }: ChargeRecord): boolean {
  switch (status) {
    case 'refunded':
    case 'failed':
      return ours?.state === status;
    case 'refunded-in-error':
      return ours?.state === 'refunded' || ours?.state === 'failed';
    case 'reversed-externally':
      return ours?.state === 'reversed-externally';
    case 'kept':
      return kept !== undefined;
    case 'dismissed':
      return ours?.state === 'denied';
    default:
      return true;
  }
}

/** Nothing is lost: record and windows that may still remember an event that was answered for do. */
function checkDelivered(
  event: PaymentEvent,
  atMs: number,
  world: EndOfWorld & { readonly alive: ReadonlyMap<string, ChargeWindow> },
): void {
  const { referee, configuration, nowMs, alive } = world;
  const lost = (where: string) => referee.break('promise 4, nothing is lost', `${event.eventId} is not in ${where}`);
  if (!world.knowledge.answered.has(event)) lost('any answer');
  if (event.kind === 'order.closed') {
    const keys = { digests, namespaceOf: configuration.namespaceOf };
    for (const detector of configuration.detectorsFor(event).filter(({ orders }) => orders)) {
      const key = fingerprintOfOrder(detector, event, keys);
      if (mayRemember(key, { atMs, retainMs: detector.retainMs }, world) && !isClosedAs(alive.get(key), event))
        lost(key);
    }
    return;
  }
  const id = flagIdOf(event.charge, digests);
  const record = referee.recordOf(id);
  if (!isIn(record, event, world.delivered)) lost('its record');
  if (record?.capture === undefined) return;
  if (event.kind === 'charge.adjusted') checkAdjusted(record, event.adjusted.amountMinor, { ...world, lost });
  if (event.kind !== 'charge.captured') return;
  const sinceMs = Math.max(record.capture.timeMs, record.capture.seenMs);
  for (const { detector, fingerprint } of record.capture.windows) {
    const retainMs = configuration.detectors.find((each) => each.id === detector)?.retainMs ?? 0;
    const isOver = nowMs - sinceMs >= retainMs;
    const isFiled = alive.get(fingerprint)?.entries.some((entry) => entry.id === id);
    if (!isOver && !isFiled) lost(fingerprint);
  }
}

/** Where a detector compares amounts, the entries of the charge have each that it has had. */
function checkAdjusted(
  { id, capture }: ChargeRecord,
  amountMinor: number,
  {
    configuration,
    alive,
    lost,
  }: EndOfWorld & { readonly alive: ReadonlyMap<string, ChargeWindow>; readonly lost: (where: string) => void },
): void {
  if (capture === undefined) return;
  const charge = { ...capture.charge, amountMinor };
  for (const { detector: detectorId, fingerprint } of capture.windows) {
    const detector = configuration.detectorFor(detectorId, charge);
    const entry = alive.get(fingerprint)?.entries.find((each) => each.id === id);
    if (detector === undefined || entry === undefined) continue;
    const digest = sameDigestOf(detector, charge, digests);
    if (![entry, ...(entry.also ?? [])].some(({ same }) => same === digest)) lost(`${fingerprint}, by its amount`);
  }
}

/** False where the window was forgotten in time, and perhaps begun anew since. */
function mayRemember(
  key: string,
  { atMs, retainMs }: { readonly atMs: number; readonly retainMs: number },
  { referee, nowMs, alive }: EndOfWorld & { readonly alive: ReadonlyMap<string, ChargeWindow> },
): boolean {
  const bornMs = referee.births.get(key);
  const isForgotten = bornMs !== undefined && (bornMs > atMs || !alive.has(key));
  return nowMs - atMs < retainMs && !isForgotten;
}

function isClosedAs(window: ChargeWindow | undefined, event: Extract<PaymentEvent, { kind: 'order.closed' }>): boolean {
  const { atMs, owed } = window?.closed ?? { atMs: Number.NEGATIVE_INFINITY, owed: 1 };
  return atMs > event.timeMs || (atMs === event.timeMs && (owed === 1 || event.outcome === 'unpaid'));
}

function isIn(
  record: ChargeRecord | undefined,
  event: Exclude<PaymentEvent, { kind: 'order.closed' }>,
  delivered: EndOfWorld['delivered'],
): boolean {
  switch (event.kind) {
    case 'charge.captured': {
      const { capture } = record ?? {};
      const isFirst = capture?.charge.amountMinor === event.charge.amountMinor;
      const isTold = isFirst || hasAmount(record, { ...event.charge, timeMs: event.timeMs });
      return (capture?.latestMs ?? Number.NEGATIVE_INFINITY) >= event.timeMs && isTold;
    }
    case 'charge.adjusted':
      return hasAmount(record, { ...event.adjusted, timeMs: event.timeMs });
    case 'charge.voided':
    case 'charge.failed':
      return (record?.releasedMs ?? Number.NEGATIVE_INFINITY) >= event.timeMs;
    case 'charge.refunded': {
      if (event.reference !== undefined) return true;
      if (event.refundId !== undefined) {
        const single = record?.singleRefunds?.find(({ id }) => id === event.refundId);
        return (single?.atMs ?? Number.NEGATIVE_INFINITY) >= event.timeMs;
      }
      const { atMs, totalMinor } = record?.refundedByOthers ?? { atMs: Number.NEGATIVE_INFINITY, totalMinor: 0 };
      return atMs > event.timeMs || (atMs === event.timeMs && totalMinor >= event.refundedTotalMinor);
    }
    case 'charge.disputed':
      return record?.dispute !== undefined && holdsDispute(record.dispute, event, delivered);
  }
}

function hasAmount(
  record: ChargeRecord | undefined,
  { amountMinor, timeMs }: { readonly amountMinor: number; readonly timeMs: number },
): boolean {
  return record?.adjustments?.some((each) => each.amountMinor === amountMinor && each.atMs === timeMs) ?? false;
}

/** The latest holds, and of several at one time the open one. */
function holdsDispute(
  dispute: NonNullable<ChargeRecord['dispute']>,
  event: Extract<PaymentEvent, { kind: 'charge.disputed' }>,
  delivered: EndOfWorld['delivered'],
): boolean {
  if (dispute.atMs !== event.timeMs) return dispute.atMs > event.timeMs;
  const isOpen = [...delivered.keys()].some(
    (other) =>
      other.kind === 'charge.disputed' &&
      other.open &&
      other.timeMs === event.timeMs &&
      named(other.charge) === named(event.charge),
  );
  return dispute.open === isOpen && (isOpen || dispute.wonBy === event.wonBy);
}

async function checkCases({ cases, referee }: EndOfWorld): Promise<void> {
  for (const each of cases.allCases()) {
    const chain = verifyChain(await cases.auditOf(each.id), digests);
    const flags = await cases.flagsOf(each.id);
    // What a processor's word contradicts is an operator's to explain.
    const isOpen = ({ status, discrepancy }: Flag) => !isResolved(status) || (discrepancy && !discrepancy.resolved);
    const unresolved = flags.filter(isOpen).length;
    if (chain.kind === 'broken') referee.break('the audit is whole', `case ${each.id}: ${chain.reason}`);
    if (each.flags !== flags.length || each.unresolved !== unresolved) {
      referee.break(
        'a case counts its flags',
        `case ${each.id}: ${each.flags} and ${each.unresolved}, not ${flags.length} and ${unresolved}`,
      );
    }
  }
}
