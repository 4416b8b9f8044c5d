import Stripe from 'stripe';
import type { ReversalOutcome } from '../../core/refunds/refund-gateway.ts';

/** What an error of Stripe's SDK says about the money. Codes only: messages may quote keys. */
export type StripeReading =
  /** Stripe looked at the request and will not do it: this call moved no money. */
  | { readonly kind: 'refused'; readonly code: string }
  /** No answer, or one that says nothing of the money: ask again. */
  | { readonly kind: 'unknown'; readonly code: string }
  /** The same, until an operator repairs our key or its rights. */
  | { readonly kind: 'fault'; readonly code: string };

/** Codes that come with the status of a refusal and say something else. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'lock_timeout',
  'rate_limit',
  'idempotency_key_in_use',
  'processing_error',
]);
const KEY_FAULTS: ReadonlySet<string> = new Set([
  'api_key_expired',
  'livemode_mismatch',
  'platform_api_key_expired',
  'secret_key_required',
  'testmode_charges_only',
]);

/** Source: Stripe's API reference, "Errors", "Error codes" and "Idempotent requests". */
export function readingOf(error: unknown): StripeReading {
  if (!(error instanceof Stripe.errors.StripeError)) {
    return { kind: 'unknown', code: error instanceof Error ? error.name : 'error' };
  }
  const code = error.code ?? error.rawType ?? error.type;
  if (error instanceof Stripe.errors.StripeAuthenticationError) return { kind: 'fault', code };
  if (error instanceof Stripe.errors.StripePermissionError) return { kind: 'fault', code };
  if (KEY_FAULTS.has(code)) return { kind: 'fault', code };
  if (NOT_NOW.has(code)) return { kind: 'unknown', code };
  // The key was used for another request: for which, and with what end, only the metadata of the refunds can tell.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return { kind: 'unknown', code };
  if (error instanceof Stripe.errors.StripeInvalidRequestError) return { kind: 'refused', code };
  if (error instanceof Stripe.errors.StripeCardError) return { kind: 'refused', code };
  return { kind: 'unknown', code };
}

/** Source: Stripe's API reference, "The Refund object". A refund that waits for the balance is pending, not failed. */
export function outcomeOfRefund({ id, status, failure_reason: reason }: Stripe.Refund): ReversalOutcome {
  switch (status) {
    case 'succeeded':
      return { kind: 'refunded', processorReference: id };
    case 'pending':
    case 'requires_action':
      return { kind: 'pending' };
    case 'failed':
    case 'canceled':
      return { kind: 'failed', reason: `stripe: the refund ${id} is ${status}${reason ? `: ${reason}` : ''}` };
    default:
      return { kind: 'unknown', reason: `stripe: the refund ${id} is in a state that we do not know` };
  }
}
