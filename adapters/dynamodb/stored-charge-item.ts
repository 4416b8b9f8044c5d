import type { Ms } from '../../core/brands.ts';
import { Fault } from '../../core/fault.ts';
import type { Item } from './stored-item.ts';

/** DynamoDB's clean-up may be days late and must never be early. */
const TTL_GRACE_S = 3_600;

export function ttlOf(expiresAtMs: Ms): number {
  return Math.ceil(expiresAtMs / 1000) + TTL_GRACE_S;
}

/** Returns the end that an item's time to live was made from, to the second. */
export function endOf(ttl: number): Ms {
  return (ttl - TTL_GRACE_S) * 1000;
}

/** Reads the parts of an item of the Charges table; `what` names it in errors. */
export function partsOf(
  { pk, v, f }: Item,
  what: string,
): { readonly pk: string; readonly version: number; readonly text: string } {
  const version = Number(v?.N);
  if (pk?.S === undefined || f?.S === undefined || !Number.isSafeInteger(version)) {
    throw new Fault('unreadable-item', `${what} ${pk?.S} lacks its text or its version`);
  }
  return { pk: pk.S, version, text: f.S };
}
