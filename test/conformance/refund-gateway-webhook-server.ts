import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { createWebhookGateway } from '../../adapters/gateways/webhook.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { type Answered, type Received, serveLoopback } from '../fixtures/loopback-server.ts';
import type { Booked, Standing, TestedProcessor } from './refund-gateway.suite.ts';

export const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const amount = z.strictObject({ value: z.int().positive(), currency: z.string().length(3) });
/** What is documented as sent, and nothing else. */
const requested = z.strictObject({
  type: z.literal('refund.requested'),
  data: z.strictObject({
    idempotencyKey: z.string(),
    reference: z.string(),
    reason: z.literal('duplicate'),
    refund: amount,
    charge: z.strictObject({
      source: z.string(),
      chargeId: z.string(),
      payer: z.string(),
      merchant: z.string(),
      order: z.string().optional(),
      part: z.string().optional(),
      instrument: z.string().optional(),
      amount,
    }),
  }),
});
type Requested = z.infer<typeof requested>['data'];

const lookup = z.strictObject({
  type: z.literal('charge.lookup'),
  data: z.strictObject({ charge: z.strictObject({ source: z.string(), chargeId: z.string() }) }),
});
const message = z.discriminatedUnion('type', [requested, lookup]);

interface Entry {
  readonly known: Pick<Charge, 'merchant' | 'order' | 'payer'> & { readonly movement: string };
  readonly amount: z.infer<typeof amount>;
  state: NonNullable<Booked['state']>;
  refundedMinor: number;
  behaviour: Booked['behaviour'];
}
interface Remembered {
  readonly body: string;
  asked: number;
  answer: { readonly outcome: string; readonly [field: string]: unknown };
}

/** An in-house processor as its owners might write it: verifies the signature, keeps its books in memory. */
export async function startWebhookProcessor(): Promise<TestedProcessor> {
  const entries = new Map<string, Entry>();
  const remembered = new Map<string, Remembered>();

  async function answer({ method, headers, body }: Received): Promise<Answered> {
    if (method !== 'POST') return { status: 405 };
    try {
      new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>); // the library names no undefined
    } catch {
      return { status: 401 };
    }
    const asked = message.parse(JSON.parse(body));
    if (asked.type === 'charge.lookup') return lookupIn(entries, asked.data.charge.chargeId);
    const { data } = asked;
    if (headers['idempotency-key'] !== data.idempotencyKey) return { status: 400 };
    if (headers['webhook-id'] !== data.reference) return { status: 400 };
    return answerTo(data, body);
  }

  function answerTo(data: Requested, body: string): Answered {
    const entry = entries.get(data.charge.chargeId);
    const known = remembered.get(data.idempotencyKey);
    if (known !== undefined) {
      if (known.body !== body) return { status: 422 };
      if (entry?.behaviour === 'pending:2' && ++known.asked === 3) known.answer = refundOf(entry, data);
      return { status: 200, body: JSON.stringify(known.answer) };
    }
    const first = { body, asked: 1, answer: firstAnswer(entry, data) };
    remembered.set(data.idempotencyKey, first);
    if (entry?.behaviour === 'times-out-after-success') return 'hang';
    return { status: 200, body: JSON.stringify(first.answer) };
  }

  const server = await serveLoopback(answer);
  const gateway = createWebhookGateway({
    url: `${server.origin}/refunds`,
    secret: 'processors/acme',
    secrets: { readSecret: async () => WEBHOOK_SECRET },
    report: ({ code }) => {
      throw new Error(`the gateway reports ${code}`);
    },
    nowMs: () => Date.now(),
    answerMsMax: 500,
  });
  return {
    gateway,
    async book(
      { chargeId, merchant, order, payer, amountMinor, currency }: Charge,
      { state = 'captured', refundedMinor = 0, behaviour, movement = chargeId }: Booked,
    ) {
      const known = { merchant, order, payer, movement };
      entries.set(chargeId, { known, amount: { value: amountMinor, currency }, state, refundedMinor, behaviour });
    },
    async standingOf({ chargeId }: Charge): Promise<Standing> {
      const entry = entries.get(chargeId);
      if (entry === undefined) throw new Error(`no charge ${chargeId}`);
      return { state: entry.state, refundedMinor: entry.refundedMinor };
    },
    stop: () => server.stop(),
  };
}

function lookupIn(entries: ReadonlyMap<string, Entry>, chargeId: string): Answered {
  const entry = entries.get(chargeId);
  if (entry === undefined) return { status: 200, body: '{"lookup":"not-found"}' };
  const { known, amount, state, refundedMinor } = entry;
  const refundable = state === 'voided' || state === 'disputed' ? 0 : amount.value - refundedMinor;
  return { status: 200, body: JSON.stringify({ lookup: 'found', ...known, amount, refundable }) };
}

function firstAnswer(entry: Entry | undefined, data: Requested): Remembered['answer'] {
  if (entry === undefined) return { outcome: 'failed', reason: 'no such charge' };
  const isSame = entry.amount.value === data.charge.amount.value && entry.amount.currency === data.refund.currency;
  if (!isSame) return { outcome: 'failed', reason: 'the charge is of another amount' };
  if (entry.behaviour === 'fails') return { outcome: 'failed', reason: 'the account is closed' };
  if (entry.behaviour === 'pending:2') return { outcome: 'pending' };
  return refundOf(entry, data);
}

function refundOf(entry: Entry, { refund, reference }: Requested): Remembered['answer'] {
  if (entry.state === 'disputed') return { outcome: 'failed', reason: 'disputed' };
  const left = entry.amount.value - entry.refundedMinor;
  if (entry.state === 'voided' || left === 0) return { outcome: 'reversed-externally' };
  if (refund.value > left) return { outcome: 'failed', reason: 'more than is left' };
  if (entry.state === 'authorized') entry.state = 'voided';
  else entry.refundedMinor += refund.value;
  return { outcome: 'refunded', reference: `acme-${reference}` };
}
