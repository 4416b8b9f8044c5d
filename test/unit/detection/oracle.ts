import type { Configuration } from '../../../core/configuration/configuration.ts';
import type { Detector } from '../../../core/detection/detector.ts';
import type { Charge, ChargeEvent, ChargeRef, OrderClosed, PaymentEvent } from '../../../core/events/payment-event.ts';
import { DAY } from '../../fixtures/charges.ts';

/** What a judge says of one event, in words that can be compared. */
export type Answer =
  | { readonly kind: 'original' }
  | { readonly kind: 'duplicate'; readonly original: ChargeRef; readonly detector: string }
  | { readonly kind: 'noted' }
  | { readonly kind: 'conflict' };

export interface RaisedFlag {
  readonly ref: ChargeRef;
  readonly detector: string;
  readonly action: string;
}

interface Facts {
  readonly ref: ChargeRef;
  captured?: { charge: Charge; timeMs: number; sequence: number; answer: Answer; original: ChargeRef };
  released?: true;
  refundedTotalMinor: number;
  dispute?: { timeMs: number; state: 'open' | 'merchant' | 'payer' };
}

/** All that one detector remembers under one key. */
interface Book {
  readonly detectorId: string;
  facts: Facts[];
  closed?: { timeMs: number; outcome: 'paid' | 'unpaid' };
  /** An unpaid closing was told after a paid one that holds. */
  overrules?: boolean;
  expiresAtMs: number;
}

type Values = Readonly<Record<string, unknown>>;
type Lifecycle = Exclude<ChargeEvent, { kind: 'charge.captured' }>;

/**
 * Detection once more, from section 3 of the design alone: one event at a time, a list that is searched from end to end
 * for each detector and key, nothing written but facts. It shares with the product the shape of events and detectors.
 */
export class Oracle {
  readonly #books = new Map<string, Book>();
  readonly #flags = new Map<string, RaisedFlag>();
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  judge(event: PaymentEvent, nowMs: number): Answer {
    for (const [key, book] of this.#books) if (book.expiresAtMs <= nowMs) this.#books.delete(key);
    if (event.kind === 'order.closed') {
      const closing = this.#configuration.detectorsFor(event).filter(({ orders }) => orders);
      for (const detector of closing) close(this.#book(detector, event.source, { ...event }), detector, event, nowMs);
      return { kind: 'noted' };
    }
    const { charge } = event;
    let answer: Answer = event.kind === 'charge.captured' ? { kind: 'original' } : { kind: 'noted' };
    for (const detector of this.#configuration.detectorsFor(charge)) {
      const values: Values = { ...charge, amount: charge.amountMinor };
      if (detector.exemptMccs.has(charge.mcc ?? '') || detector.key.some((field) => values[field] === undefined))
        continue;
      const book = this.#book(detector, charge.source, values);
      const now: Answer =
        event.kind === 'charge.captured'
          ? observe(book, detector, { event, answer, nowMs })
          : note(book, detector, { event, nowMs });
      if (now.kind === 'conflict') return now;
      if (answer.kind === 'original') answer = now;
    }
    return answer;
  }

  /** Effects follow state: whatever stands and is surplus now has a flag from now on, of the strongest that says so. */
  raise(): readonly RaisedFlag[] {
    for (const { detectorId, facts, closed } of this.#books.values()) {
      for (const { captured, ref } of surplus(facts, detectorId, closed?.outcome === 'unpaid' ? 0 : 1)) {
        const known = this.#flags.get(named(ref));
        if (known && this.#rankOf(known.detector) <= this.#rankOf(detectorId)) continue;
        const action = this.#configuration.detectorFor(detectorId, captured.charge)?.action ?? 'none';
        this.#flags.set(named(ref), { ref, detector: detectorId, action });
      }
    }
    return [...this.#flags.values()];
  }

  #rankOf(id: string): number {
    return this.#configuration.detectors.findIndex((detector) => detector.id === id);
  }

  #book(detector: Detector, source: string, values: Values): Book {
    const namespace = this.#configuration.namespaceOf(source);
    const key = JSON.stringify([detector.id, namespace, detector.key.map((field) => values[field])]);
    const book = this.#books.get(key) ?? { detectorId: detector.id, facts: [], expiresAtMs: Number.POSITIVE_INFINITY };
    this.#books.set(key, book);
    return book;
  }
}

function close(book: Book, detector: Detector, { timeMs, outcome }: OrderClosed, nowMs: number): void {
  const { closed } = book;
  const isTie = timeMs === closed?.timeMs;
  const isOlder = closed && (timeMs < closed.timeMs || (isTie && (outcome === 'unpaid' || closed.outcome === 'paid')));
  if (isOlder && (outcome === 'paid' || closed.outcome === 'unpaid' || book.overrules)) return;
  if (isOlder) book.overrules = true;
  else book.closed = { timeMs, outcome };
  live(book, detector, { timeMs, nowMs });
}

function observe(
  book: Book,
  detector: Detector,
  { event: { charge, timeMs }, answer: decided, nowMs }: { event: ChargeEvent; answer: Answer; nowMs: number },
): Answer {
  const known = book.facts.find(({ ref }) => named(ref) === named(charge));
  if (known?.captured) {
    return money(known.captured.charge) === money(charge) ? known.captured.answer : { kind: 'conflict' };
  }
  const captures = book.facts.filter(isCaptured);
  const [match] = captures
    .filter(({ captured }) => Math.abs(captured.timeMs - timeMs) <= detector.windowMs)
    .filter(({ captured }) => same(captured.charge, detector) === same(charge, detector))
    .filter((other) => !isReleased(other) && named(other.captured.original) !== named(charge))
    .sort((a, b) => a.captured.sequence - b.captured.sequence);
  const ref = { source: charge.source, chargeId: charge.chargeId };
  let answer: Answer = { kind: 'original' };
  if (decided.kind === 'duplicate') answer = decided;
  else if (match) answer = { kind: 'duplicate', original: match.captured.original, detector: detector.id };
  const original = answer.kind === 'duplicate' ? answer.original : ref;
  const captured = { charge, timeMs, sequence: captures.length, answer, original };
  if (known && known.refundedTotalMinor >= charge.amountMinor) known.released = true;
  if (known) known.captured = captured;
  else book.facts.push({ ref, captured, refundedTotalMinor: 0 });
  live(book, detector, { timeMs, nowMs });
  return answer;
}

function note(book: Book, detector: Detector, { event, nowMs }: { event: Lifecycle; nowMs: number }): Answer {
  const { charge, timeMs } = event;
  const known = book.facts.find(({ ref }) => named(ref) === named(charge));
  if (known?.captured && money(known.captured.charge) !== money(charge)) return { kind: 'conflict' };
  const before: Facts = known ?? { ref: { source: charge.source, chargeId: charge.chargeId }, refundedTotalMinor: 0 };
  const after = { ...before };
  if (event.kind === 'charge.refunded') {
    after.refundedTotalMinor = Math.max(before.refundedTotalMinor, event.refundedTotalMinor);
    if (after.refundedTotalMinor >= charge.amountMinor) after.released = true;
  } else if (event.kind === 'charge.disputed') {
    const state = event.open ? 'open' : (event.wonBy ?? 'payer');
    const last = before.dispute;
    const isTie = last !== undefined && timeMs === last.timeMs;
    // On a tie the state by which less money goes back: open, then won by the payer.
    const weigh = (one: string) => ['merchant', 'payer', 'open'].indexOf(one);
    if (!last || timeMs > last.timeMs || (isTie && weigh(state) > weigh(last.state))) after.dispute = { timeMs, state };
  } else after.released = true;
  if (JSON.stringify(after) === JSON.stringify(before)) return { kind: 'noted' };
  book.facts = [...book.facts.filter((facts) => facts !== known), after];
  live(book, detector, { timeMs, nowMs });
  return { kind: 'noted' };
}

/** Charges that agree in `same`: absent equals absent only. */
function same(charge: Charge, detector: Detector): string {
  const values: Values = { ...charge, amount: charge.amountMinor };
  return JSON.stringify(detector.same.map((field) => values[field] ?? null));
}

/** What stands beyond what is owed, in each cluster: the original goes last, and before it the first remembered. */
function surplus(facts: readonly Facts[], detectorId: string, owed: 0 | 1): readonly Captured[] {
  const isOriginal = ({ ref, captured }: Captured): number => Number(named(ref) === named(captured.original));
  const standing = facts
    .filter(isCaptured)
    .filter((one) => !isReleased(one) && one.dispute?.state !== 'open')
    // A charge that a stronger detector decided is that one's to refund.
    .filter(({ captured: { answer } }) => answer.kind !== 'duplicate' || answer.detector === detectorId)
    .sort((a, b) => isOriginal(b) - isOriginal(a) || a.captured.sequence - b.captured.sequence);
  const clusters = Map.groupBy(standing, ({ captured }) => named(captured.original));
  return [...clusters.values()].flatMap((cluster) => cluster.slice(owed));
}

/** Originals alone live `retain` after the later of event and processing time; what is evidence lives half a year. */
function live(book: Book, { retainMs }: Detector, { timeMs, nowMs }: { timeMs: number; nowMs: number }): void {
  const isEvidence =
    book.closed?.outcome === 'unpaid' ||
    book.overrules === true ||
    book.facts.some(
      (one) => one.captured?.answer.kind !== 'original' || one.released || one.refundedTotalMinor > 0 || one.dispute,
    );
  const before = Number.isFinite(book.expiresAtMs) ? book.expiresAtMs : 0;
  const livesMs = isEvidence ? Math.max(180 * DAY, retainMs) : retainMs;
  book.expiresAtMs = Math.max(before, Math.max(timeMs, nowMs) + livesMs);
}

type Captured = Facts & { readonly captured: NonNullable<Facts['captured']> };

function isCaptured(facts: Facts): facts is Captured {
  return facts.captured !== undefined;
}

function isReleased(facts: Facts): boolean {
  return facts.released === true || facts.dispute?.state === 'payer';
}

function named({ source, chargeId }: ChargeRef): string {
  return JSON.stringify([source, chargeId]);
}

function money({ amountMinor, currency }: Charge): string {
  return `${amountMinor} ${currency}`;
}
