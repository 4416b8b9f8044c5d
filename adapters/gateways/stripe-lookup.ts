import type Stripe from 'stripe';
import type { StripeMetadata } from '../../core/configuration/sources.ts';
import type { Lookup } from '../../core/refunds/refund-gateway.ts';

/** Stripe's own examples have the order's number under it. */
const ORDER_METADATA = 'order_id';

export interface StripeLookupProps {
  /** The metadata fields that have order, payer and merchant. */
  readonly metadata: StripeMetadata;
  /** The only merchant of the account; undefined where it may have several. */
  readonly onlyMerchant: string | undefined;
}

type Intent = Pick<Stripe.PaymentIntent, 'id' | 'metadata'>;

/**
 * Reads Stripe's own record of a charge. The movement is the payment intent, which has one captured charge at most; a
 * charge without an intent is its own. Source: Stripe's API reference, "The Charge object".
 */
export async function lookUpAtStripe(
  stripe: Stripe,
  chargeId: string,
  { props, timeout }: { readonly props: StripeLookupProps; readonly timeout: number },
): Promise<Lookup> {
  if (chargeId.startsWith('pi_')) {
    const intent = await stripe.paymentIntents.retrieve(chargeId, { expand: ['latest_charge'] }, { timeout });
    const charge = intent.latest_charge;
    if (charge === null || typeof charge === 'string') return { kind: 'not-found' };
    return recordOf(charge, intent, props);
  }
  const charge = await stripe.charges.retrieve(chargeId, { expand: ['payment_intent'] }, { timeout });
  const intent = charge.payment_intent;
  return recordOf(charge, intent !== null && typeof intent === 'object' ? intent : undefined, props);
}

function recordOf(
  charge: Stripe.Charge,
  intent: Intent | undefined,
  { metadata, onlyMerchant }: StripeLookupProps,
): Lookup {
  // A charge gets a copy of its intent's metadata when it is made; what the intent was told later is not copied.
  const metadataOf = (name: string) => charge.metadata[name] || intent?.metadata[name] || undefined;
  const { captured, status, disputed } = charge;
  const isHeld = captured && status === 'succeeded' && !disputed;
  return {
    kind: 'found',
    movement: intent?.id ?? charge.id,
    merchant: metadata.merchant === undefined ? onlyMerchant : metadataOf(metadata.merchant),
    order: metadataOf(metadata.order ?? ORDER_METADATA),
    payer: metadata.payer === undefined ? customerOf(charge) : metadataOf(metadata.payer),
    amountMinor: captured ? charge.amount_captured : charge.amount,
    currency: charge.currency.toUpperCase(),
    refundableMinor: isHeld ? charge.amount_captured - charge.amount_refunded : 0,
  };
}

function customerOf({ customer }: Stripe.Charge): string | undefined {
  return typeof customer === 'string' ? customer : customer?.id;
}
