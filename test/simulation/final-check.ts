import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryWindowStore } from '../../adapters/memory/window-store.ts';
import { verifyChain } from '../../core/cases/audit.ts';
import { type Flag, isResolved } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { ChargeWindow, Entry } from '../../core/detection/charge-window.ts';
import { appliesTo } from '../../core/detection/detector.ts';
import { fingerprintOf, fingerprintOfOrder, flagIdOf } from '../../core/detection/fingerprint.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import { digests } from '../fixtures/configurations.ts';
import type { Processor } from './processor.ts';
import { clusterOf, type Knowledge, named, standsIn } from './promises.ts';
import type { Referee } from './referee.ts';

export interface EndOfWorld {
  readonly configuration: Configuration;
  readonly windows: MemoryWindowStore;
  readonly cases: MemoryCaseStore;
  readonly knowledge: Knowledge;
  readonly processor: Processor;
  readonly referee: Referee;
  readonly nowMs: number;
  /** Every event that reached the stream, and when it was first dealt with. */
  readonly delivered: ReadonlyMap<PaymentEvent, number>;
}

/** When all is resolved: exactly what is owed stands, every surplus charge has its flag, nothing is lost or untold. */
export async function checkTheEnd(world: EndOfWorld): Promise<void> {
  const alive = new Map(
    world.windows
      .all()
      .filter(({ expiresAtMs }) => expiresAtMs > world.nowMs)
      .map((window) => [window.fingerprint, window]),
  );
  const flags = new Map(world.cases.allFlags().map((flag) => [flag.id, flag]));
  for (const [event, atMs] of world.delivered) checkDelivered(event, atMs, { ...world, alive });
  for (const window of alive.values()) checkClusters(window, flags, world);
  for (const flag of flags.values()) checkFlag(flag, world);
  await checkCases(world);
}

function checkClusters(
  window: ChargeWindow,
  flags: ReadonlyMap<string, Flag>,
  { referee, knowledge }: EndOfWorld,
): void {
  const roots = window.entries.flatMap((entry) => {
    const verdict = entry.captured?.verdict;
    return verdict === undefined ? [] : [verdict.kind === 'duplicate' ? verdict.original : entry];
  });
  for (const root of new Map(roots.map((each) => [named(each), each])).values()) {
    const standing = clusterOf(window, root).filter((entry) => standsIn(entry) && !knowledge.isCertainlyGone(entry));
    const surplus = standing.length - (window.closed?.owed ?? 1);
    // What an approver must decide and what is only monitored stays as it is.
    const explained = standing.filter((entry) => ['failed', 'monitored'].includes(statusOf(entry, flags)));
    if (surplus > explained.length) {
      const all = standing.map((entry) => `${entry.chargeId} ${statusOf(entry, flags)}`).join(', ');
      referee.break(
        'promise 2, surplus is flagged and resolved',
        `${window.detector}: ${all} stand, owed ${window.closed?.owed ?? 1}`,
      );
    }
  }
  for (const entry of window.entries) {
    const isRefunded = entry.ours?.state === 'refunded' && knowledge.isCertainlyDisputed(entry);
    if (isRefunded && !flags.get(flagIdOf(entry, digests))?.contested) {
      referee.break(
        'a dispute upon our refund is notified',
        `${entry.chargeId} is disputed and refunded, and not contested`,
      );
    }
  }
}

function statusOf(entry: Entry, flags: ReadonlyMap<string, Flag>): string {
  return flags.get(flagIdOf(entry, digests))?.status ?? 'unflagged';
}

function checkFlag(flag: Flag, { referee, processor, windows, nowMs }: EndOfWorld): void {
  const { chargeId } = flag.charge;
  if (!isResolved(flag.status) && flag.status !== 'failed') {
    referee.break('everything comes to an end', `the flag of ${chargeId} stays ${flag.status}`);
  }
  const isRefunded = processor.bookOf(flag.charge).ours.size > 0;
  if (isRefunded !== (flag.status === 'refunded' || flag.status === 'refunded-in-error')) {
    referee.break('promise 2, refunded once', `${chargeId} is ${flag.status}, and refunded: ${isRefunded}`);
  }
  for (const window of windows.all().filter(({ expiresAtMs }) => expiresAtMs > nowMs)) {
    const entry = window.entries.find((each) => named(each) === named(flag.charge));
    if (entry?.captured !== undefined && !isConcluded(flag, entry)) {
      referee.break(
        'a claim is concluded in every window',
        `${chargeId} is ${flag.status}, not so in ${window.detector}`,
      );
    }
  }
}

/** What the flag has come to is a fact of each window that remembers the charge. */
function isConcluded({ status }: Flag, { ours, kept, reviewOnly, released }: Entry): boolean {
  switch (status) {
    case 'refunded':
    case 'failed':
      return ours?.state === status;
    case 'refunded-in-error':
      return ours?.state === 'refunded';
    case 'reversed-externally':
      return ours?.state === 'reversed-externally' && released === true;
    case 'kept':
      // Opened again by an order closed unpaid, it may not have stood any more.
      return kept === true || reviewOnly === true;
    case 'dismissed':
      return ours?.state === 'denied';
    default:
      return true;
  }
}

/** Nothing is lost: each window that may still remember an event that was answered for does. */
function checkDelivered(
  event: PaymentEvent,
  atMs: number,
  world: EndOfWorld & { readonly alive: ReadonlyMap<string, ChargeWindow> },
): void {
  const { referee, configuration, nowMs, alive } = world;
  const lost = (where: string) => referee.break('promise 4, nothing is lost', `${event.eventId} is not in ${where}`);
  if (!world.knowledge.answered.has(event)) lost('any answer');
  const keys = { digests, namespaceOf: configuration.namespaceOf };
  const isClosing = event.kind === 'order.closed';
  for (const detector of configuration.detectorsFor(isClosing ? event : event.charge)) {
    if (isClosing ? !detector.orders : !appliesTo(detector, event.charge)) continue;
    const key = isClosing ? fingerprintOfOrder(detector, event, keys) : fingerprintOf(detector, event.charge, keys);
    const bornMs = referee.births.get(key);
    // Forgotten in time, and perhaps begun anew since.
    const isForgotten = bornMs !== undefined && (bornMs > atMs || !alive.has(key));
    const isOver = nowMs - atMs >= detector.retainMs || isForgotten;
    if (!isOver && !isIn(alive.get(key), event, world.delivered)) lost(key);
  }
}

function isIn(window: ChargeWindow | undefined, event: PaymentEvent, delivered: EndOfWorld['delivered']): boolean {
  if (event.kind === 'order.closed') {
    const { atMs, owed } = window?.closed ?? { atMs: Number.NEGATIVE_INFINITY, owed: 1 };
    return atMs > event.timeMs || (atMs === event.timeMs && (owed === 1 || event.outcome === 'unpaid'));
  }
  const entry = window?.entries.find((each) => named(each) === named(event.charge));
  switch (event.kind) {
    case 'charge.captured':
      return entry?.captured !== undefined;
    case 'charge.voided':
    case 'charge.failed':
      return entry?.released === true;
    case 'charge.refunded':
      return event.reference !== undefined || (entry?.refundedTotalMinor ?? 0) >= event.refundedTotalMinor;
    case 'charge.disputed':
      return entry?.dispute !== undefined && holdsDispute(entry.dispute, event, delivered);
  }
}

/** The latest holds, and of several at one time the open one. */
function holdsDispute(
  dispute: NonNullable<Entry['dispute']>,
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
    const unresolved = flags.filter(({ status }) => !isResolved(status)).length;
    if (chain.kind === 'broken') referee.break('the audit is whole', `case ${each.id}: ${chain.reason}`);
    if (each.flags !== flags.length || each.unresolved !== unresolved) {
      referee.break(
        'a case counts its flags',
        `case ${each.id}: ${each.flags} and ${each.unresolved}, not ${flags.length} and ${unresolved}`,
      );
    }
  }
}
