import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type CapRaise, capRaiseSchema, type StoredRaises } from '../../core/refunds/cap-raise.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeBody, type Item } from './stored-item.ts';

/** The raises of one currency. */
export const capRaisesCodec = versionedCodec(
  'cap raises',
  z.strictObject({ version: z.int().nonnegative(), raises: z.array(capRaiseSchema) }),
);

/** A request or its confirmation, kept for the record: no later act overwrites it. */
export const capRaiseActCodec = versionedCodec('cap raise act', capRaiseSchema);

export function capRaisesKeyOf(currency: string): string {
  return `cap-raise#${currency}`;
}

export function encodeCapRaises(currency: string, stored: StoredRaises): Item {
  const body = capRaisesCodec.encode({ version: stored.version, raises: [...stored.raises] });
  return marshall({ pk: capRaisesKeyOf(currency), version: stored.version, body }, { removeUndefinedValues: true });
}

export function decodeCapRaises(item: Item): StoredRaises {
  return decodeBody(capRaisesCodec, item);
}

export function encodeCapRaiseAct(raise: CapRaise): Item {
  const { atMs } = raise.confirmed ?? raise.requested;
  const pk = `cap-raise-act#${atMs}#${raise.id}#${raise.confirmed === undefined ? 'requested' : 'confirmed'}`;
  return marshall({ pk, body: capRaiseActCodec.encode(raise) }, { removeUndefinedValues: true });
}
