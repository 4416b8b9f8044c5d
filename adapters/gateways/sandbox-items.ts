import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Charge, ChargeRef } from '../../core/events/payment-event.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { type Fields, versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from '../dynamodb/stored-item.ts';
import { withNames, withWord } from '../words-of-version-1.ts';
import type { BookedCharge, BookedRefund } from './sandbox-books.ts';

/** The item whose `behaviour` holds for every charge that has none of its own. */
export const SANDBOX_BEHAVIOUR_KEY = 'behaviour';

const text = z.string();
const minor = z.int().nonnegative();

export const bookedChargeCodec = versionedCodec(
  'booked charge',
  z.object({
    state: z.enum(['authorized', 'captured', 'voided', 'disputed']),
    currency: text,
    amountMinor: minor,
    refundedMinor: minor,
    behaviour: text.optional(),
    movement: text.optional(),
    merchant: text.optional(),
    order: text.optional(),
    payer: text.optional(),
  }),
  [behaviourFromVersion1],
);

const asked = { reference: text, charge: text, refundMinor: minor, currency: text };

export const bookedRefundCodec = versionedCodec(
  'booked refund',
  z.discriminatedUnion('state', [
    z.object({ ...asked, state: z.literal('pending'), asksLeft: minor }),
    z.object({ ...asked, state: z.enum(['refunded', 'reversed-externally']) }),
    z.object({ ...asked, state: z.literal('failed'), reason: text }),
  ]),
  [(fields) => withWord(withNames(fields, { why: 'reason' }), 'state')],
);

export const behaviourCodec = versionedCodec('behaviour of the sandbox', z.object({ behaviour: text }), [
  behaviourFromVersion1,
]);

function behaviourFromVersion1(fields: Fields): Fields {
  return withWord(fields, 'behaviour');
}

/** The key under which the sandbox processor books a charge. */
export function sandboxChargeKey({ source, chargeId }: ChargeRef): string {
  return `charge#${source}#${chargeId}`;
}

export function refundKey({ idempotencyKey }: Pick<ReversalRequest, 'idempotencyKey'>): string {
  return `refund#${idempotencyKey}`;
}

/** The movement of a charge that its processor tells under a payment of its own. */
export function sandboxMovement({ source, payment }: Pick<Charge, 'source' | 'payment'>): string | undefined {
  return payment === undefined ? undefined : `payment#${source}#${payment}`;
}

/** An item as PartiQL inserts it: plain values by name. */
export function encodeBookedCharge(ref: ChargeRef, booked: BookedCharge) {
  return { pk: sandboxChargeKey(ref), ...bookedChargeCodec.encode(booked) };
}

export function decodeBookedCharge(item: Item): BookedCharge {
  return decodeItem(bookedChargeCodec, item);
}

export function encodeBookedRefund(refund: BookedRefund, request: ReversalRequest): Item {
  const { charge, reference, refundMinor } = request;
  const { currency } = charge;
  const booked = { reference, charge: sandboxChargeKey(charge), refundMinor, currency, ...refund };
  return marshall({ pk: refundKey(request), ...bookedRefundCodec.encode(booked) });
}

export function decodeBookedRefund(item: Item): BookedRefund {
  return decodeItem(bookedRefundCodec, item);
}

export function decodeBehaviour(item: Item): string {
  return decodeItem(behaviourCodec, item).behaviour;
}
