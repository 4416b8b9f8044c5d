import { parseEvent } from '../../../core/events/parse-event.ts';
import type { Charge, ChargeRef, OrderClosed, PaymentEvent } from '../../../core/events/payment-event.ts';
import type { Random } from '../../../scenario/random.ts';
import type { ObservedFlag, ObservedSummary } from '../../../scenario/truth.ts';
import { configuration } from '../../fixtures/configurations.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const REGISTERED = configuration();
/** The two defaults, strongest first. Both have `part` in `same`; here it is simply one more field to agree in. */
const DETECTORS = [
  { id: 'same-order', action: 'refund', reviewWindowMs: DAY, exempt: [''], key: orderKey },
  { id: 'rapid-repeat', action: 'review', reviewWindowMs: 5 * MINUTE, exempt: ['4111', '7523'], key: payerKey },
] as const;
/** A copy of an order that is this far from another equal charge waits. */
const WINDOW = DAY / 2;

/** What is known of a charge. All but `captured` may be known before its capture. */
interface Facts {
  readonly ref: string;
  captured?: { charge: Charge; timeMs: number; sequence: number; original: Facts; detector: string | undefined };
  /** When it was voided or failed, and when the last total of refunds was, by their own times. */
  releasedMs: number;
  refundedMs: number;
  refundedTotalMinor: number;
  dispute: { timeMs: number; state: 'none' | 'open' | 'merchant' | 'payer' };
  flag?: { detector: string; status: 'open' | 'refunded' | 'held' | 'dismissed' };
}

/**
 * The rules of detection once more, written from the design alone and with no care for speed: one list of all charges,
 * searched from end to end. It knows nothing of stories and shares no code with them but the wire format.
 */
export class BruteForceJudge {
  readonly #facts = new Map<string, Facts>();
  readonly #closings = new Map<string, { timeMs: number; outcome: string }>();
  readonly #firstPaidMs = new Map<string, number>();
  readonly #quarantine = new Set<string>();
  #lines = 0;

  /** Takes the lines in one by one, and looks for surplus only when all of them are in, as a worker does. */
  seeBatch(lines: readonly string[], arrivedMs: number): void {
    const events = lines.flatMap((line) => this.#see(line, arrivedMs) ?? []);
    for (const event of events) this.#raiseFlags(event);
  }

  #see(line: string, arrivedMs: number): PaymentEvent | undefined {
    this.#lines += 1;
    const parsed = parseEvent(Buffer.from(line), arrivedMs, REGISTERED);
    if (parsed.kind === 'rejected') {
      this.#quarantine.add(line);
      return undefined;
    }
    const { event } = parsed;
    if (event.kind === 'order.closed') this.#close(event);
    else this.#happen(event, line);
    return event;
  }

  /** Decides every claim, in a chance order. What a person must decide is held. */
  judge(random: Random): { flags: ObservedFlag[]; summary: ObservedSummary } {
    const refundedMinor: Record<string, number> = {};
    for (const one of random.shuffled(this.#captured())) {
      if (one.flag === undefined) continue;
      const { amountMinor, currency } = one.captured.charge;
      if (one.flag.detector === 'rapid-repeat') one.flag.status = 'held';
      else if (!this.#isSurplus(one)) one.flag.status = 'dismissed';
      else if (this.#mustWait(one)) one.flag.status = 'held';
      else {
        one.flag.status = 'refunded';
        refundedMinor[currency] = (refundedMinor[currency] ?? 0) + amountMinor - one.refundedTotalMinor;
      }
    }
    return this.#report(refundedMinor);
  }

  /** Wallet and bank attest everything and list every difference among copies; Acme attests no closing. */
  #mustWait(one: Captured): boolean {
    const { charge, timeMs, original } = one.captured;
    const order = orderOf(charge);
    const closing = this.#closings.get(order);
    if (closing?.outcome === 'unpaid') {
      const wasPaid = (this.#firstPaidMs.get(order) ?? Number.POSITIVE_INFINITY) < closing.timeMs;
      const isInTime = timeMs <= closing.timeMs && closing.timeMs - timeMs <= DAY;
      return one.refundedTotalMinor > 0 || wasPaid || !isInTime || charge.source === '/processors/acme';
    }
    const sameOrder = this.#captured().filter((other) => orderOf(other.captured.charge) === order);
    const equal = sameOrder.filter((other) => orderKey(other.captured.charge) === orderKey(charge));
    const times = equal.map((other) => other.captured.timeMs);
    const others = this.#captured().filter((other) => other !== one && other.captured.original === original);
    return (
      one.refundedTotalMinor > 0 ||
      others.filter(stands).every(({ refundedTotalMinor }) => refundedTotalMinor > 0) ||
      new Set(sameOrder.map(({ captured }) => captured.charge.payer)).size >= 3 ||
      Math.max(...times) - Math.min(...times) >= WINDOW
    );
  }

  #close(event: OrderClosed): void {
    const order = orderOf(event);
    if (event.outcome === 'paid') {
      this.#firstPaidMs.set(order, Math.min(event.timeMs, this.#firstPaidMs.get(order) ?? event.timeMs));
    }
    const known = this.#closings.get(order);
    const isLatest =
      known === undefined || event.timeMs > known.timeMs || (event.timeMs === known.timeMs && event.outcome === 'paid');
    if (isLatest) this.#closings.set(order, event);
  }

  #happen(event: Exclude<PaymentEvent, OrderClosed>, line: string): void {
    const facts = this.#of(event.charge);
    switch (event.kind) {
      case 'charge.captured':
        this.#observe(facts, event, line);
        return;
      case 'charge.failed':
      case 'charge.voided':
        facts.releasedMs = Math.max(facts.releasedMs, event.timeMs);
        return;
      case 'charge.adjusted':
        throw new Error('no story adjusts a charge');
      case 'charge.refunded':
        if (event.timeMs < facts.refundedMs) return;
        if (event.refundedTotalMinor === undefined) throw new Error('no story tells one refund');
        facts.refundedMs = event.timeMs;
        facts.refundedTotalMinor = event.refundedTotalMinor;
        return;
      case 'charge.disputed': {
        const { dispute } = facts;
        if (event.timeMs < dispute.timeMs || (event.timeMs === dispute.timeMs && !event.open)) return;
        facts.dispute = { timeMs: event.timeMs, state: event.open ? 'open' : (event.wonBy ?? 'payer') };
      }
    }
  }

  #observe(facts: Facts, { charge, timeMs }: { charge: Charge; timeMs: number }, line: string): void {
    if (facts.captured !== undefined) {
      if (money(facts.captured.charge) !== money(charge)) this.#quarantine.add(line);
      return;
    }
    const remembered = this.#captured().toSorted((a, b) => a.captured.sequence - b.captured.sequence);
    const sequence = remembered.length;
    for (const { id, key, reviewWindowMs, exempt } of DETECTORS) {
      if (key(charge) === undefined || exempt.some((mcc) => mcc === charge.mcc)) continue;
      const match = remembered
        .filter((other) => key(other.captured.charge) === key(charge))
        .find(({ captured: { timeMs: otherMs, original } }) =>
          [otherMs, original.captured?.timeMs ?? otherMs].every((ms) => Math.abs(ms - timeMs) < reviewWindowMs),
        );
      if (match === undefined) continue;
      facts.captured = { charge, timeMs, sequence, original: match.captured.original, detector: id };
      return;
    }
    facts.captured = { charge, timeMs, sequence, original: facts, detector: undefined };
  }

  /** Effects follow state: each charge that the event may concern is looked at anew. */
  #raiseFlags(event: PaymentEvent): void {
    const root = event.kind === 'order.closed' ? undefined : this.#of(event.charge).captured?.original;
    const order = orderOf(event.kind === 'order.closed' ? event : event.charge);
    for (const one of this.#captured()) {
      const { charge, original, detector } = one.captured;
      if ((original !== root && orderOf(charge) !== order) || !this.#isSurplus(one)) continue;
      const unpaid = this.#isUnpaid(charge);
      one.flag = { detector: unpaid ? 'same-order' : (detector ?? 'same-order'), status: 'open' };
    }
  }

  /** Stands, and its cluster under the deciding detector has more standing charges than are owed. */
  #isSurplus(one: Captured): boolean {
    if (!stands(one)) return false;
    if (this.#isUnpaid(one.captured.charge)) return true;
    const { original, detector } = one.captured;
    if (detector === undefined) return false;
    const isOfCluster = (other: Captured): boolean =>
      other === original || (other.captured.original === original && other.captured.detector === detector);
    // The first that stands is the one that is owed.
    const standing = this.#captured().filter((other) => isOfCluster(other) && stands(other));
    return standing.some((other) => other.captured.sequence < one.captured.sequence);
  }

  #isUnpaid(charge: Charge): boolean {
    return charge.order !== undefined && this.#closings.get(orderOf(charge))?.outcome === 'unpaid';
  }

  #of({ source, chargeId }: ChargeRef): Facts {
    const ref = `${source} ${chargeId}`;
    const never = Number.NEGATIVE_INFINITY;
    const dispute = { timeMs: 0, state: 'none' as const };
    const none = { ref, releasedMs: never, refundedMs: never, refundedTotalMinor: 0, dispute };
    const facts = this.#facts.get(ref) ?? none;
    this.#facts.set(ref, facts);
    return facts;
  }

  #captured(): Captured[] {
    return [...this.#facts.values()].filter(isCaptured);
  }

  #report(refundedMinor: Record<string, number>): { flags: ObservedFlag[]; summary: ObservedSummary } {
    const flags = this.#captured().flatMap(({ flag, captured }): ObservedFlag[] => {
      const first = captured.original.captured?.charge;
      if (flag === undefined || first === undefined) return [];
      const { source, chargeId } = captured.charge;
      const action = DETECTORS.find(({ id }) => id === flag.detector)?.action ?? 'none';
      return [{ source, chargeId, original: first.chargeId, originalSource: first.source, action, ...flag }];
    });
    const ended = (status: string): number => flags.filter((flag) => flag.status === status).length;
    const caseOf = (flag: ObservedFlag): string => `${flag.originalSource} ${flag.original}`;
    const waiting = new Set(flags.filter(({ status }) => status === 'held').map(caseOf)).size;
    const cases = new Set(flags.map(caseOf)).size;
    const summary: ObservedSummary = {
      events: this.#lines,
      charges: this.#captured().length,
      quarantined: this.#quarantine.size,
      flags: flags.length,
      cases,
      refunded: ended('refunded'),
      held: ended('held'),
      dismissed: ended('dismissed'),
      failed: 0,
      refundedMinor,
      alerts: 2 * cases - waiting,
    };
    return { flags, summary };
  }
}

type Captured = Facts & { readonly captured: NonNullable<Facts['captured']> };

function isCaptured(facts: Facts): facts is Captured {
  return facts.captured !== undefined;
}

function isReleased(facts: Facts): boolean {
  const { captured, releasedMs, refundedTotalMinor, dispute } = facts;
  if (dispute.state === 'payer' || releasedMs >= (captured?.timeMs ?? Number.POSITIVE_INFINITY)) return true;
  return captured !== undefined && refundedTotalMinor >= captured.charge.amountMinor;
}

function stands(facts: Facts): boolean {
  return !isReleased(facts) && facts.dispute.state !== 'open' && facts.flag?.status !== 'refunded';
}

function money({ amountMinor, currency }: Charge): string {
  return `${amountMinor} ${currency}`;
}

/** Only Acme is alone with its tokens. */
function orderOf({
  source,
  merchant,
  order,
}: {
  source: string;
  merchant?: string | undefined;
  order?: string | undefined;
}): string {
  return JSON.stringify([source === '/processors/acme', merchant, order]);
}

function orderKey(charge: Charge): string | undefined {
  return charge.order === undefined ? undefined : JSON.stringify([orderOf(charge), money(charge), charge.part]);
}

function payerKey({ source, payer, merchant, part, ...charge }: Charge): string {
  const isAcme = source === '/processors/acme';
  return JSON.stringify([isAcme, payer, merchant, charge.amountMinor, charge.currency, part]);
}
