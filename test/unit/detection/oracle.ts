import type { Configuration } from '../../../core/configuration/configuration.ts';
import type { Detector } from '../../../core/detection/detector.ts';
import type { Charge, ChargeRef, OrderClosed, PaymentEvent } from '../../../core/events/payment-event.ts';
import { comparesAmounts, isAsMuch, respell, same, type Values, valuesOf } from './likeness.ts';
import {
  amountNow,
  amountsOf,
  EVIDENCE,
  type Facts,
  isAnother,
  likesOf,
  newFacts,
  note,
  returned,
  tellAgain,
} from './oracle-facts.ts';

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

interface Member {
  readonly name: string;
  readonly timeMs: number;
  readonly sinceMs: number;
  /** The charge as it was and as it has been, amount by amount. */
  likes: readonly Charge[];
  readonly answer: Answer;
  readonly original: ChargeRef;
}

/** All that one detector remembers under one key. */
interface Book {
  readonly detectorId: string;
  members: Member[];
  closed?: { timeMs: number; outcome: 'paid' | 'unpaid' };
  /** An unpaid closing was told after a paid one that holds. */
  overrules?: boolean;
  expiresAtMs: number;
}

/**
 * Detection once more, from section 3 of the design alone: one event at a time, a list that is searched from end to end
 * for each detector and key, nothing written but facts. It shares with the product the shape of events and detectors.
 */
export class Oracle {
  readonly #charges = new Map<string, Facts>();
  readonly #books = new Map<string, Book>();
  readonly #flags = new Map<string, RaisedFlag>();
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  judge(event: PaymentEvent, nowMs: number): Answer {
    for (const [key, book] of this.#books) if (book.expiresAtMs <= nowMs) this.#books.delete(key);
    for (const [key, facts] of this.#charges) if (facts.expiresAtMs <= nowMs) this.#charges.delete(key);
    if (event.kind === 'order.closed') {
      const closing = this.#configuration.detectorsFor(event).filter(({ orders }) => orders);
      for (const detector of closing) {
        close(this.#book(this.#key(detector, event.source, { ...event }), detector), detector, event, nowMs);
      }
      return { kind: 'noted' };
    }
    const name = named(event.charge);
    const { source, chargeId } = event.charge;
    const known = this.#charges.get(name);
    const facts = known ?? newFacts({ source, chargeId });
    if (event.kind !== 'charge.captured') {
      note(facts, event, nowMs);
      if (facts.expiresAtMs > 0) this.#charges.set(name, facts);
      if (event.kind === 'charge.adjusted' && facts.captured) {
        this.#file(facts, facts.captured, { nowMs, isKnown: true });
      }
      return { kind: 'noted' };
    }
    const { captured } = facts;
    if (captured && isAnother(captured, event)) return { kind: 'conflict' };
    if (captured && tellAgain(facts, captured, event)) facts.expiresAtMs = nowMs + EVIDENCE;
    this.#charges.set(name, facts);
    if (captured) return this.#file(facts, captured, { nowMs, isKnown: true });
    const books = this.#applying(event.charge).map((detector) => this.#keyOfCharge(detector, event.charge));
    const { charge, timeMs } = event;
    facts.captured = { charge, timeMs, seenMs: nowMs, latestMs: timeMs, books };
    facts.hearsay.captured(charge, amountsOf(facts, charge));
    facts.expiresAtMs = nowMs + EVIDENCE;
    return this.#file(facts, facts.captured, { nowMs, isKnown: false });
  }

  /** Effects follow state: whatever stands and is surplus now has a flag from now on, of the strongest that says so. */
  raise(nowMs: number): readonly RaisedFlag[] {
    for (const { detectorId, members, closed, expiresAtMs } of this.#books.values()) {
      if (expiresAtMs <= nowMs) continue;
      const owed = closed?.outcome === 'unpaid' ? 0 : 1;
      for (const { name } of surplus(members, detectorId, { owed, stands: (one) => this.#stands(one, nowMs) })) {
        const facts = this.#charges.get(name);
        if (facts?.captured === undefined) continue;
        const raised = this.#flags.get(name);
        if (raised && this.#rankOf(raised.detector) <= this.#rankOf(detectorId)) continue;
        const action = this.#configuration.detectorFor(detectorId, facts.captured.charge)?.action ?? 'none';
        this.#flags.set(name, { ref: facts.ref, detector: detectorId, action });
      }
    }
    return [...this.#flags.values()];
  }

  #stands(name: string, nowMs: number): boolean {
    const facts = this.#charges.get(name);
    if (facts === undefined || facts.expiresAtMs <= nowMs) return false;
    const { captured, releasedMs, dispute } = facts;
    if (captured === undefined || captured.seenMs - captured.timeMs >= EVIDENCE) return false;
    if (releasedMs !== undefined && releasedMs >= captured.latestMs) return false;
    if (returned(facts) >= amountNow(facts, captured)) return false;
    return dispute === undefined || dispute.state === 'merchant';
  }

  #file(
    facts: Facts,
    captured: NonNullable<Facts['captured']>,
    { nowMs, isKnown }: { nowMs: number; isKnown: boolean },
  ): Answer {
    const { ref } = facts;
    const likes = likesOf(facts, captured.charge);
    let answer: Answer = { kind: 'original' };
    for (const detector of this.#configuration.detectorsFor(captured.charge)) {
      const key = captured.books.find((one) => JSON.parse(one)[0] === detector.id);
      if (key === undefined) continue;
      const sinceMs = Math.max(captured.timeMs, captured.seenMs);
      const isRemembered = this.#books.get(key)?.members.some(({ name }) => name === named(ref));
      // An original alone that was forgotten in time.
      if (isKnown && !isRemembered && sinceMs + detector.retainMs <= nowMs) continue;
      const now = observe(this.#book(key, detector), detector, { ref, captured, likes, answer, nowMs });
      if (answer.kind === 'original') answer = now;
    }
    return answer;
  }

  #applying(charge: Charge): readonly Detector[] {
    const values = valuesOf(charge);
    return this.#configuration
      .detectorsFor(charge)
      .filter(
        ({ exemptMccs, key }) => !exemptMccs.has(charge.mcc ?? '') && key.every((field) => values[field] != null),
      );
  }

  #rankOf(id: string): number {
    return this.#configuration.detectors.findIndex((detector) => detector.id === id);
  }

  #keyOfCharge(detector: Detector, charge: Charge): string {
    return this.#key(detector, charge.source, valuesOf(charge));
  }

  #key({ id, key, normalise }: Detector, source: string, values: Values): string {
    const spelt = key.map((field) => (normalise[field] ?? []).reduce(respell, String(values[field])));
    return JSON.stringify([id, this.#configuration.namespaceOf(source), spelt]);
  }

  #book(key: string, detector: Detector): Book {
    const book = this.#books.get(key) ?? {
      detectorId: detector.id,
      members: [],
      expiresAtMs: Number.POSITIVE_INFINITY,
    };
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
  else {
    book.closed = { timeMs, outcome };
    // Told anew, it overrules nothing that it knows of.
    delete book.overrules;
  }
  live(book, detector, { timeMs, nowMs });
}

function observe(
  book: Book,
  detector: Detector,
  {
    ref,
    captured: { charge, timeMs, seenMs },
    likes,
    answer: decided,
    nowMs,
  }: {
    ref: ChargeRef;
    captured: NonNullable<Facts['captured']>;
    likes: readonly Charge[];
    answer: Answer;
    nowMs: number;
  },
): Answer {
  const known = book.members.find(({ name }) => name === named(ref));
  if (known) {
    // Only where the detector compares amounts a further one says something; then the book is written.
    const isNews = comparesAmounts(detector) && likes.some((like) => !known.likes.some(isOfAmount(like)));
    if (isNews) {
      known.likes = [...known.likes, ...likes];
      live(book, detector, { timeMs: known.sinceMs, nowMs });
    }
    return known.answer;
  }
  const isNear = (one: Member) => Math.abs(one.timeMs - timeMs) < detector.reviewWindowMs;
  const beginningOf = (one: Member) =>
    book.members.find(({ name }) => name === named(one.original)) ??
    book.members.find(({ original }) => named(original) === named(one.original)) ??
    one;
  const isOriginal = book.members.some((one) => named(one.original) === named(ref));
  const match = book.members.find(
    (one) =>
      !isOriginal &&
      one.likes.some(
        (like) =>
          same(like, detector) === same(charge, detector) &&
          (detector.near === undefined || isAsMuch(like.amountMinor, charge.amountMinor, detector.near)),
      ) &&
      isNear(one) &&
      (detector.isChainUnlimited || isNear(beginningOf(one))),
  );
  let answer: Answer = { kind: 'original' };
  if (decided.kind === 'duplicate') answer = decided;
  else if (match) answer = { kind: 'duplicate', original: match.original, detector: detector.id };
  const original = answer.kind === 'duplicate' ? answer.original : ref;
  const sinceMs = Math.max(timeMs, seenMs);
  book.members.push({ name: named(ref), timeMs, sinceMs, likes, answer, original });
  if (book.closed === undefined) {
    // Originals that nothing repeats are forgotten after their time, whenever the book is written.
    const repeated = new Set(book.members.filter(isDuplicate).map(({ original }) => named(original)));
    book.members = book.members.filter(
      (one) =>
        isDuplicate(one) ||
        repeated.has(one.name) ||
        one.name === named(ref) ||
        one.sinceMs + detector.retainMs > nowMs,
    );
  }
  live(book, detector, { timeMs: sinceMs, nowMs });
  return answer;
}

function isOfAmount({ amountMinor }: Charge): (other: Charge) => boolean {
  return (other) => other.amountMinor === amountMinor;
}

/** What stands beyond what is owed, in each cluster: the original goes last, and before it the first remembered. */
function surplus(
  members: readonly Member[],
  detectorId: string,
  { owed, stands }: { readonly owed: 0 | 1; readonly stands: (name: string) => boolean },
): readonly Member[] {
  const standing = members
    .filter(({ name }) => stands(name))
    // A charge that a stronger detector decided is that one's to refund.
    .filter(({ answer }) => answer.kind !== 'duplicate' || answer.detector === detectorId);
  const clusters = Map.groupBy(standing, ({ original }) => named(original));
  return [...clusters.values()].flatMap((cluster) => {
    const originalLast = cluster.toSorted((a, b) => Number(isDuplicate(a)) - Number(isDuplicate(b)));
    return originalLast.slice(owed);
  });
}

/** Originals alone live `retain` after the later of event and processing time; what is evidence lives half a year. */
function live(book: Book, { retainMs }: Detector, { timeMs, nowMs }: { timeMs: number; nowMs: number }): void {
  const isEvidence = book.closed?.outcome === 'unpaid' || book.overrules === true || book.members.some(isDuplicate);
  const before = Number.isFinite(book.expiresAtMs) ? book.expiresAtMs : 0;
  const livesMs = isEvidence ? Math.max(EVIDENCE, retainMs) : retainMs;
  book.expiresAtMs = Math.max(before, Math.max(timeMs, nowMs) + livesMs);
}

function isDuplicate({ answer }: Member): boolean {
  return answer.kind === 'duplicate';
}

function named({ source, chargeId }: ChargeRef): string {
  return JSON.stringify([source, chargeId]);
}
