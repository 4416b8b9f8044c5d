import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { flagIdSchema, type Ms, minorSchema } from '../../core/brands.ts';
import { attemptName } from '../../core/detection/refund-reference.ts';
import { chargeRefSchema } from '../../core/events/stored-charge.ts';
import type { Attempt } from '../../core/refunds/attempt.ts';
import type { Reservation } from '../../core/refunds/claim-store.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { ttlOf } from './stored-charge-item.ts';
import { decodeBody, type Item } from './stored-item.ts';

export const reservationCodec = versionedCodec(
  'reservation',
  z.strictObject({
    flagId: flagIdSchema,
    attempt: z.int().nonnegative(),
    charge: chargeRefSchema,
    amountMinor: minorSchema,
    currency: z.string(),
  }),
);

export function reservationKeyOf({ flagId, attempt }: Attempt): string {
  return attemptName({ id: flagId, attempt });
}

/** Without an end for a claim that version 1 had granted: nothing says when. */
export function encodeReservation(reservation: Reservation, expiresAtMs?: Ms): Item {
  const ttl = expiresAtMs === undefined ? {} : { ttl: ttlOf(expiresAtMs) };
  return marshall({ pk: reservationKeyOf(reservation), body: reservationCodec.encode(reservation), ...ttl });
}

export function decodeReservation(item: Item): Reservation {
  return decodeBody(reservationCodec, item);
}
