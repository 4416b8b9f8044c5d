import type { english } from './english.ts';

export type MessageKey = keyof typeof english;

/** Every text of the console in one language. `{name}` stands for what is put in. */
export type Catalogue = { readonly [key in MessageKey]: string };

export type Values = Readonly<Record<string, string | number>>;

/** A text with its values put in. A value that is not given is a bug, and shows as its name. */
export function fill(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}
