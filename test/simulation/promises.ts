import type { ChargeWindow, Entry } from '../../core/detection/charge-window.ts';
import type { Charge, ChargeRef, PaymentEvent } from '../../core/events/payment-event.ts';

/** A promise of the design that does not hold. */
export class BrokenPromise extends Error {
  readonly promise: string;
  constructor(promise: string, what: string) {
    super(`${promise}: ${what}`);
    this.promise = promise;
  }
}

/** One write of a window. */
export interface Written {
  /** Undefined when there was none, or an expired one. */
  readonly before: ChargeWindow | undefined;
  readonly after: ChargeWindow;
}

export function named({ source, chargeId }: ChargeRef): string {
  return `${source} ${chargeId}`;
}

/** Facts that a consumer has answered for, and those that it has begun to write: between them lies what may be so. */
interface Facts {
  released: boolean;
  /** Somebody has begun to write that it is. */
  mayBeReleased: boolean;
  refundedTotalMinor: number;
  kept: boolean;
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
    if (event.kind === 'charge.disputed') setDefault(this.#of(event.charge).disputes, event, false);
    if (isRelease(event)) this.#of(event.charge).mayBeReleased = true;
    if (event.kind === 'order.closed') {
      const key = orderKey(event);
      const closings = this.#closings.get(key) ?? new Map<PaymentEvent, boolean>();
      setDefault(closings, event, false);
      this.#closings.set(key, closings);
      // From then on a kept charge may have been opened again.
      if (event.outcome === 'unpaid') for (const facts of this.#facts.values()) facts.kept = false;
    }
  }

  done(event: PaymentEvent, nowMs: number): void {
    this.answered.add(event);
    if (event.kind === 'order.closed') {
      this.#closings.get(orderKey(event))?.set(event, true);
      setDefault(this.#closedMs, event, nowMs);
      return;
    }
    const facts = this.#of(event.charge);
    switch (event.kind) {
      case 'charge.voided':
      case 'charge.failed':
        facts.released = true;
        break;
      case 'charge.refunded':
        if (event.reference !== undefined) break;
        facts.refundedTotalMinor = Math.max(facts.refundedTotalMinor, event.refundedTotalMinor);
        facts.released ||= facts.refundedTotalMinor >= event.charge.amountMinor;
        break;
      case 'charge.disputed':
        facts.disputes.set(event, true);
    }
  }

  /** Kept for certain, unless a closing that may open it again is still being written. */
  keep(ref: ChargeRef): void {
    const isAllDone = [...this.#closings.values()].every((closings) =>
      [...closings.values()].every((isDone) => isDone),
    );
    if (isAllDone) this.#of(ref).kept = true;
  }

  refundedTotalMinor(ref: ChargeRef): number {
    return this.#of(ref).refundedTotalMinor;
  }

  /** True when, whatever has begun and is not yet answered for, the charge does not stand. */
  isCertainlyGone(ref: ChargeRef): boolean {
    const { released, kept, disputes } = this.#of(ref);
    return released || kept || isCertain(disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
  }

  /** A dispute that is certainly there, open or lost to the payer. */
  isCertainlyDisputed(ref: ChargeRef): boolean {
    return isCertain(this.#of(ref).disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
  }

  /** False when nobody but us has given the money back. */
  mayBeReleased(ref: ChargeRef): boolean {
    return this.#of(ref).mayBeReleased;
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
      released: false,
      mayBeReleased: false,
      refundedTotalMinor: 0,
      kept: false,
      disputes: new Map(),
    };
    this.#facts.set(named(ref), facts);
    return facts;
  }
}

/** The latest time holds; certain only if it was answered for and nothing that has begun at that time or later differs. */
function isCertain(events: ReadonlyMap<PaymentEvent, boolean>, says: (event: PaymentEvent) => boolean): boolean {
  const answered = [...events].filter(([, isDone]) => isDone).map(([{ timeMs }]) => timeMs);
  if (answered.length === 0) return false;
  return [...events.keys()].filter(({ timeMs }) => timeMs >= Math.max(...answered)).every(says);
}

function isUnpaid(event: PaymentEvent): boolean {
  return event.kind === 'order.closed' && event.outcome === 'unpaid';
}

function isRelease(event: PaymentEvent): event is Exclude<PaymentEvent, { kind: 'order.closed' }> {
  if (event.kind === 'charge.voided' || event.kind === 'charge.failed') return true;
  return (
    event.kind === 'charge.refunded' &&
    event.reference === undefined &&
    event.refundedTotalMinor >= event.charge.amountMinor
  );
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

/** Standing by the design's words, from what a window holds; written apart from the core on purpose. */
export function standsIn(entry: Entry): boolean {
  if (entry.captured === undefined || entry.released || entry.kept) return false;
  if (entry.dispute?.open || entry.dispute?.wonBy === 'payer') return false;
  return !['claimed', 'refunded', 'reversed-externally'].includes(entry.ours?.state ?? '');
}

/** The charges of one cluster that count in a window: for a weaker detector not those of a stronger one, unless dismissed. */
export function clusterOf(window: ChargeWindow, root: ChargeRef): readonly Entry[] {
  return window.entries.filter(({ captured, ours, ...ref }) => {
    if (captured === undefined) return false;
    const { verdict } = captured;
    if (verdict.kind === 'original') return named(ref) === named(root);
    return (
      named(verdict.original) === named(root) && (verdict.detector === window.detector || ours?.state === 'denied')
    );
  });
}
