import * as z from 'zod';

/** What a schema describes, read only all the way down: views are told, never changed. */
export type View<Schema extends z.ZodType> = ReadOnly<z.input<Schema>>;

type ReadOnly<Value> = Value extends readonly (infer Item)[]
  ? readonly ReadOnly<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: ReadOnly<Value[Name]> }
    : Value;

/** The schemas that the API's description names, by the names that it gives them. */
export const named = z.registry<{ readonly id: string }>();

export const time = z.iso.datetime();
/** Money, in minor units of the currency beside it. */
export const minor = z.int().nonnegative();
export const count = z.int().nonnegative();
/** Flags and cases are named by 128 bits of a hash, in hexadecimal digits. */
export const contentId = z.string().regex(/^[0-9a-f]{32}$/);
