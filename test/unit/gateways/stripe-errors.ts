/** An answer as Stripe gives it: bodies as documented and as seen, with what must become of them. */
export interface StripeAnswer {
  readonly name: string;
  readonly status: number;
  readonly error: { readonly [field: string]: string };
  readonly becomes: 'reversed-externally' | 'failed' | 'unknown';
  /** People must repair something: reported by this code. */
  readonly reported?: string;
}

const DOCS = 'https://stripe.com/docs/error-codes';

/** The key as it is in the tests, and as Stripe quotes it. */
export const KEY = 'sk_test_51OnechargeVerySecretKey1234';
const QUOTED = 'sk_test_51O*********************1234';

/** Source: Stripe's API reference ("Errors", "Error codes", "Idempotent requests", "Rate limits"). */
export const STRIPE_ANSWERS: readonly StripeAnswer[] = [
  {
    name: 'already refunded',
    status: 400,
    error: {
      code: 'charge_already_refunded',
      doc_url: `${DOCS}/charge-already-refunded`,
      message: 'Charge ch_1 has already been refunded.',
      type: 'invalid_request_error',
    },
    becomes: 'reversed-externally',
  },
  {
    name: 'disputed',
    status: 400,
    error: {
      code: 'charge_disputed',
      doc_url: `${DOCS}/charge-disputed`,
      message: 'Charge ch_1 has been charged back; cannot issue a refund.',
      type: 'invalid_request_error',
    },
    becomes: 'failed',
  },
  {
    name: 'more than is left',
    status: 400,
    error: {
      message: 'Refund amount ($129.00) is greater than unrefunded amount on charge ($100.00)',
      param: 'amount',
      type: 'invalid_request_error',
    },
    becomes: 'failed',
  },
  {
    name: 'not refundable',
    status: 400,
    error: { code: 'charge_not_refundable', message: 'This charge cannot be refunded.', type: 'invalid_request_error' },
    becomes: 'failed',
  },
  {
    name: 'an early fraud warning or inquiry in the way',
    status: 400,
    error: { code: 'refund_disputed_payment', message: 'The payment is disputed.', type: 'invalid_request_error' },
    becomes: 'failed',
  },
  {
    name: 'a balance that does not suffice',
    status: 400,
    error: {
      code: 'balance_insufficient',
      doc_url: `${DOCS}/balance-insufficient`,
      message: 'Insufficient funds in your Stripe balance to refund this amount.',
      type: 'invalid_request_error',
    },
    becomes: 'failed',
  },
  {
    name: 'funds that do not suffice',
    status: 402,
    error: { code: 'insufficient_funds', message: 'Your card has insufficient funds.', type: 'card_error' },
    becomes: 'failed',
  },
  {
    name: 'no such charge',
    status: 404,
    error: {
      code: 'resource_missing',
      doc_url: `${DOCS}/resource-missing`,
      message: "No such charge: 'ch_1'",
      param: 'id',
      type: 'invalid_request_error',
    },
    becomes: 'failed',
  },
  {
    name: 'the key was used for another request',
    status: 400,
    error: {
      message:
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'f1-0' if you meant to execute a different request.",
      type: 'idempotency_error',
    },
    becomes: 'unknown',
  },
  {
    name: 'the key is in use at this moment',
    status: 409,
    error: {
      code: 'idempotency_key_in_use',
      doc_url: `${DOCS}/idempotency-key-in-use`,
      message: 'There is currently another in-progress request using this Idempotent Key.',
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
  },
  {
    name: 'the charge is locked by another request',
    status: 429,
    error: {
      code: 'lock_timeout',
      doc_url: `${DOCS}/lock-timeout`,
      message:
        'This object cannot be accessed right now because another API request or Stripe process is accessing it.',
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
  },
  {
    name: 'too many requests',
    status: 429,
    error: {
      code: 'rate_limit',
      doc_url: `${DOCS}/rate-limit`,
      message: 'Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.',
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
  },
  {
    name: 'a key that is not valid',
    status: 401,
    error: { message: `Invalid API Key provided: ${QUOTED}`, type: 'invalid_request_error' },
    becomes: 'unknown',
    reported: 'invalid_request_error',
  },
  {
    name: 'a key that has expired',
    status: 401,
    error: {
      code: 'api_key_expired',
      doc_url: `${DOCS}/api-key-expired`,
      message: `Expired API Key provided: ${QUOTED}`,
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
    reported: 'api_key_expired',
  },
  {
    name: 'a restricted key without the right',
    status: 403,
    error: {
      message: `The provided key '${QUOTED}' does not have the required permissions for this endpoint. Having the 'rak_charge_write' permission would allow this request to continue.`,
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
    reported: 'invalid_request_error',
  },
  {
    name: 'a test key for a live charge',
    status: 400,
    error: {
      code: 'testmode_charges_only',
      doc_url: `${DOCS}/testmode-charges-only`,
      message: 'Your account has not been activated and can only make test charges.',
      type: 'invalid_request_error',
    },
    becomes: 'unknown',
    reported: 'testmode_charges_only',
  },
  {
    name: 'a fault of Stripe',
    status: 500,
    error: { message: 'An unknown error occurred', type: 'api_error' },
    becomes: 'unknown',
  },
  {
    name: 'an outage of Stripe',
    status: 503,
    error: { message: 'Stripe is currently unavailable.', type: 'api_error' },
    becomes: 'unknown',
  },
];
