import * as z from 'zod';
import { asFingerprint, asFlagId, type FlagId, type Ms, minorSchema, msSchema } from '../../core/brands.ts';
import { type ChargeRecord, GROUNDS } from '../../core/detection/charge-record.ts';
import type { FoundRecord } from '../../core/detection/record-store.ts';
import { MISMATCH_FIELDS } from '../../core/detection/told-fields.ts';
import { EVENT_KINDS } from '../../core/events/source.ts';
import { chargeSchema } from '../../core/events/stored-charge.ts';
import { jsonOf, versionedCodec } from '../../core/versioned.ts';
import type { ChargeItem } from './charge-items.ts';
import { partsOf, ttlOf } from './stored-charge-item.ts';
import type { Item } from './stored-item.ts';

const set = z.literal(true).exactOptional();
const sequence = z.int().nonnegative();

const granted = {
  refundMinor: minorSchema,
  atMs: msSchema,
  restsOn: z.array(z.enum(GROUNDS)),
  onTotal: z.strictObject({ source: z.string(), totalMinor: minorSchema }).exactOptional(),
};

const text = z.string().exactOptional();
const told = { kind: z.enum(EVENT_KINDS).exclude(['order.closed']), atMs: msSchema };

const claimSchema = z.discriminatedUnion('state', [
  z.strictObject({ attempt: sequence, state: z.literal('claimed'), ...granted, called: set }),
  z.strictObject({
    attempt: sequence,
    state: z.enum(['refunded', 'reversed-externally', 'failed']),
    ...granted,
    reported: z.strictObject({ atMs: msSchema, processorReference: z.string() }).exactOptional(),
  }),
  z.strictObject({ attempt: sequence, state: z.literal('denied') }),
]);

/** All facts of a charge. Compiled, as the window's is: `detect` reads the records of each order with a duplicate. */
export const recordCodec = versionedCodec(
  'charge record',
  z.compile(
    z.strictObject({
      source: z.string(),
      chargeId: z.string(),
      expiresAtMs: msSchema,
      capture: z
        .strictObject({
          charge: chargeSchema,
          timeMs: msSchema,
          arrivedMs: msSchema,
          seenMs: msSchema,
          mayHaveExpired: z.literal(true).exactOptional(),
          latestMs: msSchema,
          windows: z.array(
            z.strictObject({ detector: z.string(), fingerprint: z.string(), added: set, formerNamespace: text }),
          ),
        })
        .exactOptional(),
      adjustments: z
        .array(z.strictObject({ amountMinor: minorSchema, currency: z.string(), atMs: msSchema }))
        .exactOptional(),
      completed: z
        .strictObject({
          payer: text,
          order: text,
          part: text,
          instrument: text,
          channel: text,
          mcc: text,
          payment: text,
        })
        .exactOptional(),
      repeated: z
        .array(
          z.strictObject({
            ...told,
            merchant: z.string().optional(),
            payer: z.string().optional(),
            order: z.string().optional(),
            amountMinor: minorSchema.optional(),
            currency: z.string().optional(),
          }),
        )
        .exactOptional(),
      mismatches: z
        .array(z.strictObject({ ...told, field: z.enum(MISMATCH_FIELDS), amountMinor: minorSchema.exactOptional() }))
        .exactOptional(),
      releasedMs: msSchema.exactOptional(),
      voidedMs: msSchema.exactOptional(),
      refundedByOthers: z.strictObject({ totalMinor: minorSchema, atMs: msSchema }).exactOptional(),
      singleRefunds: z.array(z.strictObject({ id: z.string(), minor: minorSchema, atMs: msSchema })).exactOptional(),
      dispute: z
        .strictObject({ atMs: msSchema, open: z.boolean(), wonBy: z.enum(['merchant', 'payer']).exactOptional() })
        .exactOptional(),
      kept: z.strictObject({ unpaidMs: msSchema.exactOptional() }).exactOptional(),
      ours: claimSchema.exactOptional(),
    }),
  ),
);

const PREFIX = 'charge#';

export function recordKey(id: FlagId): string {
  return `${PREFIX}${id}`;
}

/** Returns the id in a record's key; undefined for the key of another item. */
export function recordIdOf(pk: string): string | undefined {
  return pk.startsWith(PREFIX) ? pk.slice(PREFIX.length) : undefined;
}

export function encodeRecord(record: ChargeRecord): ChargeItem {
  const { id, version, ...facts } = record;
  return {
    pk: recordKey(id),
    version,
    facts: JSON.stringify(recordCodec.encode(facts)),
    ttl: ttlOf(record.expiresAtMs),
  };
}

/** Reads a record's item. An expired record is dropped, its version stays. */
export function decodeRecord(item: Item, nowMs: Ms): FoundRecord {
  const { pk, version, text } = partsOf(item, recordCodec.what);
  const facts = decodeFacts(text, pk);
  if (facts.expiresAtMs <= nowMs) return { record: undefined, version };
  const { capture, ...rest } = facts;
  const windows = capture?.windows.map((filed) => ({ ...filed, fingerprint: asFingerprint(filed.fingerprint) })) ?? [];
  const id = asFlagId(pk.slice(PREFIX.length));
  return { record: { id, version, ...rest, ...(capture && { capture: { ...capture, windows } }) }, version };
}

function decodeFacts(text: string, key: string): z.output<typeof recordCodec.schema> {
  const stored = jsonOf(text, recordCodec.what, key);
  const facts = recordCodec.upcast(stored, key);
  // What only has to be checked needs no copy, which costs a third of the check; `decode` then says what is wrong.
  return recordCodec.schema.validate(facts) ? facts : recordCodec.decode(stored, key);
}
