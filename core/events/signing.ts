import type { Ms } from '../brands.ts';

/**
 * Every field that an event is read for, by its path: what a signature covers wherever the field is present. A test holds
 * the list to the schema, because a field that is read and not listed would be no statement of the source.
 */
export const SIGNED_FIELDS = [
  'data.amount.currency',
  'data.amount.value',
  'data.channel',
  'data.chargeId',
  'data.instrument',
  'data.livemode',
  'data.mcc',
  'data.merchant',
  'data.open',
  'data.order',
  'data.orderTotal.currency',
  'data.orderTotal.value',
  'data.outcome',
  'data.part',
  'data.payer',
  'data.payment',
  'data.reference',
  'data.refundAmount',
  'data.refundId',
  'data.refundStatus',
  'data.refundedTotal',
  'data.test',
  'data.total.currency',
  'data.total.value',
  'data.wonBy',
  'id',
  'livemode',
  'source',
  'specversion',
  'test',
  'time',
  'type',
] as const;

export interface JsonObject {
  readonly [name: string]: unknown;
}

/** A key of one source in one stage. */
export interface SigningKey {
  /** What events call it: their `sigkid`. */
  readonly id: string;
  readonly stage: string;
  readonly source: string;
  /** Records that reach the stream at this time or later are no longer authentic by it; undefined while it is in use. */
  readonly notAfterMs: Ms | undefined;
  /** Returns the signature of the bytes, in base64url without padding. */
  sign(bytes: Uint8Array): string;
  /** Returns true when `sign` returns exactly this text for the bytes. Takes as long for a near miss as for any other. */
  agrees(bytes: Uint8Array, signature: string): boolean;
}

type Fixed = 'stage' | 'sigkid';
interface Covered {
  readonly name: string;
  readonly path: readonly string[];
  /** The name with its length before it, as it is signed. */
  readonly head: Uint8Array;
}

const LENGTH_BYTES = 4;
/** A UTF-16 code unit becomes at most three bytes of UTF-8. */
const UTF8_BYTES_MAX = 3;
const UTF8 = new TextEncoder();

/** The names are ASCII: the order of their characters is that of their bytes. */
const COVERED: readonly Covered[] = [...SIGNED_FIELDS, 'stage' satisfies Fixed, 'sigkid' satisfies Fixed]
  .sort((a, b) => (a < b ? -1 : 1))
  .map((name) => ({ name, path: name.split('.'), head: withLength(name) }));

/**
 * Returns the bytes that a key signs: stage, `sigkid` and each field of `SIGNED_FIELDS` that is present and not null, in
 * ascending order of their names, as name and value, each in UTF-8 with its length before it. Undefined where a field has
 * neither text, an integer nor a boolean: no schema takes such an event, and no signature covers it.
 */
export function signedBytes(
  event: JsonObject,
  { id, stage }: Pick<SigningKey, 'id' | 'stage'>,
): Uint8Array | undefined {
  const fixed: Readonly<Record<Fixed, string>> = { stage, sigkid: id };
  const pairs: { readonly head: Uint8Array; readonly text: string }[] = [];
  let room = 0;
  for (const { name, path, head } of COVERED) {
    const value = name === 'stage' || name === 'sigkid' ? fixed[name] : valueAt(event, path);
    if (value === undefined || value === null) continue;
    const text = textOf(value);
    if (text === undefined) return undefined;
    pairs.push({ head, text });
    room += head.length + LENGTH_BYTES + text.length * UTF8_BYTES_MAX;
  }
  const bytes = new Uint8Array(room);
  let end = 0;
  for (const { head, text } of pairs) {
    bytes.set(head, end);
    end = putWithLength(text, bytes, end + head.length);
  }
  return bytes.subarray(0, end);
}

function valueAt(event: JsonObject, path: readonly string[]): unknown {
  let value: unknown = event;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = value[name as keyof typeof value];
  }
  return value;
}

/** A text and a number that look alike sign alike: the schema takes only one of the two. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : undefined;
}

function withLength(text: string): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + text.length * UTF8_BYTES_MAX);
  return bytes.slice(0, putWithLength(text, bytes, 0));
}

/** Returns where the text ends. Nearly every text is short and ASCII: a loop is a third of what the encoder's call costs. */
function putWithLength(text: string, into: Uint8Array, at: number): number {
  const begin = at + LENGTH_BYTES;
  let length = 0;
  for (let code = text.charCodeAt(0); length < text.length && code < 0x80; code = text.charCodeAt(length)) {
    into[begin + length++] = code;
  }
  if (length < text.length) length = UTF8.encodeInto(text, into.subarray(begin)).written;
  into[at] = length >>> 24;
  into[at + 1] = length >>> 16;
  into[at + 2] = length >>> 8;
  into[at + 3] = length;
  return begin + length;
}
