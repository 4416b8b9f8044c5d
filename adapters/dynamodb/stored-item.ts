import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { Codec, Fields } from '../../core/versioned.ts';

export type Item = Record<string, AttributeValue>;

/** Reads the record that an item carries in its `body`. */
export function decodeBody<Schema extends z.ZodType>(codec: Codec<Schema>, item: Item): z.output<Schema> {
  const { body }: Fields = unmarshall(item);
  return codec.decode(body, keyOf(item));
}

/** Reads a record whose members are the item's own attributes. */
export function decodeItem<Schema extends z.ZodType>(codec: Codec<Schema>, item: Item): z.output<Schema> {
  return codec.decode(unmarshall(item), keyOf(item));
}

function keyOf({ pk, sk }: Item): string {
  return [pk?.S, sk?.S].filter((part) => part !== undefined).join(' ');
}
