import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import type { RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import type { Random } from '../../scenario/random.ts';

/** What the processor knows of a charge, whatever has reached us of it. */
export interface Book {
  /** The times of the latest capture and of the latest void or failure that the books know. */
  capturedMs: number;
  voidedMs: number;
  amountMinor: number;
  /** Everything refunded, by whomever. */
  refundedMinor: number;
  /** Our refunds, one for each idempotency key that moved money. */
  readonly ours: Map<string, number>;
}

export interface Processor extends RefundGateway {
  bookOf(charge: Charge): Book;
  /** Called at each movement of money by us. */
  onRefund: (request: ReversalRequest) => void;
  /** From then on every outcome is known at once. */
  calm(): void;
}

/** The first times that a key is asked the outcome may be pending or unknown, though the money may have moved. */
const UNKNOWN_CHANCE = 0.15;
const PENDING_CHANCE = 0.1;
const REFUSED_CHANCE = 0.06;

/** A processor with books of its own. For one idempotency key it acts at most once and answers the same ever after. */
export function createProcessor(random: Random): Processor {
  const books = new Map<string, Book>();
  const outcomes = new Map<string, ReversalOutcome>();
  let isCalm = false;

  const bookOf = ({ source, chargeId }: Charge): Book => {
    const key = `${source} ${chargeId}`;
    const book = books.get(key) ?? {
      capturedMs: Number.NEGATIVE_INFINITY,
      voidedMs: Number.NEGATIVE_INFINITY,
      amountMinor: 0,
      refundedMinor: 0,
      ours: new Map(),
    };
    books.set(key, book);
    return book;
  };
  const act = (request: ReversalRequest): ReversalOutcome => {
    const { charge, refundMinor, idempotencyKey } = request;
    const book = bookOf(charge);
    if (isVoided(book) || book.refundedMinor >= charge.amountMinor) return { kind: 'reversed-externally' };
    if (refundMinor > charge.amountMinor - book.refundedMinor) return { kind: 'failed', reason: 'more than is left' };
    if (random.chance(REFUSED_CHANCE)) return { kind: 'failed', reason: 'refused' };
    processor.onRefund(request);
    book.refundedMinor += refundMinor;
    book.ours.set(idempotencyKey, refundMinor);
    return { kind: 'refunded', processorReference: `processor-${idempotencyKey}` };
  };
  const processor: Processor = {
    bookOf,
    onRefund: () => {},
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
  };
  return processor;
}

/** Changes the books as the event says. Returns false where they no longer allow it: then it did not happen. */
export function bookEvent(processor: Processor, event: PaymentEvent): boolean {
  if (event.kind === 'order.closed' || event.kind === 'charge.disputed') return true;
  const book = processor.bookOf(event.charge);
  if (event.kind === 'charge.captured') {
    // Told anew it overrules a void; with money on its way back it is not told anew.
    if (book.ours.size > 0) return false;
    book.capturedMs = Math.max(book.capturedMs, event.timeMs);
    book.amountMinor = event.charge.amountMinor;
    return true;
  }
  if (event.kind !== 'charge.refunded') {
    if (book.refundedMinor > 0 || (book.ours.size > 0 && event.timeMs >= book.capturedMs)) return false;
    book.voidedMs = Math.max(book.voidedMs, event.timeMs);
    return true;
  }
  // Beside a refund of ours others' refunds are refused; a total that falls tells of one that failed.
  if (isVoided(book) || book.ours.size > 0 || book.refundedMinor === event.refundedTotalMinor) return false;
  book.refundedMinor = event.refundedTotalMinor;
  return true;
}

function isVoided({ capturedMs, voidedMs }: Book): boolean {
  return voidedMs >= capturedMs && voidedMs > Number.NEGATIVE_INFINITY;
}
