import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow, WindowEntry } from '../../core/detection/charge-window.ts';
import type { Charge, ChargeRef, PaymentEvent } from '../../core/events/payment-event.ts';

/** A promise of the design that does not hold. */
export class BrokenPromise extends Error {
  readonly promise: string;
  constructor(promise: string, what: string) {
    super(`${promise}: ${what}`);
    this.promise = promise;
  }
}

/** One write of an item. */
export interface Written<Item> {
  /** Undefined when there was none, or an expired one. */
  readonly before: Item | undefined;
  readonly after: Item;
}

/** The record that the store has under an id; undefined when it has none. */
export type RecordOf = (id: string) => ChargeRecord | undefined;

export function named({ source, chargeId }: ChargeRef): string {
  return `${source} ${chargeId}`;
}

/** Facts that a consumer has answered for, and those that it has begun to write: between them lies what may be so. */
interface Facts {
  kept: boolean;
  /** Tellings of each kind, and whether they were answered for. */
  readonly captures: Map<PaymentEvent, boolean>;
  readonly voids: Map<PaymentEvent, boolean>;
  readonly refunds: Map<PaymentEvent, boolean>;
  readonly disputes: Map<PaymentEvent, boolean>;
}

/**
 * What is known outside the stores: every event that was begun and every one that was answered for. A store that has
 * forgotten an answered fact cannot make it unknown here.
 */
export class Knowledge {
  readonly #facts = new Map<string, Facts>();
  /** Closings of an order, and whether they were answered for. */
  readonly #closings = new Map<string, Map<PaymentEvent, boolean>>();
  readonly answered = new Set<PaymentEvent>();
  /** When each closing was answered for first. */
  readonly #closedMs = new Map<PaymentEvent, number>();

  attempted(event: PaymentEvent): void {
    if (event.kind !== 'order.closed') {
      const tellings = this.#tellingsOf(event);
      if (tellings !== undefined) setDefault(tellings, event, false);
      return;
    }
    const key = orderKey(event);
    const closings = this.#closings.get(key) ?? new Map<PaymentEvent, boolean>();
    setDefault(closings, event, false);
    this.#closings.set(key, closings);
    // From then on a kept charge may have been opened again.
    if (event.outcome === 'unpaid') for (const facts of this.#facts.values()) facts.kept = false;
  }

  done(event: PaymentEvent, nowMs: number): void {
    this.answered.add(event);
    if (event.kind === 'order.closed') {
      this.#closings.get(orderKey(event))?.set(event, true);
      setDefault(this.#closedMs, event, nowMs);
      return;
    }
    this.#tellingsOf(event)?.set(event, true);
  }

  #tellingsOf(event: Exclude<PaymentEvent, { kind: 'order.closed' }>): Map<PaymentEvent, boolean> | undefined {
    const { captures, voids, refunds, disputes } = this.#of(event.charge);
    switch (event.kind) {
      case 'charge.captured':
        return captures;
      case 'charge.voided':
      case 'charge.failed':
        return voids;
      case 'charge.refunded':
        return event.reference === undefined ? refunds : undefined;
      case 'charge.disputed':
        return disputes;
    }
  }

  /** Kept for certain, unless a closing that may open it again is still being written. */
  keep(ref: ChargeRef): void {
    const isAllDone = [...this.#closings.values()].every((closings) =>
      [...closings.values()].every((isDone) => isDone),
    );
    if (isAllDone) this.#of(ref).kept = true;
  }

  /** What others have refunded at least, whatever has begun and is not yet answered for. */
  refundedTotalMinor(ref: ChargeRef): number {
    const latest = latestOf(this.#of(ref).refunds).map(totalOf);
    return latest.length === 0 ? 0 : Math.min(...latest);
  }

  /** True when, whatever has begun and is not yet answered for, the charge does not stand. */
  isCertainlyGone(charge: ChargeRef & { readonly amountMinor: number }): boolean {
    const { captures, voids, refunds, kept, disputes } = this.#of(charge);
    const toldMs = Math.max(...[...captures.keys()].map(({ timeMs }) => timeMs));
    const isVoided = [...voids].some(([{ timeMs }, isDone]) => isDone && timeMs >= toldMs);
    const latest = latestOf(refunds);
    const isRefunded = latest.length > 0 && latest.every((event) => totalOf(event) >= charge.amountMinor);
    const isDisputed = isCertain(disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
    return isVoided || isRefunded || kept || isDisputed;
  }

  /** A dispute that is certainly there, open or lost to the payer. */
  isCertainlyDisputed(ref: ChargeRef): boolean {
    return isCertain(this.#of(ref).disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
  }

  /** Returns which fact of a record no event has told, that anybody has begun to write. */
  untold({ releasedMs, refundedByOthers, kept, capture, ...ref }: ChargeRecord): string | undefined {
    const { voids, refunds } = this.#of(ref);
    if (releasedMs !== undefined && ![...voids.keys()].some(({ timeMs }) => timeMs === releasedMs)) return 'released';
    const isRefundTold = [...refunds.keys()].some(
      (event) => event.timeMs === refundedByOthers?.atMs && totalOf(event) === refundedByOthers.totalMinor,
    );
    if (refundedByOthers !== undefined && !isRefundTold) return 'refunded by others';
    const all =
      capture?.charge.order === undefined
        ? []
        : (this.#closings.get(orderKey({ ...capture.charge, order: capture.charge.order }))?.keys() ?? []);
    const isClosingTold = [...all].some((event) => isUnpaid(event) && event.timeMs === kept?.unpaidMs);
    return kept?.unpaidMs !== undefined && !isClosingTold ? 'kept after an unpaid closing' : undefined;
  }

  /**
   * How many are owed at least, as far as is known of the order. What a window was told before its birth is forgotten,
   * save where an older closing as unpaid was overruled: that is evidence, for it could come again.
   */
  owedAtLeast({ source, merchant, order }: Charge, bornMs: number): 0 | 1 {
    const all = order === undefined ? undefined : this.#closings.get(orderKey({ source, merchant, order }));
    const isForgotten = (event: PaymentEvent) => (this.#closedMs.get(event) ?? bornMs) < bornMs;
    const delivered = [...(all ?? [])];
    const wasUnpaid = delivered.some(([event]) => isUnpaid(event) && isForgotten(event));
    const closings = new Map(delivered.filter(([event]) => wasUnpaid || !isForgotten(event)));
    const mayBeUnpaid = [...closings.keys()].some(isUnpaid);
    const isPaid = isCertain(closings, (event) => !isUnpaid(event));
    return mayBeUnpaid && !isPaid ? 0 : 1;
  }

  #of(ref: ChargeRef): Facts {
    const facts = this.#facts.get(named(ref)) ?? {
      kept: false,
      captures: new Map(),
      voids: new Map(),
      refunds: new Map(),
      disputes: new Map(),
    };
    this.#facts.set(named(ref), facts);
    return facts;
  }
}

/** The events of which one holds: the latest that was answered for, and what has begun at that time or later. */
function latestOf(events: ReadonlyMap<PaymentEvent, boolean>): readonly PaymentEvent[] {
  const answered = [...events].filter(([, isDone]) => isDone).map(([{ timeMs }]) => timeMs);
  if (answered.length === 0) return [];
  return [...events.keys()].filter(({ timeMs }) => timeMs >= Math.max(...answered));
}

/** Certain only if it was answered for and nothing that has begun at that time or later differs. */
function isCertain(events: ReadonlyMap<PaymentEvent, boolean>, says: (event: PaymentEvent) => boolean): boolean {
  const latest = latestOf(events);
  return latest.length > 0 && latest.every(says);
}

function totalOf(event: PaymentEvent): number {
  return event.kind === 'charge.refunded' ? event.refundedTotalMinor : 0;
}

function isUnpaid(event: PaymentEvent): boolean {
  return event.kind === 'order.closed' && event.outcome === 'unpaid';
}

function isGone(event: Extract<PaymentEvent, { kind: 'charge.disputed' }>): boolean {
  return event.open || event.wonBy === 'payer';
}

function orderKey({ source, merchant, order }: { source: string; merchant: string; order: string }): string {
  // Only Acme is alone with its tokens.
  return JSON.stringify([source === '/processors/acme', merchant, order]);
}

function setDefault<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}

/** Standing by the design's words, from what the stores hold; written apart from the core on purpose. */
export function standsIn(record: ChargeRecord | undefined, { closed }: ChargeWindow): boolean {
  if (record?.capture === undefined) return false;
  const { capture, releasedMs, refundedByOthers, dispute, kept, ours } = record;
  if (releasedMs !== undefined && releasedMs >= capture.latestMs) return false;
  if (refundedByOthers !== undefined && refundedByOthers.totalMinor >= capture.charge.amountMinor) return false;
  if (dispute?.open || dispute?.wonBy === 'payer') return false;
  const isSeen = closed?.owed !== 0 || (kept?.unpaidMs ?? Number.NEGATIVE_INFINITY) >= closed.atMs;
  if (kept !== undefined && isSeen) return false;
  return !['claimed', 'refunded', 'reversed-externally'].includes(ours?.state ?? '');
}

/** The id at the root of an entry's cluster. */
export function rootOf({ id, verdict }: WindowEntry): string {
  return verdict.kind === 'duplicate' ? verdict.root : id;
}

/** The charges of one cluster that count in a window: for a weaker detector not those of a stronger one, unless dismissed. */
export function clusterOf(window: ChargeWindow, root: string, recordOf: RecordOf): readonly WindowEntry[] {
  return window.entries.filter((entry) => {
    const { verdict } = entry;
    if (rootOf(entry) !== root) return false;
    const isOwn = verdict.kind === 'original' || verdict.detector === window.detector;
    return isOwn || recordOf(entry.id)?.ours?.state === 'denied';
  });
}
