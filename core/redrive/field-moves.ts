import { fieldPath } from '../events/field-path.ts';

/** One field of an event that has another name in this feed. Paths are the names from the event's root. */
export interface FieldMove {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export type Moved =
  | { readonly kind: 'moved'; readonly event: JsonObject }
  | { readonly kind: 'refused'; readonly detail: string };

export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Moves one field to another name. What is already there under that name is overwritten only if it is empty. */
export function moveField(event: JsonObject, { from, to }: FieldMove): Moved {
  const value = valueAt(event, from);
  if (value === undefined) return refused(`${fieldPath(from)} is not there`);
  const taken = valueAt(event, to);
  if (!isEmpty(taken)) return refused(`${fieldPath(to)} is there already`);
  const rest = withoutField(event, from);
  if (!hasRoom(rest, to)) return refused(`${fieldPath(to)} lies in a field that is no object`);
  return { kind: 'moved', event: withField(rest, to, value) };
}

function refused(detail: string): Moved {
  return { kind: 'refused', detail };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  return isObject(value) && Object.hasOwn(value, name) ? valueAt(value[name], rest) : undefined;
}

function hasRoom(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || value === undefined) return true;
  return isObject(value) && hasRoom(Object.hasOwn(value, name) ? value[name] : undefined, rest);
}

function withoutField(object: JsonObject, [name, ...rest]: readonly string[]): JsonObject {
  const members = Object.entries(object);
  if (rest.length === 0) return Object.fromEntries(members.filter(([each]) => each !== name));
  return Object.fromEntries(
    members.map(([each, value]) => [each, each === name && isObject(value) ? withoutField(value, rest) : value]),
  );
}

/** Builds anew rather than assigns: a name such as `__proto__` stays a name. */
function withField(object: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = Object.hasOwn(object, name) && isObject(object[name]) ? object[name] : {};
  const member = rest.length === 0 ? value : withField(inner, rest, value);
  return Object.fromEntries([...Object.entries(object).filter(([each]) => each !== name), [name, member]]);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
