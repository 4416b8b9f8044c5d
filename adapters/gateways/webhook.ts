import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import { withoutSecretsIn } from '../../core/events/card-secrets.ts';
import { maskCardNumbers } from '../../core/events/find-card-numbers.ts';
import { Fault } from '../../core/fault.ts';
import type { Lookup, RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import type { GatewaySecrets } from '../secrets/gateway-secrets.ts';
import { SecretFault } from '../secrets/read-secret.ts';
import type { ReportFault } from './gateway-fault.ts';
import { webhookHeaders, webhookKeysOf } from './standard-webhooks.ts';
import { lookupOf, lookupRequestOf } from './webhook-lookup.ts';

/** From the call to the last byte of the answer; the task itself has a minute. */
const ANSWER_MS_MAX = 20_000;
/** A lookup and the ask after it share a task. */
const LOOKUP_MS_MAX = 10_000;
/** What an endpoint answers that knows no lookups: not found, method not allowed, not implemented. */
const WITHOUT_LOOKUP: ReadonlySet<number> = new Set([404, 405, 501]);
/** An answer is one small object: what is longer is not read. */
const ANSWER_BYTES_MAX = 16 * 1024;
const REFERENCE_LENGTH_MAX = 256;
const REASON_LENGTH_MAX = 200;

const text = z.string().trim();
const answerSchema = z.discriminatedUnion('outcome', [
  z.looseObject({ outcome: z.literal('refunded'), reference: text.min(1).max(REFERENCE_LENGTH_MAX).nullish() }),
  z.looseObject({ outcome: z.literal('reversed-externally') }),
  z.looseObject({ outcome: z.literal('failed'), reason: text.nullish() }),
  z.looseObject({ outcome: z.literal('pending') }),
]);

export interface WebhookProps {
  readonly url: string;
  readonly secret: string;
  readonly secrets: GatewaySecrets;
  readonly report: ReportFault;
  readonly nowMs: () => Ms;
  readonly answerMsMax?: number;
}

/**
 * Asks an in-house processor over HTTPS, signed as Standard Webhooks has it. Only a 2xx answer with a body of our schema
 * says anything of the money; whatever else comes back, an error page of a proxy included, is unknown and asked again.
 * The body of one idempotency key is the same byte for byte, however often it is sent.
 */
export function createWebhookGateway(props: WebhookProps): RefundGateway {
  const { url, secret, secrets, report, nowMs, answerMsMax = ANSWER_MS_MAX } = props;

  async function post({ id, body, headers, msMax }: Message): Promise<Answer> {
    const keys = webhookKeysOf(await secrets.readSecret(secret));
    if (keys === undefined) throw new SecretFault(secret, 'is no key of Standard Webhooks');
    const message = { id, timestampSeconds: Math.floor(nowMs() / 1_000), body };
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'Onecharge',
        ...headers,
        ...webhookHeaders(message, keys),
      },
      body,
      // A redirect would carry a signed order for money to where nobody has configured it to go.
      redirect: 'manual',
      signal: AbortSignal.timeout(msMax),
    });
    const { status } = response;
    if (response.ok) return { status, text: await readAtMost(response, ANSWER_BYTES_MAX) };
    await response.body?.cancel();
    if (status === 401 || status === 403) report({ gateway: 'webhook', code: `http ${status}`, secret });
    return { status, text: undefined };
  }

  /** Returns why there was no answer; reports a secret that an operator must repair. */
  function silenceOf(error: unknown): Silence {
    if (error instanceof SecretFault) {
      report({ gateway: 'webhook', code: error.reason, secret });
      return { kind: 'unknown', reason: 'the secret cannot be used' };
    }
    // The secret was not read, so the processor was not asked: the step's own retry goes on.
    if (error instanceof Fault) throw error;
    return { kind: 'unknown', reason: `no answer of the processor: ${codeOf(error)}` };
  }

  return {
    async reverse(request): Promise<ReversalOutcome> {
      const headers = { 'idempotency-key': request.idempotencyKey };
      try {
        const { status, text } = await post({
          id: request.reference,
          body: bodyOf(request),
          headers,
          msMax: answerMsMax,
        });
        return text === undefined ? refusedBy(status) : outcomeOf(text, request);
      } catch (error) {
        return silenceOf(error);
      }
    },

    async lookup(charge): Promise<Lookup> {
      const msMax = Math.min(answerMsMax, LOOKUP_MS_MAX);
      try {
        const { status, text } = await post({ ...lookupRequestOf(charge, nowMs()), headers: {}, msMax });
        if (text !== undefined) return lookupOf(jsonOf(text));
        return WITHOUT_LOOKUP.has(status) ? { kind: 'unsupported' } : refusedBy(status);
      } catch (error) {
        return silenceOf(error);
      }
    },
  };
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
  readonly msMax: number;
}

/** `text` is undefined where the status says that the request was not served. */
interface Answer {
  readonly status: number;
  readonly text: string | undefined;
}

type Silence = Extract<Lookup, { kind: 'unknown' }>;

function refusedBy(status: number): Silence {
  return { kind: 'unknown', reason: `the processor answered http ${status}` };
}

function bodyOf({ charge, refundMinor, idempotencyKey, reference }: ReversalRequest): string {
  const { source, chargeId, payer, merchant, order, part, instrument, amountMinor, currency } = charge;
  return JSON.stringify({
    type: 'refund.requested',
    data: {
      idempotencyKey,
      reference,
      reason: 'duplicate',
      refund: { value: refundMinor, currency },
      charge: { source, chargeId, payer, merchant, order, part, instrument, amount: { value: amountMinor, currency } },
    },
  });
}

function outcomeOf(answer: string, { reference }: ReversalRequest): ReversalOutcome {
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) return { kind: 'unknown', reason: 'the processor answered what is not of the schema' };
  switch (parsed.data.outcome) {
    case 'refunded':
      return { kind: 'refunded', processorReference: parsed.data.reference ?? reference };
    case 'failed':
      return { kind: 'failed', reason: printable(parsed.data.reason ?? '') || 'refused without a reason' };
    case 'reversed-externally':
    case 'pending':
      return { kind: parsed.data.outcome };
  }
}

/** The reason becomes part of our record and of alerts: one short line without card data, whatever was sent. */
function printable(reason: string): string {
  const masked = maskCardNumbers(withoutSecretsIn(reason));
  return masked.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, REASON_LENGTH_MAX);
}

function jsonOf(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

/** Empty when it is longer: what is cut off is not of the schema either. */
async function readAtMost({ body }: Response, bytesMax: number): Promise<string> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) return '';
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The name or code alone: a message may quote headers, and with them a signature. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name;
}
