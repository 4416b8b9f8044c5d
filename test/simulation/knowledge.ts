import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { Charge, ChargeRef, PaymentEvent } from '../../core/events/payment-event.ts';
import { named, orderKey } from './promises.ts';
import { ToldTotals } from './told-totals.ts';

/** Facts that a consumer has answered for, and those that it has begun to write: between them lies what may be so. */
interface Facts {
  kept: boolean;
  /** Tellings of each kind, and whether they were answered for. */
  readonly captures: Map<PaymentEvent, boolean>;
  readonly voids: Map<PaymentEvent, boolean>;
  readonly refunds: Map<PaymentEvent, boolean>;
  /** Of our own refunds. */
  readonly ours: Map<PaymentEvent, boolean>;
  readonly adjustments: Map<PaymentEvent, boolean>;
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
  readonly totals = new ToldTotals();
  /** When each closing was answered for first. */
  readonly #closedMs = new Map<PaymentEvent, number>();

  attempted(event: PaymentEvent): void {
    this.totals.attempted(event);
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
    this.totals.done(event, nowMs);
    if (event.kind === 'order.closed') {
      this.#closings.get(orderKey(event))?.set(event, true);
      setDefault(this.#closedMs, event, nowMs);
      return;
    }
    this.#tellingsOf(event)?.set(event, true);
  }

  #tellingsOf(event: Exclude<PaymentEvent, { kind: 'order.closed' }>): Map<PaymentEvent, boolean> | undefined {
    const { captures, voids, refunds, ours, disputes, adjustments } = this.#of(event.charge);
    switch (event.kind) {
      case 'charge.captured':
        return captures;
      case 'charge.adjusted':
        return adjustments;
      case 'charge.voided':
      case 'charge.failed':
        return voids;
      case 'charge.refunded':
        return event.reference === undefined ? refunds : ours;
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
    const refunds = [...this.#of(ref).refunds];
    const least = (some: readonly (readonly [PaymentEvent, boolean])[]) => {
      const latest = latestOf(new Map(some)).map(returnedBy);
      return latest.length === 0 ? 0 : Math.min(...latest);
    };
    const byId = Map.groupBy(refunds, ([event]) => (event.kind === 'charge.refunded' ? event.refundId : undefined));
    return [...byId.values()].reduce((sum, some) => sum + least(some), 0);
  }

  /** What may be captured at most, whatever has begun and is not yet answered for. */
  capturedAtMostMinor(ref: ChargeRef): number {
    const { captures, adjustments } = this.#of(ref);
    const tellings = new Map([...captures, ...adjustments]);
    const found = latestOf(tellings);
    const latest = found.length === 0 ? [...tellings.keys()] : found;
    const answered = latest.filter((event) => tellings.get(event) === true);
    const begun = latest.filter((event) => tellings.get(event) === false);
    // Of two at one time that were answered for the smaller holds.
    const holds = answered.length === 0 ? [] : [Math.min(...answered.map(amountIn))];
    return Math.max(...holds, ...begun.map(amountIn));
  }

  /** An event that was answered for names another payer or order than the capture. */
  isMismatched({ source, chargeId, capture }: ChargeRecord): boolean {
    const { voids, refunds, disputes, adjustments } = this.#of({ source, chargeId });
    return [...voids, ...refunds, ...disputes, ...adjustments].some(([event, isDone]) => {
      if (!isDone || event.kind === 'order.closed' || capture === undefined) return false;
      const { payer = capture.charge.payer, order = capture.charge.order } = event.charge;
      const { charge } = capture;
      const isOtherPayer = charge.payer !== undefined && payer !== charge.payer;
      return isOtherPayer || (charge.order !== undefined && order !== charge.order);
    });
  }

  /** True when, whatever has begun and is not yet answered for, one of these ids of one payment does not stand. */
  isAnyGone(ids: readonly ChargeRef[]): boolean {
    return ids.some((id) => this.isCertainlyGone(id));
  }

  /** True when, whatever has begun and is not yet answered for, the charge does not stand. */
  isCertainlyGone(charge: ChargeRef): boolean {
    const { captures, voids, kept, disputes } = this.#of(charge);
    const toldMs = Math.max(...[...captures.keys()].map(({ timeMs }) => timeMs));
    const isVoided = [...voids].some(([{ timeMs }, isDone]) => isDone && timeMs >= toldMs);
    const isRefunded = this.refundedTotalMinor(charge) >= this.capturedAtMostMinor(charge);
    const isDisputed = isCertain(disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
    return isVoided || isRefunded || kept || isDisputed;
  }

  /** A dispute that is certainly there, open or lost to the payer. */
  isCertainlyDisputed(ref: ChargeRef): boolean {
    return isCertain(this.#of(ref).disputes, (event) => event.kind === 'charge.disputed' && isGone(event));
  }

  /** Returns which fact of a record no event has told, that anybody has begun to write. */
  untold({ releasedMs, refundedByOthers, kept, capture, ...ref }: ChargeRecord): string | undefined {
    const { captures, voids, refunds, ours, adjustments } = this.#of(ref);
    const amounts = [...captures.keys(), ...adjustments.keys()];
    const isAmountTold = (ref.adjustments ?? []).every(({ amountMinor, atMs }) =>
      amounts.some((event) => event.timeMs === atMs && amountIn(event) === amountMinor),
    );
    if (!isAmountTold) return 'adjusted';
    const isEachTold = (ref.singleRefunds ?? []).every(({ id, minor, atMs }) =>
      [...refunds.keys(), ...ours.keys()].some(
        (event) => event.timeMs === atMs && isRefundOf(event, id) && returnedBy(event) === minor,
      ),
    );
    if (!isEachTold) return 'refunded by others, one by one';
    if (releasedMs !== undefined && ![...voids.keys()].some(({ timeMs }) => timeMs === releasedMs)) return 'released';
    const isRefundTold = [...refunds.keys()].some(
      (event) => event.timeMs === refundedByOthers?.atMs && returnedBy(event) === refundedByOthers.totalMinor,
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
      ours: new Map(),
      adjustments: new Map(),
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

/** The total that an event tells, or what its one refund has returned. */
function returnedBy(event: PaymentEvent): number {
  if (event.kind !== 'charge.refunded') return 0;
  return event.refundId === undefined ? event.refundedTotalMinor : event.refundMinor;
}

function isRefundOf(event: PaymentEvent, id: string): boolean {
  return event.kind === 'charge.refunded' && (event.reference ?? event.refundId) === id;
}

function amountIn(event: PaymentEvent): number {
  if (event.kind === 'charge.adjusted') return event.adjusted.amountMinor;
  return event.kind === 'charge.captured' ? event.charge.amountMinor : 0;
}

function isUnpaid(event: PaymentEvent): boolean {
  return event.kind === 'order.closed' && event.outcome === 'unpaid';
}

function isGone(event: Extract<PaymentEvent, { kind: 'charge.disputed' }>): boolean {
  return event.open || event.wonBy === 'payer';
}

function setDefault<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}
