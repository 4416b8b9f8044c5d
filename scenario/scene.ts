import type { Minor, Ms } from '../core/brands.ts';
import type { QuarantineReason } from '../core/events/parse-event.ts';
import type { Charge } from '../core/events/payment-event.ts';
import { clusterTruth, type Expectation } from './expectation.ts';
import type { Random } from './random.ts';
import type { ClusterTruth } from './truth.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The wallet and the bank share a namespace: their tokens mean the same. Acme's happen to look alike and do not. */
export const WALLET = '/processors/wallet';
export const BANK = '/processors/bank';
export const ACME = '/processors/acme';

/** What a payer means to pay; a charge is one capture of it. */
export type Purchase = Omit<Charge, 'chargeId'>;

/** One line of the file. `reason` is present where the line must end in quarantine. */
export interface Delivery {
  readonly arrivesMs: Ms;
  readonly line: string;
  readonly reason?: QuarantineReason;
}

export interface StoryKind {
  readonly kind: string;
  /** How many of 1,500 orders go this way. At least one always does. */
  readonly in1500: number;
  readonly play: (scene: Scene) => void;
}

interface How {
  /** Event time before arrival. A second or so unless the story is about it. */
  readonly lateMs?: Ms;
}

/**
 * The stage on which one story is told. Lines reach the stream in the order in which the story tells them; an event that
 * is told with `lateMs` happened that much earlier. All tokens carry the story's number, so that stories never meet.
 */
export class Scene {
  readonly deliveries: Delivery[] = [];
  readonly clusters: ClusterTruth[] = [];
  readonly chargeKeys = new Set<string>();
  readonly number: number;
  readonly random: Random;
  readonly #kind: string;
  readonly #capturedAt = new Map<string, string>();
  #nowMs: Ms;
  #events = 0;

  constructor(story: { number: number; kind: string; random: Random; beginMs: Ms }) {
    this.number = story.number;
    this.random = story.random;
    this.#kind = story.kind;
    this.#nowMs = story.beginMs;
  }

  /** `token('p', 'family')` is `p_417_family` in story 417. */
  token(prefix: string, name = ''): string {
    return name === '' ? `${prefix}_${this.number}` : `${prefix}_${this.number}_${name}`;
  }

  /** Lets time pass; below zero only before anything was told. */
  wait(minMs: Ms, maxMs = minMs): void {
    if (minMs < 0 && this.deliveries.length > 0) throw new Error(`story ${this.number} cannot turn back time`);
    this.#nowMs += this.random.integer(minMs, maxMs);
  }

  purchase(terms: Partial<Purchase> = {}): Purchase {
    const { random } = this;
    return {
      source: WALLET,
      payer: this.token('p'),
      merchant: `m_${random.integer(1, 40)}`,
      order: this.token('o'),
      ...this.price(),
      instrument: this.token('tok'),
      channel: random.pick(['app', 'app', 'web', 'mini-program']),
      mcc: random.pick(['5311', '5651', '5732', '5942', '5999']),
      ...terms,
    };
  }

  /** Mostly yuan and fen; some yen, which have no minor unit, and some dinars, which have three digits of it. */
  price(): Pick<Purchase, 'amountMinor' | 'currency'> {
    const { random } = this;
    const luck = random.fraction();
    if (luck < 0.8) return { amountMinor: random.integer(990, 89_900), currency: 'CNY' };
    if (luck < 0.9) return { amountMinor: random.integer(480, 18_000), currency: 'JPY' };
    return { amountMinor: random.integer(1_250, 36_500), currency: 'KWD' };
  }

  capture(purchase: Purchase, how: How & { chargeId?: string; extra?: Record<string, unknown> } = {}): Charge {
    const charge = { ...purchase, chargeId: how.chargeId ?? this.token('ch', String(this.chargeKeys.size + 1)) };
    this.chargeKeys.add(`${charge.source} ${charge.chargeId}`);
    this.#emit('charge.captured', charge.source, { ...wire(charge), ...how.extra }, how);
    return charge;
  }

  /** A charge that the story names but has not captured yet, for news that overtakes its capture. */
  uncaptured(purchase: Purchase, name: string): Charge {
    return { ...purchase, chargeId: this.token('ch', name) };
  }

  fail(charge: Charge, how: How = {}): void {
    this.#emit('charge.failed', charge.source, wire(charge), how);
  }

  void(charge: Charge, how: How = {}): void {
    this.#emit('charge.voided', charge.source, wire(charge), how);
  }

  /** A void that names the charge and nothing else of it. */
  voidById({ source, chargeId }: Charge, how: How = {}): void {
    this.#emit('charge.voided', source, { chargeId }, how);
  }

  /** Somebody else gives money back; `totalMinor` is all that was given back so far. */
  refundByOthers(charge: Charge, totalMinor: Minor, how: How = {}): void {
    this.#emit('charge.refunded', charge.source, { ...wire(charge), refundedTotal: totalMinor }, how);
  }

  dispute(charge: Charge, state: 'open' | 'won-by-merchant' | 'won-by-payer', how: How = {}): void {
    const outcome =
      state === 'open' ? { open: true } : { open: false, wonBy: state === 'won-by-payer' ? 'payer' : 'merchant' };
    this.#emit('charge.disputed', charge.source, { ...wire(charge), ...outcome }, how);
  }

  close({ source, merchant, order }: Purchase, outcome: 'paid' | 'unpaid', how: How = {}): void {
    this.#emit('order.closed', source, { merchant, order, outcome }, how);
  }

  /** The same charge of the same time with other words: its first verdict stays, and this line goes to quarantine. */
  contradict(charge: Charge): void {
    const again = this.event('charge.captured', charge.source, wire(charge));
    this.malformed('conflict', { ...again, time: this.#capturedAt.get(`${charge.source} ${charge.chargeId}`) });
  }

  malformed(reason: QuarantineReason, content: string | Record<string, unknown>): void {
    const line = typeof content === 'string' ? content : JSON.stringify(content);
    this.deliveries.push({ arrivesMs: this.#nowMs, line, reason });
  }

  expect(expectation: Expectation): void {
    this.clusters.push(clusterTruth(this.number, this.#kind, expectation));
  }

  event(type: string, source: string, about: Record<string, unknown>, lateMs = 0): Record<string, unknown> {
    this.#events += 1;
    const id = this.token('evt', String(this.#events));
    return { specversion: '1.0', id, source, type, time: timestamp(this.#nowMs - lateMs, source), data: about };
  }

  #emit(type: string, source: string, about: Record<string, unknown>, { lateMs }: How): void {
    const event = this.event(type, source, about, lateMs ?? this.random.integer(0, 1500));
    if (type === 'charge.captured') this.#capturedAt.set(`${source} ${about.chargeId}`, String(event.time));
    this.deliveries.push({ arrivesMs: this.#nowMs, line: JSON.stringify(event) });
  }
}

/** A charge as processors write it; what is absent stays absent. */
export function wire(charge: Charge): Record<string, unknown> {
  const { chargeId, payer, merchant, order, amountMinor, currency, instrument, channel, mcc, part } = charge;
  return {
    chargeId,
    payer,
    merchant,
    order,
    amount: { value: amountMinor, currency },
    instrument,
    channel,
    mcc,
    part,
  };
}

/** The bank writes Beijing time and the others UTC: one instant has many spellings. */
function timestamp(timeMs: Ms, source: string): string {
  if (source !== BANK) return new Date(timeMs).toISOString();
  return new Date(timeMs + 8 * HOUR).toISOString().replace('Z', '+08:00');
}
