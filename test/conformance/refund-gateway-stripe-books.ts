import type { Charge } from '../../core/events/payment-event.ts';
import type { Booked, Standing } from './refund-gateway.suite.ts';

interface ServerCharge {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly captured: boolean;
  readonly disputed: boolean;
  readonly customer: string | null;
  readonly metadata: { readonly [name: string]: string };
  readonly behaviour: Booked['behaviour'];
  readonly intent: {
    readonly id: string;
    status: string;
    metadata: ServerRefund['metadata'];
    cancellation_reason: string | null;
  };
  readonly refunds: ServerRefund[];
}

export interface ServerRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly charge: string;
  readonly metadata: { readonly [name: string]: string };
  status: 'succeeded' | 'pending' | 'failed';
  /** Reads that still find it pending. */
  pendingReads: number;
  readonly isLost: boolean;
}

/** Stripe gives the ten latest refunds with a charge; the rest are listed. */
const EMBEDDED_MAX = 10;

/** Charges of a test at Stripe, in Stripe's words. Every charge belongs to a payment intent of its own. */
export class StripeBooks {
  readonly #charges = new Map<string, ServerCharge>();
  #refunds = 0;

  book(
    { chargeId, merchant, order, payer, amountMinor, currency }: Charge,
    { state = 'captured', refundedMinor = 0, behaviour, movement }: Booked,
  ): void {
    const captured = state === 'captured' || state === 'disputed';
    const status = captured ? 'succeeded' : state === 'voided' ? 'canceled' : 'requires_capture';
    const charge: ServerCharge = {
      id: chargeId,
      amount: amountMinor,
      currency: currency.toLowerCase(),
      captured,
      disputed: state === 'disputed',
      customer: payer ?? null,
      metadata: { merchant, ...(order !== undefined && { order_id: order }) },
      behaviour,
      intent: {
        id: movement === undefined ? chargeId.replace('ch_', 'pi_') : `pi_${movement}`,
        status,
        metadata: {},
        cancellation_reason: null,
      },
      refunds: [],
    };
    this.#charges.set(chargeId, charge);
    if (refundedMinor > 0) this.#add(charge, refundedMinor, {});
  }

  /** Refunds by others, so many that the charge does not carry them all. */
  refundByOthers(chargeId: string, times: number): void {
    const charge = this.#charges.get(chargeId);
    for (let n = 0; n < times && charge !== undefined; n++) this.#add(charge, 1, {});
  }

  standingOf(chargeId: string): Standing {
    const charge = this.#charges.get(chargeId);
    if (charge === undefined) throw new Error(`no charge ${chargeId}`);
    const open = charge.captured ? 'captured' : 'authorized';
    const state = charge.disputed ? 'disputed' : charge.intent.status === 'canceled' ? 'voided' : open;
    return { state, refundedMinor: refundedOf(charge) };
  }

  chargeJson(id: string): object | undefined {
    const charge = this.#charges.get(id);
    if (charge === undefined) return undefined;
    for (const refund of charge.refunds) ageOf(refund);
    return { ...chargeOf(charge), payment_intent: intentOf(charge) };
  }

  intentJson(id: string): object | undefined {
    const charge = this.#byIntent(id);
    return charge && { ...intentOf(charge), latest_charge: { ...chargeOf(charge), payment_intent: id } };
  }

  markIntent(id: string, metadata: ServerRefund['metadata']): object | undefined {
    const charge = this.#byIntent(id);
    if (charge === undefined) return undefined;
    charge.intent.metadata = metadata;
    return intentOf(charge);
  }

  cancelIntent(id: string, reason: string | null): object | undefined {
    const charge = this.#byIntent(id);
    if (charge === undefined) return undefined;
    charge.intent.status = 'canceled';
    charge.intent.cancellation_reason = reason;
    return intentOf(charge);
  }

  refund(
    id: string,
    amount: number,
    metadata: ServerRefund['metadata'],
  ): ServerRefund | { readonly code: string | undefined; readonly message: string } {
    const charge = this.#charges.get(id);
    if (charge === undefined) return { code: 'resource_missing', message: `No such charge: '${id}'` };
    if (charge.disputed) return { code: 'charge_disputed', message: `Charge ${id} has been charged back` };
    const left = charge.amount - refundedOf(charge);
    if (left === 0) return { code: 'charge_already_refunded', message: `Charge ${id} has already been refunded.` };
    if (amount > left) return { code: undefined, message: 'Refund amount is greater than unrefunded amount on charge' };
    return this.#add(charge, amount, metadata);
  }

  page(query: URLSearchParams): { readonly data: readonly ServerRefund[]; readonly has_more: boolean } {
    const all = this.#charges.get(query.get('charge') ?? '')?.refunds.toReversed() ?? [];
    const after = query.get('starting_after');
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const limit = Number(query.get('limit') ?? EMBEDDED_MAX);
    return { data: all.slice(from, from + limit), has_more: all.length > from + limit };
  }

  #byIntent(id: string): ServerCharge | undefined {
    return [...this.#charges.values()].find(({ intent }) => intent.id === id);
  }

  #add(charge: ServerCharge, amount: number, metadata: ServerRefund['metadata']): ServerRefund {
    const behaviour = metadata.onecharge_reference === undefined ? undefined : charge.behaviour;
    const refund: ServerRefund = {
      id: `re_${++this.#refunds}`,
      object: 'refund',
      amount,
      charge: charge.id,
      metadata,
      status: behaviour === 'fails' ? 'failed' : behaviour === 'pending:2' ? 'pending' : 'succeeded',
      pendingReads: 1,
      isLost: behaviour === 'times-out-after-success',
    };
    charge.refunds.push(refund);
    return refund;
  }
}

function ageOf(refund: ServerRefund): void {
  if (refund.status === 'pending' && refund.pendingReads-- === 0) refund.status = 'succeeded';
}

function refundedOf({ refunds }: ServerCharge): number {
  return refunds.filter(({ status }) => status !== 'failed').reduce((sum, { amount }) => sum + amount, 0);
}

function chargeOf(charge: ServerCharge): object {
  const { id, amount, currency, captured, disputed, customer, metadata, refunds, intent } = charge;
  const isReleased = intent.status === 'canceled';
  const amountRefunded = isReleased ? amount : refundedOf(charge);
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: captured ? amount : 0,
    amount_refunded: amountRefunded,
    currency,
    captured,
    disputed,
    customer,
    metadata,
    status: 'succeeded',
    refunded: amountRefunded === amount,
    refunds: {
      object: 'list',
      data: refunds.toReversed().slice(0, EMBEDDED_MAX),
      has_more: refunds.length > EMBEDDED_MAX,
    },
  };
}

function intentOf({ amount, currency, intent, id }: ServerCharge): object {
  return { object: 'payment_intent', amount, currency, latest_charge: id, ...intent };
}
