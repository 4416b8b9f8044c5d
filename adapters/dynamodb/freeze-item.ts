import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import type { FreezeOrder, ThawRequest } from '../../core/refunds/freeze.ts';
import { versionedCodec } from '../../core/versioned.ts';
import type { Item } from './stored-item.ts';

const FREEZE_KEY = 'freeze';

const act = z.strictObject({ by: z.string(), atMs: msSchema });
const requestFields = { id: z.string(), merchant: z.string().optional(), reason: z.string(), requested: act };
const thawSchema = z
  .strictObject({ ...requestFields, confirmed: act.optional() })
  .refine(
    ({ requested, confirmed }) => confirmed?.by !== requested.by,
    'one operator asked for the thaw and confirmed it',
  );

const orderFields = { frozen: z.boolean(), by: z.string(), reason: z.string(), atMs: msSchema };
const laterFields = { thaw: thawSchema.optional() };
const merchantField = z.string().optional();

/** An order inside the record of an incident, which names no request. */
export const freezeOrderSchema = z.strictObject({ ...orderFields, merchant: merchantField });

/** A standing order; its key says whose refunds it is about. */
const orderCodec = versionedCodec('freeze order', z.object({ ...orderFields, ...laterFields }));

/** An order as it was given, kept for the record: no later order overwrites it. */
const actCodec = versionedCodec('freeze act', z.object({ ...orderFields, ...laterFields, merchant: merchantField }));

/** A request to thaw as it was made, by its id. */
const requestCodec = versionedCodec('thaw request', z.object(requestFields));

/** The key of the standing order for one merchant, or for all refunds. */
export function freezeKeyOf(merchant: string | undefined): string {
  return merchant === undefined ? FREEZE_KEY : `${FREEZE_KEY}#${merchant}`;
}

export function encodeFreezeOrder({ merchant, ...order }: FreezeOrder): Item {
  return marshall({ pk: freezeKeyOf(merchant), ...orderCodec.encode(order) }, { removeUndefinedValues: true });
}

export function decodeFreezeOrder(item: Item, merchant: string | undefined): FreezeOrder {
  const order = orderCodec.decode(unmarshall(item), freezeKeyOf(merchant));
  return merchant === undefined ? order : { ...order, merchant };
}

/** The key has the time and the effect: orders of one moment that both changed something have items of their own. */
export function encodeFreezeAct(order: FreezeOrder): Item {
  const pk = `freeze-act#${order.atMs}#${freezeKeyOf(order.merchant)}#${order.frozen ? 'frozen' : 'thawed'}`;
  return marshall({ pk, ...actCodec.encode(order) }, { removeUndefinedValues: true });
}

export function thawRequestKeyOf(id: string): string {
  return `freeze-thaw#${id}`;
}

export function encodeThawRequest(request: ThawRequest): Item {
  const pk = thawRequestKeyOf(request.id);
  return marshall({ pk, ...requestCodec.encode(request) }, { removeUndefinedValues: true });
}

export function decodeThawRequest(item: Item, id: string): ThawRequest {
  return requestCodec.decode(unmarshall(item), thawRequestKeyOf(id));
}
