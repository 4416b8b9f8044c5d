import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import type { ChargeRef } from '../../core/events/payment-event.ts';
import type { Lookup } from '../../core/refunds/refund-gateway.ts';

const token = z.string().min(1).max(256);
const maybe = token.nullish().transform((value) => value ?? undefined);

const answerSchema = z.discriminatedUnion('lookup', [
  z.looseObject({
    lookup: z.literal('found'),
    movement: token,
    merchant: maybe,
    order: maybe,
    payer: maybe,
    amount: z.looseObject({ value: z.int().positive(), currency: z.string().length(3) }),
    refundable: z.int().nonnegative(),
  }),
  z.looseObject({ lookup: z.literal('not-found') }),
]);

/**
 * Writes the request. It names the charge and nothing else: what the processor answers must come from its own books.
 * Receivers drop a message whose id they have seen, so each lookup has an id of its own.
 */
export function lookupRequestOf(
  { source, chargeId }: ChargeRef,
  nowMs: Ms,
): { readonly id: string; readonly body: string } {
  const body = JSON.stringify({ type: 'charge.lookup', data: { charge: { source, chargeId } } });
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 32);
  return { id: `onecharge-lookup-${digest}-${nowMs}`, body };
}

export function lookupOf(answer: unknown): Lookup {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return { kind: 'unknown', reason: 'the processor answered what is not of the schema' };
  if (parsed.data.lookup === 'not-found') return { kind: 'not-found' };
  const { movement, merchant, order, payer, amount, refundable } = parsed.data;
  const { value: amountMinor, currency } = amount;
  return { kind: 'found', movement, merchant, order, payer, amountMinor, currency, refundableMinor: refundable };
}
