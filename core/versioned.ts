import type * as z from 'zod';
import { Fault } from './fault.ts';

/** A stored record before it was parsed: member names and values of any kind. */
export interface Fields {
  readonly [field: string]: unknown;
}

/** Turns a record of one schema version into a record of the next one. */
export type Upcast = (fields: Fields) => Fields;

export type Immutable<Value> = Value extends string | number
  ? Value
  : Value extends object
    ? { readonly [field in keyof Value]: Immutable<Value[field]> }
    : Value;

/** How a schema version stands beside the members of a record. Records of version 1 have none. */
export interface Versioned {
  readonly schemaVersion: number;
}

/** Writes and reads one kind of record. */
export interface Codec<Schema extends z.ZodType> {
  /** The kind of record, as errors name it. */
  readonly what: string;
  readonly schema: Schema;
  readonly schemaVersion: number;
  encode(value: Immutable<z.output<Schema>>): Immutable<z.output<Schema>> & Versioned;
  /** Brings a record of any earlier version to the current one, unparsed and without its version. */
  upcast(stored: unknown, key: string): Fields;
  /**
   * Brings a record of any earlier version to the current one and parses it. `key` names the record in errors.
   *
   * @throws {Fault} `newer-version` when newer code wrote the record, `unreadable-item` when it does not match its schema
   */
  decode(stored: unknown, key: string): z.output<Schema>;
}

/** The first version had the same members as the second, without a version among them. */
export const AS_VERSION_1: Upcast = (fields) => fields;

/** Enough to find the fault; a record that is something else altogether has hundreds. */
const ISSUES_MAX = 3;

/**
 * Makes the codec of one kind of record. The current schema version is one more than there are `upcasts`; the first of
 * them reads version 1.
 */
export function versionedCodec<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  upcasts: readonly Upcast[] = [AS_VERSION_1],
): Codec<Schema> {
  const schemaVersion = upcasts.length + 1;

  function upcast(stored: unknown, key: string): Fields {
    if (!isRecord(stored)) throw new Fault('unreadable-item', `${what} ${key} is not a record of named members`);
    const { schemaVersion: written = 1, ...fields } = stored;
    if (written === schemaVersion) return fields;
    if (typeof written !== 'number' || !Number.isInteger(written) || written < 1) {
      throw new Fault('unreadable-item', `${what} ${key} has a schema version that is no positive integer`);
    }
    if (written > schemaVersion) {
      const known = `this code reads versions up to ${schemaVersion}`;
      throw new Fault('newer-version', `${what} ${key} has schema version ${written}; ${known}: deploy the newer code`);
    }
    return upcasts.slice(written - 1).reduce((older, step) => step(older), fields);
  }

  return {
    what,
    schema,
    schemaVersion,
    // Unlike a spread, it is typed for a schema of any kind of record.
    encode: (value) => Object.assign({}, value, { schemaVersion }),
    upcast,
    decode(stored, key) {
      const current = upcast(stored, key);
      const parsed = schema.safeParse(current);
      if (parsed.success) return parsed.data;
      throw new Fault('unreadable-item', `${what} ${key} cannot be read: ${explain(parsed.error)}`);
    },
  };
}

/** Reads JSON text; text that is no JSON is unreadable, and its content stays out of the message. */
export function jsonOf(text: string, what: string, key: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault('unreadable-item', `${what} ${key} is not JSON`);
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function explain({ issues }: z.ZodError): string {
  return issues
    .slice(0, ISSUES_MAX)
    .map(({ path, code }) => `${path.map(String).join('.') || 'the record'}: ${code}`)
    .join('; ');
}
