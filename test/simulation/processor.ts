import type { Charge, ChargeRef, PaymentEvent } from '../../core/events/payment-event.ts';
import type { Lookup, RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import type { Random } from '../../scenario/random.ts';
import { named } from './promises.ts';

/** What the processor knows of a charge, whatever has reached us of it. */
export interface Book {
  /** The times of the latest capture and of the latest void or failure that the books know. */
  capturedMs: number;
  voidedMs: number;
  amountMinor: number;
  /** The event time of that amount. */
  amountMs: number;
  /** Refunds by others that are told one by one. */
  readonly singles: Map<string, number>;
  /** Everything refunded, by whomever. */
  refundedMinor: number;
  /** Our refunds, one for each idempotency key that moved money. */
  readonly ours: Map<string, number>;
  /** Keys that have moved money, also where the refund has failed since. */
  readonly moved: Set<string>;
  /** The latest lookup that was answered. */
  lookedUp: Lookup | undefined;
}

/** What the processor knows of a charge, apart from its money. */
type Known = Pick<Charge, 'merchant' | 'payer' | 'order' | 'currency'>;

/** How the processor's own record differs from what its events tell of an order. Most agree. */
export type Contradiction = 'one-movement' | 'other-order';

export interface Processor extends RefundGateway {
  /** The charge is true. The ids of one payment are one movement of money, and have one book. */
  noteCharge(charge: Charge): void;
  bookOf(charge: ChargeRef): Book;
  contradictionOf(charge: Charge): Contradiction | undefined;
  /** Called at each movement of money by us. */
  onRefund: (request: ReversalRequest) => void;
  /** Our refund fails after it was done: the money is with the merchant again. */
  bounce(request: ReversalRequest): void;
  /** From then on every outcome is known at once. */
  calm(): void;
}

/** The first times that a key is asked the outcome may be pending or unknown, though the money may have moved. */
const UNKNOWN_CHANCE = 0.15;
const PENDING_CHANCE = 0.1;
const REFUSED_CHANCE = 0.06;
/** For each order. */
const ONE_MOVEMENT_CHANCE = 0.06;
const OTHER_ORDER_CHANCE = 0.06;

/** A processor with books of its own. For one idempotency key it acts at most once and answers the same ever after. */
export function createProcessor(random: Random): Processor {
  const books = new Map<string, Book>();
  const movements = new Map<string, string>();
  const known = new Map<string, Known>();
  const outcomes = new Map<string, ReversalOutcome>();
  const contradictions = new Map<string, Contradiction | undefined>();
  let isCalm = false;

  const movementOf = (charge: ChargeRef) => movements.get(named(charge)) ?? named(charge);
  const bookOf = (charge: ChargeRef): Book => {
    const key = movementOf(charge);
    const book = books.get(key) ?? {
      capturedMs: Number.NEGATIVE_INFINITY,
      voidedMs: Number.NEGATIVE_INFINITY,
      amountMinor: 0,
      amountMs: Number.NEGATIVE_INFINITY,
      singles: new Map(),
      refundedMinor: 0,
      ours: new Map(),
      moved: new Set(),
      lookedUp: undefined,
    };
    books.set(key, book);
    return book;
  };
  const contradictionOf = (charge: Charge): Contradiction | undefined => {
    // A charge without an order has none that could be another.
    if (charge.order === undefined) return undefined;
    const order = orderOf(charge);
    if (!contradictions.has(order)) {
      const isOne = random.chance(ONE_MOVEMENT_CHANCE);
      contradictions.set(order, isOne ? 'one-movement' : random.chance(OTHER_ORDER_CHANCE) ? 'other-order' : undefined);
    }
    return contradictions.get(order);
  };
  const act = (request: ReversalRequest): ReversalOutcome => {
    const { charge, refundMinor, idempotencyKey } = request;
    if (!known.has(named(charge))) return { kind: 'failed', reason: 'no such charge' };
    const book = bookOf(charge);
    if (isVoided(book) || book.refundedMinor >= book.amountMinor) return { kind: 'reversed-externally' };
    if (refundMinor > book.amountMinor - book.refundedMinor) return { kind: 'failed', reason: 'more than is left' };
    if (random.chance(REFUSED_CHANCE)) return { kind: 'failed', reason: 'refused' };
    processor.onRefund(request);
    book.refundedMinor += refundMinor;
    book.ours.set(idempotencyKey, refundMinor);
    book.moved.add(idempotencyKey);
    return { kind: 'refunded', processorReference: `processor-${idempotencyKey}` };
  };
  const processor: Processor = {
    bookOf,
    noteCharge: (charge) => {
      known.set(named(charge), charge);
      if (charge.payment !== undefined) movements.set(named(charge), charge.payment);
    },
    contradictionOf,
    onRefund: () => {},
    bounce: ({ charge, refundMinor, idempotencyKey }) => {
      const book = bookOf(charge);
      book.refundedMinor -= refundMinor;
      book.ours.delete(idempotencyKey);
      outcomes.set(idempotencyKey, { kind: 'failed', reason: 'returned' });
    },
    calm: () => {
      isCalm = true;
    },
    reverse: async (request) => {
      const known = outcomes.get(request.idempotencyKey);
      if (known === undefined && !isCalm && random.chance(PENDING_CHANCE)) return { kind: 'pending' };
      const outcome = known ?? act(request);
      outcomes.set(request.idempotencyKey, outcome);
      if (!isCalm && random.chance(UNKNOWN_CHANCE)) return { kind: 'unknown', reason: 'no answer in time' };
      return outcome;
    },
    lookup: async (charge) => {
      if (!isCalm && random.chance(UNKNOWN_CHANCE)) return { kind: 'unknown', reason: 'no answer in time' };
      const book = bookOf(charge);
      const found = known.get(named(charge));
      // A forged event has reported it.
      if (found === undefined) return { kind: 'not-found' };
      const { merchant, payer, order, currency } = found;
      const { amountMinor } = book;
      const contradiction = contradictionOf(charge);
      const answer = {
        kind: 'found',
        movement: contradiction === 'one-movement' ? orderOf(charge) : movementOf(charge),
        merchant,
        payer,
        order: contradiction === 'other-order' ? 'another' : order,
        amountMinor,
        currency,
        refundableMinor: isVoided(book) ? 0 : amountMinor - book.refundedMinor,
      } as const;
      book.lookedUp = answer;
      return answer;
    },
  };
  return processor;
}

/** A gateway never throws: of a call whose answer was lost nothing is known. */
export function answering(gateway: RefundGateway): RefundGateway {
  const unknown = (reason: unknown) => ({ kind: 'unknown', reason: String(reason) }) as const;
  return {
    reverse: (request) => gateway.reverse(request).catch(unknown),
    lookup: (charge) => gateway.lookup(charge).catch(unknown),
  };
}

/** The charges of one order; a charge without an order stands alone. */
function orderOf({ source, merchant, order, chargeId }: Charge): string {
  return JSON.stringify(order === undefined ? [source, chargeId] : [merchant, order]);
}

/** Changes the books as the event says. Returns false where they no longer allow it: then it did not happen. */
export function bookEvent(processor: Processor, event: PaymentEvent): boolean {
  if (event.kind === 'order.closed' || event.kind === 'charge.disputed') return true;
  if (event.kind === 'charge.captured') processor.noteCharge(event.charge);
  const book = processor.bookOf(event.charge);
  if (event.kind === 'charge.captured') {
    // Told anew it overrules a void; with money on its way back it is not told anew.
    if (book.ours.size > 0) return false;
    book.capturedMs = Math.max(book.capturedMs, event.timeMs);
    bookAmount(book, { amountMinor: event.charge.amountMinor, timeMs: event.timeMs });
    return true;
  }
  if (event.kind === 'charge.adjusted') {
    // What is going back, or has gone, is no longer adjusted.
    if (isVoided(book) || book.refundedMinor > 0 || book.ours.size > 0) return false;
    bookAmount(book, { amountMinor: event.adjusted.amountMinor, timeMs: event.timeMs });
    return true;
  }
  if (event.kind !== 'charge.refunded') {
    if (book.refundedMinor > 0 || (book.ours.size > 0 && event.timeMs >= book.capturedMs)) return false;
    book.voidedMs = Math.max(book.voidedMs, event.timeMs);
    return true;
  }
  // Beside a refund of ours others' refunds are refused; a total that falls tells of one that failed.
  if (isVoided(book) || book.ours.size > 0) return false;
  if (event.refundId !== undefined) {
    book.singles.set(event.refundId, event.refundMinor);
    book.refundedMinor = [...book.singles.values()].reduce((sum, minor) => sum + minor, 0);
    return true;
  }
  book.refundedMinor = event.refundedTotalMinor;
  return true;
}

/** The latest amount holds, of one time the smaller. */
function bookAmount(
  book: Book,
  { amountMinor, timeMs }: { readonly amountMinor: number; readonly timeMs: number },
): void {
  const isSmaller = timeMs === book.amountMs && amountMinor < book.amountMinor;
  if (timeMs < book.amountMs || (timeMs === book.amountMs && !isSmaller)) return;
  book.amountMs = timeMs;
  book.amountMinor = amountMinor;
}

function isVoided({ capturedMs, voidedMs }: Book): boolean {
  return voidedMs >= capturedMs && voidedMs > Number.NEGATIVE_INFINITY;
}
