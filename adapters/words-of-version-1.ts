import type { Fields } from '../core/versioned.ts';

/**
 * Values of statuses, actions and outcomes that records of version 1 hold, and today's words for them:
 * docs/decisions/0902-words.md. No word means one thing in one of them and another elsewhere.
 */
const WORDS: ReadonlyMap<unknown, string> = new Map([
  ['watch', 'monitor'],
  ['watched', 'monitored'],
  ['mistaken', 'refunded-in-error'],
  ['undone', 'reversed-externally'],
  ['already-undone', 'reversed-externally'],
]);

/** The word that stands for a value today; any other value as it is. */
export function wordOf(value: unknown): unknown {
  return WORDS.get(value) ?? value;
}

/** The record with some of its members under other names. */
export function withNames(fields: Fields, names: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]));
}

/** The record with what `change` makes of one member, where it has that member and it is a record itself. */
export function withMember(fields: Fields, name: string, change: (member: Fields) => Fields): Fields {
  const member = fields[name];
  return isRecord(member) ? { ...fields, [name]: change(member) } : fields;
}

/** The record with today's word for the value of one member, where it has that member. */
export function withWord(fields: Fields, name: string): Fields {
  return name in fields ? { ...fields, [name]: wordOf(fields[name]) } : fields;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
