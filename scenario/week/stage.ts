import type { Minor, Ms } from '../../core/brands.ts';
import type { QuarantineReason } from '../../core/events/parse-event.ts';
import type { Charge, ChargeRef } from '../../core/events/payment-event.ts';
import { clusterTruth, type Expectation } from '../expectation.ts';
import type { Random } from '../random.ts';
import { type Delivery, type Purchase, wire } from '../scene.ts';
import type { ClusterTruth } from '../truth.ts';
import type { Shop } from './shops.ts';

/** One kind of story: how often the week has it, when it begins, and the function that plays it. */
export interface WeekStory {
  readonly kind: string;
  readonly times: number;
  /** 0 is Monday. Without it the story begins on any day from Monday to Friday. */
  readonly day?: number;
  /** The hours (UTC) in which it begins; without them shops are open. */
  readonly hours?: readonly [from: number, to: number];
  readonly play: (stage: Stage) => void;
}

interface How {
  /** How much earlier than its arrival the event happened. */
  readonly lateMs?: Ms;
  /** Fields of the data beyond those of the charge. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/**
 * Collects the events of one story and its truth. An event arrives at its own time. A late event has its arrival in the
 * attribute `arrives`. All tokens carry the story's number, so stories never meet.
 */
export class Stage {
  readonly deliveries: Delivery[] = [];
  readonly clusters: ClusterTruth[] = [];
  readonly chargeKeys = new Set<string>();
  readonly number: number;
  readonly random: Random;
  readonly #kind: string;
  #nowMs: Ms;
  #events = 0;

  constructor(story: { number: number; kind: string; random: Random; beginMs: Ms }) {
    this.number = story.number;
    this.random = story.random;
    this.#kind = story.kind;
    this.#nowMs = story.beginMs;
  }

  /** `token('p', 'guest')` is `p_17_guest` in story 17. */
  token(prefix: string, name = ''): string {
    return name === '' ? `${prefix}_${this.number}` : `${prefix}_${this.number}_${name}`;
  }

  wait(minMs: Ms, maxMs = minMs): void {
    this.#nowMs += this.random.integer(minMs, maxMs);
  }

  /** Returns what one payer means to pay with one card for one order. */
  sale({ source, merchant, currency, mcc, prices: [min, max] }: Shop, terms: Partial<Purchase> = {}): Purchase {
    return {
      source,
      payer: this.token('p'),
      merchant,
      order: this.token('o'),
      instrument: this.token('tok'),
      mcc,
      amountMinor: this.random.integer(min, max),
      currency,
      ...terms,
    };
  }

  capture(sale: Purchase, { chargeId, ...how }: How & { readonly chargeId?: string } = {}): Charge {
    const charge = { ...sale, chargeId: chargeId ?? this.token('ch', String(this.chargeKeys.size + 1)) };
    this.chargeKeys.add(`${charge.source} ${charge.chargeId}`);
    this.#sendCharge('charge.captured', charge, how);
    return charge;
  }

  /** Returns a charge without its capture. */
  uncaptured(sale: Purchase, name: string): Charge {
    return { ...sale, chargeId: this.token('ch', name) };
  }

  fail(charge: Charge, how: How = {}): void {
    this.#sendCharge('charge.failed', charge, how);
  }

  void(charge: Charge, how: How = {}): void {
    this.#sendCharge('charge.voided', charge, how);
  }

  /** Sends a refund by the merchant. `totalMinor` is all that was returned until then. */
  refundByMerchant(charge: Charge, totalMinor: Minor, how: How = {}): void {
    this.#sendCharge('charge.refunded', charge, { ...how, extra: { ...how.extra, refundedTotal: totalMinor } });
  }

  dispute(charge: Charge, state: 'open' | 'won-by-merchant'): void {
    const outcome = state === 'open' ? { open: true } : { open: false, wonBy: 'merchant' };
    this.#sendCharge('charge.disputed', charge, { extra: outcome });
  }

  /** @param totalMinor what the whole order costs, where the shop sends it. */
  close({ source, merchant, order, currency }: Purchase, outcome: 'paid' | 'unpaid', totalMinor?: Minor): void {
    const total = totalMinor === undefined ? undefined : { value: totalMinor, currency };
    this.send('order.closed', source, { merchant, order, outcome, total });
  }

  /** Sends an event with just these fields. */
  send(type: string, source: string, data: Readonly<Record<string, unknown>>, { lateMs = 0 }: How = {}): void {
    this.deliveries.push({ arrivesMs: this.#nowMs, line: JSON.stringify(this.event(type, source, data, lateMs)) });
  }

  /** Sends a line that must end in quarantine for this reason. */
  refused(reason: QuarantineReason, content: string | Readonly<Record<string, unknown>>): void {
    const line = typeof content === 'string' ? content : JSON.stringify(content);
    this.deliveries.push({ arrivesMs: this.#nowMs, line, reason });
  }

  event(type: string, source: string, data: Readonly<Record<string, unknown>>, lateMs = 0) {
    this.#events += 1;
    const id = this.token('evt', String(this.#events));
    const time = iso(this.#nowMs - lateMs);
    return { specversion: '1.0', id, source, type, time, ...(lateMs > 0 && { arrives: iso(this.#nowMs) }), data };
  }

  expect(expectation: Expectation): void {
    this.clusters.push(clusterTruth(this.number, this.#kind, expectation));
  }

  #sendCharge(type: string, charge: Charge, { extra, ...how }: How): void {
    this.send(type, charge.source, { ...fieldsOf(charge), ...extra }, how);
  }
}

/** Returns the fields of a charge as its source sends them, with the processor's id of the payment. */
export function fieldsOf(charge: Charge): Record<string, unknown> {
  return { ...wire(charge), payment: charge.payment };
}

/** Returns what a later event needs to name its charge. */
export function refOf({ chargeId }: ChargeRef): Record<string, unknown> {
  return { chargeId };
}

function iso(ms: Ms): string {
  return new Date(ms).toISOString();
}
