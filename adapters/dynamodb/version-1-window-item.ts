import * as z from 'zod';
import { asFingerprint, minorSchema, msSchema } from '../../core/brands.ts';
import { GROUNDS } from '../../core/detection/charge-record.ts';
import type { Version1Window } from '../../core/detection/version-1-window.ts';
import { chargeRefSchema, chargeSchema } from '../../core/events/stored-charge.ts';
import { Fault } from '../../core/fault.ts';
import { type Fields, jsonOf, versionedCodec } from '../../core/versioned.ts';
import { withMember, withWord } from '../words-of-version-1.ts';
import type { Item } from './stored-item.ts';

const set = z.literal(true).exactOptional();
const sequence = z.int().nonnegative();

const verdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('original') }),
  z.strictObject({ kind: z.literal('duplicate'), original: chargeRefSchema, detector: z.string() }),
]);

const granted = { refundMinor: minorSchema, atMs: msSchema, restsOn: z.array(z.enum(GROUNDS)) };

const claimSchema = z.discriminatedUnion('state', [
  z.strictObject({ attempt: sequence, state: z.literal('claimed'), ...granted, called: set }),
  z.strictObject({ attempt: sequence, state: z.enum(['refunded', 'reversed-externally', 'failed']), ...granted }),
  z.strictObject({ attempt: sequence, state: z.literal('denied') }),
]);

const entrySchema = chargeRefSchema.extend({
  captured: z
    .strictObject({ seq: sequence, timeMs: msSchema, charge: chargeSchema, verdict: verdictSchema, stale: set })
    .exactOptional(),
  released: set,
  refundedTotalMinor: minorSchema.exactOptional(),
  dispute: z
    .strictObject({ atMs: msSchema, open: z.boolean(), wonBy: z.enum(['merchant', 'payer']).exactOptional() })
    .exactOptional(),
  kept: set,
  reviewOnly: set,
  ours: claimSchema.exactOptional(),
});

const closedSchema = z.strictObject({
  owed: z.union([z.literal(0), z.literal(1)]),
  atMs: msSchema,
  source: z.string(),
  afterPaid: set,
  overrules: set,
});

/** The windows of version 1, whose items had three schema versions. Today's code reads them and writes none. */
export const version1WindowCodec = versionedCodec(
  'version-1 charge window',
  z.strictObject({
    detector: z.string(),
    expiresAtMs: msSchema,
    entries: z.array(entrySchema),
    closed: closedSchema.exactOptional(),
  }),
  [fromSchemaVersion1, fromSchemaVersion2],
);

/** The outcomes of claims had other words. */
function fromSchemaVersion1(facts: Fields): Fields {
  return withEntries(facts, (entry) => withMember(entry, 'ours', (claim) => withWord(claim, 'state')));
}

/**
 * Neither the time of a claim nor the source of a closing was stored. The claim counts as before any closing, and the
 * closing as unattested: neither lets a refund go automatically.
 */
function fromSchemaVersion2(facts: Fields): Fields {
  const claimed = (claim: Fields) => (claim.state === 'denied' ? claim : { ...claim, atMs: 0, restsOn: [] });
  return withMember(
    withEntries(facts, (entry) => withMember(entry, 'ours', claimed)),
    'closed',
    (closed) => ({ ...closed, source: '' }),
  );
}

/** An entry that is no record stays as it is: the schema refuses it. */
function withEntries(facts: Fields, change: (entry: Fields) => Fields): Fields {
  const { entries } = facts;
  if (!Array.isArray(entries)) return facts;
  return { ...facts, entries: entries.map((entry: unknown) => withMember({ entry }, 'entry', change).entry) };
}

/**
 * Reads an item of the version-1 table.
 *
 * @throws {Fault} `unreadable-item` or `newer-version`, with the reason
 */
export function decodeVersion1Window({ pk, w }: Item): Version1Window {
  const key = pk?.S;
  if (key === undefined || w?.S === undefined) {
    throw new Fault('unreadable-item', `version-1 charge window ${key} lacks its key or its text`);
  }
  const facts = version1WindowCodec.decode(jsonOf(w.S, version1WindowCodec.what, key), key);
  if (!key.startsWith(`${facts.detector}#`)) {
    throw new Fault('unreadable-item', `version-1 charge window ${key} is of detector ${facts.detector}`);
  }
  return { fingerprint: asFingerprint(key), ...facts };
}
