import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import { Fault } from '../../core/fault.ts';
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

/** Reads one attribute that is a text. Indexes give only keys, which no codec covers. */
export function textOf(item: Item, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) throw new Fault('unreadable-item', `item ${keyOf(item)} lacks the text ${name}`);
  return text;
}

/** Reads the time in a sort key that is one: ISO 8601. */
export function sortKeyMs(item: Item): Ms {
  const ms = Date.parse(textOf(item, 'sk'));
  if (Number.isNaN(ms)) throw new Fault('unreadable-item', `the sort key of item ${keyOf(item)} is no time`);
  return ms;
}

function keyOf({ pk, sk }: Item): string {
  return [pk?.S, sk?.S].filter((part) => part !== undefined).join(' ');
}
