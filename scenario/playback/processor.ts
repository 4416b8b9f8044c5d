import { answerOf, type BookedCharge, type BookedRefund, lookupOf } from '../../adapters/gateways/sandbox-books.ts';
import type { Minor, Ms } from '../../core/brands.ts';
import type { Charge, ChargeEvent, ChargeRef, PaymentEvent } from '../../core/events/payment-event.ts';
import type { Lookup, RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';

interface Booked {
  readonly event: ChargeEvent;
  /** From when on the processor knows it: it happened by then, or the stream has told it. */
  readonly knownMs: Ms;
}

/** One movement of money: that of a charge, or of all charges that name one payment. */
interface Movement {
  readonly name: string;
  readonly booked: Booked[];
  /** What our own refunds have returned of it. */
  oursMinor: Minor;
}

/**
 * A processor with books of its own, in memory. The books follow event time: of a late event the processor knows before
 * the stream does. Each live capture is a movement of its own, save that charges of one `payment` are one movement. What
 * it answers under an idempotency key it answers again, and returns money once for it.
 */
export class Processor implements RefundGateway {
  readonly #movements = new Map<string, Movement>();
  readonly #movementOf = new Map<string, Movement>();
  readonly #refunds = new Map<string, BookedRefund>();
  readonly #returned = new Map<string, Minor>();
  readonly #nowMs: () => Ms;

  constructor(nowMs: () => Ms) {
    this.#nowMs = nowMs;
  }

  /** Books an event of the file, before or after its time has come. */
  book(event: PaymentEvent, { arrivedMs, payment }: { readonly arrivedMs: Ms; readonly payment: string | undefined }) {
    if (event.kind === 'order.closed') return;
    const { source, chargeId } = event.charge;
    const movement =
      this.#movementOf.get(keyOf(event.charge)) ??
      this.#movementCalled(JSON.stringify(payment === undefined ? [source, chargeId] : [source, 'payment', payment]));
    this.#movementOf.set(keyOf(event.charge), movement);
    movement.booked.push({ event, knownMs: Math.min(event.timeMs, arrivedMs) });
  }

  /** Returns how much our refunds have returned of a charge. */
  returnedMinor(charge: ChargeRef): Minor {
    return this.#returned.get(keyOf(charge)) ?? 0;
  }

  async reverse(request: ReversalRequest): Promise<ReversalOutcome> {
    const movement = this.#movementOf.get(keyOf(request.charge));
    const charge = movement && bookOf(movement, this.#nowMs());
    const refund = this.#refunds.get(request.idempotencyKey);
    const answer = answerOf({ refund, charge, behaviour: undefined }, request);
    if (answer.refund !== undefined) this.#refunds.set(request.idempotencyKey, answer.refund);
    if (answer.charge !== undefined && charge !== undefined && movement !== undefined) {
      const returnedMinor = answer.charge.refundedMinor - charge.refundedMinor;
      movement.oursMinor += returnedMinor;
      this.#returned.set(keyOf(request.charge), this.returnedMinor(request.charge) + returnedMinor);
    }
    return answer.outcome;
  }

  async lookup(charge: Charge): Promise<Lookup> {
    const movement = this.#movementOf.get(keyOf(charge));
    const book = movement && bookOf(movement, this.#nowMs());
    const told = movement && firstCaptureOf(movement, charge);
    if (movement === undefined || book === undefined || told === undefined) return { kind: 'not-found' };
    const { merchant, order, payer } = told;
    return lookupOf({ ...book, merchant, order, payer }, movement.name);
  }

  #movementCalled(name: string): Movement {
    const movement = this.#movements.get(name) ?? { name, booked: [], oursMinor: 0 };
    this.#movements.set(name, movement);
    return movement;
  }
}

function keyOf({ source, chargeId }: ChargeRef): string {
  return JSON.stringify([source, chargeId]);
}

/** The charge as its first capture told it. */
function firstCaptureOf({ booked }: Movement, { chargeId }: ChargeRef): Charge | undefined {
  for (const { event } of booked) {
    if (event.kind === 'charge.captured' && event.charge.chargeId === chargeId) return event.charge;
  }
  return undefined;
}

/** The movement as it stands now, by event time; undefined before its capture. */
function bookOf({ booked, oursMinor }: Movement, nowMs: Ms): BookedCharge | undefined {
  const events = booked.filter(({ knownMs }) => knownMs <= nowMs).map(({ event }) => event);
  const captured = latestOf(events.filter((event) => event.kind === 'charge.captured'));
  if (captured === undefined) return undefined;
  const released = latestOf(events.filter(({ kind }) => kind === 'charge.failed' || kind === 'charge.voided'));
  // On a tie the void holds: processors repeat captures more often than they withdraw voids.
  const isReleased = released !== undefined && released.timeMs >= captured.timeMs;
  const { currency } = captured.charge;
  const amountMinor = amountOf(captured, events);
  return {
    state: isReleased ? 'voided' : disputeOf(events),
    currency,
    amountMinor,
    refundedMinor: Math.min(amountMinor, refundedMinorOf(events) + oursMinor),
  };
}

/** Of captures and adjustments the latest holds, of two at one time the smaller. */
function amountOf(captured: Extract<ChargeEvent, { kind: 'charge.captured' }>, events: readonly ChargeEvent[]): Minor {
  const { amountMinor, currency } = captured.charge;
  return events.reduce(
    (latest, event) => {
      if (event.kind !== 'charge.adjusted' || event.adjusted.currency !== currency) return latest;
      const isSmaller = event.timeMs === latest.timeMs && event.adjusted.amountMinor < latest.amountMinor;
      const isLater = event.timeMs > latest.timeMs || isSmaller;
      return isLater ? { timeMs: event.timeMs, amountMinor: event.adjusted.amountMinor } : latest;
    },
    { timeMs: captured.timeMs, amountMinor },
  ).amountMinor;
}

/** The latest total, on a tie the larger, and what was told one by one after it: each refund by its latest telling. */
function refundedMinorOf(events: readonly ChargeEvent[]): Minor {
  const refunds = events.filter((event) => event.kind === 'charge.refunded').sort((a, b) => a.timeMs - b.timeMs);
  const singles = new Map<string, Minor>();
  let total = { timeMs: Number.NEGATIVE_INFINITY, minor: 0 };
  for (const event of refunds) {
    if (event.refundId !== undefined) singles.set(event.refundId, event.refundMinor);
    else if (event.timeMs > total.timeMs || event.refundedTotalMinor > total.minor) {
      total = { timeMs: event.timeMs, minor: event.refundedTotalMinor };
      singles.clear();
    }
  }
  return [...singles.values()].reduce((sum, minor) => sum + minor, total.minor);
}

/** The latest dispute holds, on a tie the open one. */
function disputeOf(events: readonly ChargeEvent[]): 'captured' | 'disputed' | 'voided' {
  const disputes = events.filter((event) => event.kind === 'charge.disputed').sort((a, b) => +a.open - +b.open);
  const latest = disputes.reduce<(typeof disputes)[number] | undefined>(
    (best, event) => (best === undefined || event.timeMs >= best.timeMs ? event : best),
    undefined,
  );
  if (latest === undefined) return 'captured';
  if (latest.open) return 'disputed';
  return latest.wonBy === 'payer' ? 'voided' : 'captured';
}

/** Of several at one time the first: what contradicts it is a conflict. */
function latestOf<Event extends ChargeEvent>(events: readonly Event[]): Event | undefined {
  return events.reduce<Event | undefined>(
    (best, event) => (best === undefined || event.timeMs > best.timeMs ? event : best),
    undefined,
  );
}
