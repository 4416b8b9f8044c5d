import { createStripeGateway, type StripeProps } from '../../adapters/gateways/stripe.ts';
import { type Answered, type LoopbackServer, type Received, serveLoopback } from '../fixtures/loopback-server.ts';
import type { TestedProcessor } from './refund-gateway.suite.ts';
import { type ServerRefund, StripeBooks } from './refund-gateway-stripe-books.ts';

export const STRIPE_KEY = 'sk_test_51OnechargeConformance';

export interface StripeProcessor extends TestedProcessor {
  /** Stripe forgets idempotency keys after a day or more. */
  forgetKeys(): void;
  refundByOthers(chargeId: string, times: number): void;
  /** Requests so far, as `POST /v1/refunds`. */
  readonly asked: readonly string[];
}

/**
 * The part of Stripe's API that a refund needs, with state: charges, payment intents, refunds, and idempotency keys with
 * their replays. Each request may be shown to another implementation first, which checks it against Stripe's own
 * specification and throws.
 */
export async function startStripeProcessor(
  inspect: (received: Received) => Promise<void> = async () => {},
): Promise<StripeProcessor> {
  const books = new StripeBooks();
  const asked: string[] = [];
  const replays = new Map<string, { readonly request: string; readonly answer: Answered }>();

  async function answer(received: Received): Promise<Answered> {
    const { method, url, headers, body } = received;
    asked.push(`${method} ${url.pathname}`);
    if (headers.authorization !== `Bearer ${STRIPE_KEY}`) return error(401, { type: 'invalid_request_error' });
    await inspect(received);
    const key = headers['idempotency-key'];
    if (method !== 'POST' || typeof key !== 'string') return answerTo(books, received);
    const request = `${url.pathname}?${body}`;
    const known = replays.get(key);
    if (known !== undefined && known.request !== request) return error(400, { type: 'idempotency_error' });
    const given = known?.answer ?? (await answerTo(books, received));
    replays.set(key, { request, answer: given });
    return given;
  }

  const server = await serveLoopback(answer);
  return {
    gateway: createStripeGateway(stripeProps(server)),
    book: async (charge, booked) => books.book(charge, booked),
    standingOf: async ({ chargeId }) => books.standingOf(chargeId),
    stop: () => server.stop(),
    forgetKeys: () => replays.clear(),
    refundByOthers: (chargeId, times) => books.refundByOthers(chargeId, times),
    asked,
  };
}

export function stripeProps({ port }: Pick<LoopbackServer, 'port'>): StripeProps {
  return {
    secret: 'processors/stripe',
    secrets: { readSecret: async () => STRIPE_KEY },
    report: ({ code }) => {
      throw new Error(`the gateway reports ${code}`);
    },
    metadata: { merchant: 'merchant' },
    onlyMerchant: undefined,
    endpoint: { host: '127.0.0.1', port, protocol: 'http' },
  };
}

async function answerTo(books: StripeBooks, { method, url, body }: Received): Promise<Answered> {
  const given = new URLSearchParams(body);
  const [, , kind, id = '', verb] = url.pathname.split('/');
  switch (`${method} ${kind}${verb === undefined ? '' : ` ${verb}`}`) {
    case 'GET charges':
      return found(books.chargeJson(id));
    case 'GET payment_intents':
      return found(books.intentJson(id));
    case 'POST payment_intents':
      return found(books.markIntent(id, metadataOf(given)));
    case 'POST payment_intents cancel':
      return found(books.cancelIntent(id, given.get('cancellation_reason')));
    case 'POST refunds': {
      const refund = books.refund(given.get('charge') ?? '', Number(given.get('amount')), metadataOf(given));
      if ('code' in refund) return error(400, { type: 'invalid_request_error', ...refund });
      // An error of the server's own after the refund: Stripe replays it under the same key.
      return refund.isLost ? error(500, { type: 'api_error' }) : json(200, refund);
    }
    case 'GET refunds':
      return json(200, { object: 'list', url: '/v1/refunds', ...books.page(url.searchParams) });
    default:
      return error(404, { type: 'invalid_request_error', message: `${method} ${url.pathname} is not there` });
  }
}

function metadataOf(given: URLSearchParams): ServerRefund['metadata'] {
  const reference = given.get('metadata[onecharge_reference]');
  return reference === null ? {} : { onecharge_reference: reference };
}

function found(resource: object | undefined): Answered {
  return resource === undefined
    ? error(404, { type: 'invalid_request_error', code: 'resource_missing', message: 'No such charge' })
    : json(200, resource);
}

function error(status: number, body: { readonly [field: string]: string | undefined }): Answered {
  return json(status, { error: body });
}

function json(status: number, body: object): Answered {
  return { status, body: JSON.stringify(body) };
}
