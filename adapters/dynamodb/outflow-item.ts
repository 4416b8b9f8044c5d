import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { chargeRefSchema } from '../../core/events/stored-charge.ts';
import { isSameRefund, type Outflow } from '../../core/refunds/outflow.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeBody, type Item } from './stored-item.ts';

/** What an attempt was counted with. */
export const outflowCodec = versionedCodec(
  'outflow',
  z.strictObject({ charge: chargeRefSchema, merchant: z.string(), currency: z.string(), refundMinor: minorSchema }),
);

export function outflowKeyOf(name: string): string {
  return `outflow#attempt#${name}`;
}

export function encodeOutflow({ name, charge, merchant, currency, refundMinor }: Outflow, ttl: number): Item {
  const { source, chargeId } = charge;
  const body = outflowCodec.encode({ charge: { source, chargeId }, merchant, currency, refundMinor });
  return marshall({ pk: outflowKeyOf(name), body, ttl });
}

/** Returns true where the stored attempt is the one that is asked for. */
export function isSameOutflow(item: Item, outflow: Outflow): boolean {
  const stored = decodeBody(outflowCodec, item);
  return isSameRefund(stored, outflow);
}
