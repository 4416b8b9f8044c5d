import Stripe from 'stripe';
import type { Minor } from '../../core/brands.ts';
import { Fault } from '../../core/fault.ts';
import type { Lookup, RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import type { GatewaySecrets } from '../secrets/gateway-secrets.ts';
import { SecretFault } from '../secrets/read-secret.ts';
import type { ReportFault } from './gateway-fault.ts';
import { outcomeOfRefund, readingOf, type StripeReading } from './stripe-answers.ts';
import { lookUpAtStripe, type StripeLookupProps } from './stripe-lookup.ts';

/** The metadata under which our refunds and cancellations carry our reference. */
export const STRIPE_REFERENCE = 'onecharge_reference';

/** Of one call: the five that an ask takes at most end before the task's own time limit of a minute. */
const CALL_MS_MAX = 8_000;
/** A lookup and the ask after it share a task. */
const LOOKUP_MS_MAX = 5_000;
/** The workflow asks again, with waits of its own; the SDK would sleep as long as Stripe tells it to. */
const RETRIES_MAX = 0;
/** Refunds of one charge that are looked through: far more than any processor's charge has. */
const REFUNDS_MAX = 1_000;
const REFUNDS_PER_PAGE = 100;

export interface StripeProps extends StripeLookupProps {
  readonly secret: string;
  readonly secrets: GatewaySecrets;
  readonly report: ReportFault;
  /** Another implementation of the API, by tests. */
  readonly endpoint?: { readonly host: string; readonly port: number; readonly protocol: 'http' };
}

/**
 * Reads and reverses charges at Stripe. Each reversal first reads the charge: Stripe forgets idempotency keys after a day or more, while
 * we ask for up to five, so a refund of ours is known by its metadata before another is created. Within the day, the key
 * keeps two asks at once apart. A charge that was never captured is cancelled, one that was is refunded.
 */
export function createStripeGateway({ secret, secrets, report, endpoint, ...props }: StripeProps): RefundGateway {
  let made: { readonly key: string; readonly stripe: Stripe } | undefined;

  async function connect(): Promise<Stripe> {
    const key = await secrets.readSecret(secret);
    if (!/^(sk|rk)_\w+$/.test(key)) throw new SecretFault(secret, 'is no secret or restricted key of Stripe');
    if (made?.key !== key) {
      const options = { timeout: CALL_MS_MAX, maxNetworkRetries: RETRIES_MAX, telemetry: false, ...endpoint };
      made = { key, stripe: new Stripe(key, options) };
    }
    return made.stripe;
  }

  /** Reports what an operator must repair, and returns what the error says otherwise. */
  function readError(
    error: unknown,
  ): Extract<StripeReading, { kind: 'refused' }> | Extract<Lookup, { kind: 'unknown' }> {
    if (error instanceof SecretFault) {
      report({ gateway: 'stripe', code: error.reason, secret });
      return { kind: 'unknown', reason: 'the secret cannot be used' };
    }
    // The secret was not read, so Stripe was not asked: the step's own retry goes on.
    if (error instanceof Fault) throw error;
    const reading = readingOf(error);
    if (reading.kind === 'fault') report({ gateway: 'stripe', code: reading.code, secret });
    return reading.kind === 'refused' ? reading : { kind: 'unknown', reason: `stripe: ${reading.code}` };
  }

  return {
    async reverse(request): Promise<ReversalOutcome> {
      try {
        const stripe = await connect();
        const found = await find(stripe, request);
        if (found.kind === 'answered') return found.outcome;
        try {
          return await (found.kind === 'capture'
            ? refund(stripe, request, found.charge)
            : cancel(stripe, request, found.intent));
        } catch (error) {
          const reading = readingOf(error);
          if (reading.kind !== 'refused') throw error;
          // What Stripe refuses may be refused for what an earlier ask of ours has done meanwhile.
          const again = await find(stripe, request);
          return again.kind === 'answered' ? again.outcome : refusedOf(reading);
        }
      } catch (error) {
        const read = readError(error);
        return read.kind === 'refused' ? refusedOf(read) : read;
      }
    },

    async lookup({ chargeId }): Promise<Lookup> {
      try {
        return await lookUpAtStripe(await connect(), chargeId, { props, timeout: LOOKUP_MS_MAX });
      } catch (error) {
        const read = readError(error);
        if (read.kind !== 'refused') return read;
        const isMissing = read.code === 'resource_missing';
        return isMissing ? { kind: 'not-found' } : { kind: 'unknown', reason: `stripe: ${read.code}` };
      }
    },
  };
}

type Found =
  | { readonly kind: 'answered'; readonly outcome: ReversalOutcome }
  /** Captured, or authorized without an intent: to be refunded by its id. */
  | { readonly kind: 'capture'; readonly charge: Stripe.Charge }
  /** Not captured: to be cancelled. */
  | { readonly kind: 'authorization'; readonly intent: Stripe.PaymentIntent };

/** Reads the charge, or the payment intent, by its id: what was done before, what is left to do, and by which means. */
async function find(stripe: Stripe, request: ReversalRequest): Promise<Found> {
  const { chargeId } = request.charge;
  if (chargeId.startsWith('pi_')) {
    const intent = await stripe.paymentIntents.retrieve(chargeId, { expand: ['latest_charge.refunds'] });
    return foundOfIntent(stripe, intent, request);
  }
  const charge = await stripe.charges.retrieve(chargeId, { expand: ['refunds', 'payment_intent'] });
  const intent = charge.payment_intent;
  if (!charge.captured && charge.status !== 'failed' && intent !== null && typeof intent === 'object') {
    return foundOfIntent(stripe, { ...intent, latest_charge: charge }, request);
  }
  return foundOfCharge(stripe, charge, request);
}

async function foundOfIntent(stripe: Stripe, intent: Stripe.PaymentIntent, request: ReversalRequest): Promise<Found> {
  if (intent.status === 'canceled') {
    const isMarked = intent.metadata[STRIPE_REFERENCE] === request.reference;
    const isOurs = isMarked && intent.cancellation_reason === 'duplicate';
    return answered(isOurs ? { kind: 'refunded', processorReference: intent.id } : { kind: 'reversed-externally' });
  }
  const charge = intent.latest_charge;
  if (intent.status === 'succeeded' && charge !== null && typeof charge === 'object') {
    return foundOfCharge(stripe, charge, request);
  }
  if (intent.status === 'processing') return answered({ kind: 'pending' });
  const wrong = wrongAmount(request, { minor: intent.amount, currency: intent.currency });
  if (wrong !== undefined) return answered(wrong);
  if (request.refundMinor !== intent.amount)
    return answered(failed('a charge that was not captured cannot be reversed in part'));
  return { kind: 'authorization', intent };
}

async function foundOfCharge(stripe: Stripe, charge: Stripe.Charge, request: ReversalRequest): Promise<Found> {
  const ours = await ownRefund(stripe, charge, request.reference);
  if (ours !== undefined) return answered(outcomeOfRefund(ours));
  if (charge.status === 'failed') return answered({ kind: 'reversed-externally' });
  if (charge.status === 'pending') return answered({ kind: 'pending' });
  const minor = charge.captured ? charge.amount_captured : charge.amount;
  const wrong = wrongAmount(request, { minor, currency: charge.currency });
  if (wrong !== undefined) return answered(wrong);
  const leftMinor = minor - charge.amount_refunded;
  if (charge.refunded || leftMinor <= 0) return answered({ kind: 'reversed-externally' });
  if (request.refundMinor > leftMinor) {
    return answered(failed(`only ${leftMinor} of ${request.refundMinor} minor units are left to refund`));
  }
  return { kind: 'capture', charge };
}

function answered(outcome: ReversalOutcome): Found {
  return { kind: 'answered', outcome };
}

async function ownRefund(stripe: Stripe, charge: Stripe.Charge, reference: string): Promise<Stripe.Refund | undefined> {
  const isOurs = (refund: Stripe.Refund) => refund.metadata?.[STRIPE_REFERENCE] === reference;
  const { refunds } = charge;
  if (refunds != null && !refunds.has_more) return refunds.data.find(isOurs);
  const listed = stripe.refunds.list({ charge: charge.id, limit: REFUNDS_PER_PAGE });
  return (await listed.autoPagingToArray({ limit: REFUNDS_MAX })).find(isOurs);
}

/** Stripe counts some currencies in other units than ISO 4217: money is moved only where both books say the same. */
function wrongAmount(
  { charge }: ReversalRequest,
  { minor, currency }: { readonly minor: Minor; readonly currency: string },
): ReversalOutcome | undefined {
  if (minor === charge.amountMinor && currency.toUpperCase() === charge.currency) return undefined;
  return failed(`the charge is of ${minor} minor units of ${currency.toUpperCase()} in the processor's books`);
}

async function refund(stripe: Stripe, request: ReversalRequest, charge: Stripe.Charge): Promise<ReversalOutcome> {
  const { refundMinor, idempotencyKey, reference } = request;
  const created = await stripe.refunds.create(
    { charge: charge.id, amount: refundMinor, reason: 'duplicate', metadata: { [STRIPE_REFERENCE]: reference } },
    { idempotencyKey },
  );
  return outcomeOfRefund(created);
}

/** The intent is marked as ours before it is cancelled: a cancellation carries no metadata of its own. */
async function cancel(
  stripe: Stripe,
  request: ReversalRequest,
  { id }: Stripe.PaymentIntent,
): Promise<ReversalOutcome> {
  const { idempotencyKey, reference } = request;
  const mark = { metadata: { [STRIPE_REFERENCE]: reference } };
  await stripe.paymentIntents.update(id, mark, { idempotencyKey: `${idempotencyKey}-mark` });
  await stripe.paymentIntents.cancel(id, { cancellation_reason: 'duplicate' }, { idempotencyKey });
  return { kind: 'refunded', processorReference: id };
}

function refusedOf({ code }: Extract<StripeReading, { kind: 'refused' }>): ReversalOutcome {
  if (code === 'charge_already_refunded') return { kind: 'reversed-externally' };
  return failed(code === 'charge_disputed' ? 'the charge is disputed' : `stripe: ${code}`);
}

function failed(reason: string): ReversalOutcome {
  return { kind: 'failed', reason };
}
