import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { asFingerprint, type Ms, minorSchema, msSchema } from '../../core/brands.ts';
import { type ChargeWindow, GROUNDS } from '../../core/detection/charge-window.ts';
import type { FoundWindow } from '../../core/detection/window-store.ts';
import { chargeRefSchema, chargeSchema } from '../../core/events/stored-charge.ts';
import { Fault } from '../../core/fault.ts';
import { type Fields, jsonOf, versionedCodec } from '../../core/versioned.ts';
import { withMember, withWord } from '../words-of-version-1.ts';

export type WindowItem = {
  readonly pk: { readonly S: string };
  readonly v: { readonly N: string };
  readonly w: { readonly S: string };
  readonly ttl: { readonly N: string };
};

/** DynamoDB's clean-up may be days late and must never be early. */
const TTL_GRACE_S = 3_600;

const set = z.literal(true).exactOptional();
const sequence = z.int().nonnegative();
const minor = minorSchema;

const verdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('original') }),
  z.strictObject({ kind: z.literal('duplicate'), original: chargeRefSchema, detector: z.string() }),
]);

const granted = { refundMinor: minor, atMs: msSchema, restsOn: z.array(z.enum(GROUNDS)) };

const claimSchema = z.discriminatedUnion('state', [
  z.strictObject({ attempt: sequence, state: z.literal('claimed'), ...granted, called: set }),
  z.strictObject({
    attempt: sequence,
    state: z.enum(['refunded', 'reversed-externally', 'failed']),
    ...granted,
  }),
  z.strictObject({ attempt: sequence, state: z.literal('denied') }),
]);

const entrySchema = chargeRefSchema.extend({
  captured: z
    .strictObject({ seq: sequence, timeMs: msSchema, charge: chargeSchema, verdict: verdictSchema, stale: set })
    .exactOptional(),
  released: set,
  refundedTotalMinor: minor.exactOptional(),
  dispute: z
    .strictObject({ atMs: msSchema, open: z.boolean(), wonBy: z.enum(['merchant', 'payer']).exactOptional() })
    .exactOptional(),
  kept: set,
  reviewOnly: set,
  ours: claimSchema.exactOptional(),
});

/**
 * The facts of a window. The schema is compiled: `detect` reads windows for each duplicate, and a compiled schema costs a
 * fifth of what parsing the JSON text costs, one that is not compiled two thirds.
 */
export const windowCodec = versionedCodec(
  'charge window',
  z.compile(
    z.strictObject({
      detector: z.string(),
      expiresAtMs: msSchema,
      entries: z.array(entrySchema),
      closed: z
        .strictObject({
          owed: z.union([z.literal(0), z.literal(1)]),
          atMs: msSchema,
          source: z.string(),
          afterPaid: set,
          overrules: set,
        })
        .exactOptional(),
    }),
  ),
  [windowFromVersion1, windowFromVersion2],
);

function windowFromVersion1(facts: Fields): Fields {
  const { entries } = facts;
  if (!Array.isArray(entries)) return facts;
  return {
    ...facts,
    entries: entries.map((entry) => withMember(entry, 'ours', (claim) => withWord(claim, 'state'))),
  };
}

/**
 * Windows of version 2 have no time of a claim and no source of a closing. The claim counts as before any closing, and
 * the closing as unattested: neither lets a refund go automatically.
 */
function windowFromVersion2(facts: Fields): Fields {
  const { entries } = facts;
  const claimed = (claim: Fields) => (claim.state === 'denied' ? claim : { ...claim, atMs: 0, restsOn: [] });
  return withMember(
    {
      ...facts,
      ...(Array.isArray(entries) && { entries: entries.map((entry) => withMember(entry, 'ours', claimed)) }),
    },
    'closed',
    (closed) => ({ ...closed, source: '' }),
  );
}

export function encodeWindow(window: ChargeWindow): {
  pk: { S: string };
  v: { N: string };
  w: { S: string };
  ttl: { N: string };
} {
  const { fingerprint, version, ...facts } = window;
  return {
    pk: { S: fingerprint },
    v: { N: String(version) },
    w: { S: JSON.stringify(windowCodec.encode(facts)) },
    ttl: { N: String(Math.ceil(window.expiresAtMs / 1000) + TTL_GRACE_S) },
  };
}

/** Reads a window's item. An expired window is dropped, its version stays. */
export function decodeWindow(item: Record<string, AttributeValue>, nowMs: Ms): FoundWindow {
  const { pk, v, w } = item;
  const version = Number(v?.N);
  if (pk?.S === undefined || w?.S === undefined || !Number.isSafeInteger(version)) {
    throw new Fault('unreadable-item', `charge window ${pk?.S} lacks its text or its version`);
  }
  const facts = decodeFacts(w.S, pk.S);
  if (facts.expiresAtMs <= nowMs) return { window: undefined, version };
  return { window: { fingerprint: asFingerprint(pk.S), version, ...facts }, version };
}

function decodeFacts(text: string, key: string): z.output<typeof windowCodec.schema> {
  const stored = jsonOf(text, windowCodec.what, key);
  const facts = windowCodec.upcast(stored, key);
  // What only has to be checked needs no copy, which costs a third of the check; `decode` then says what is wrong.
  return windowCodec.schema.validate(facts) ? facts : windowCodec.decode(stored, key);
}
