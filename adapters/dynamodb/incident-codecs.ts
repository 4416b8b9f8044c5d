import * as z from 'zod';
import { caseIdSchema, flagIdSchema, incidentIdSchema, type Minor, type Ms, msSchema } from '../../core/brands.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { withNames } from '../words-of-version-1.ts';
import { freezeOrderSchema } from './freeze-item.ts';

const text = z.string();
const count = z.int().nonnegative();
const version = z.int().positive();
/** News of an incident are differences: what fell is negative. */
const difference = z.int();
const differenceMinor: z.ZodType<Minor, Minor> = difference;
const span: z.ZodType<Ms, Ms> = z.int().positive();

const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('processor'), source: text }),
  z.strictObject({ kind: z.literal('merchant'), merchant: text }),
]);

const totalsSchema = z.strictObject({
  cases: difference,
  resolved: difference,
  charges: difference,
  held: difference,
  failed: difference,
  unknown: difference,
  money: z.record(
    text,
    z.strictObject({ atStakeMinor: differenceMinor, refundedMinor: differenceMinor, heldMinor: differenceMinor }),
  ),
});

const NAMES_OF_VERSION_1 = {
  said: 'messages',
  told: 'notified',
  saidAtMs: 'messageAtMs',
  news: 'changes',
  why: 'reason',
};

export const incidentCodec = versionedCodec(
  'incident',
  z.strictObject({
    id: incidentIdSchema,
    version,
    scope: scopeSchema,
    status: z.enum(['open', 'closing', 'closed']),
    openedAtMs: msSchema,
    burst: z.strictObject({ scope: scopeSchema, cases: count, usual: z.number(), threshold: z.number() }),
    windowMs: span,
    sinceMs: msSchema,
    messages: count,
    notified: count,
    messageAtMs: msSchema,
    totals: totalsSchema,
    changes: totalsSchema,
    merchants: z.array(z.strictObject({ merchant: text, cases: count })),
    orders: z.array(freezeOrderSchema),
    calmSinceMs: msSchema.exactOptional(),
    closingAtMs: msSchema.exactOptional(),
    closedAtMs: msSchema.exactOptional(),
    reason: z.enum(['quiet', 'absorbed']).exactOptional(),
  }),
  [(fields) => withNames(fields, NAMES_OF_VERSION_1)],
);

/** The lock of a scope: which incident is open there. Version 1 held a copy of the whole incident. */
export const liveCodec = versionedCodec('live incident', z.strictObject({ id: incidentIdSchema, scope: scopeSchema }), [
  ({ id, scope }) => ({ id, scope }),
]);

export const closingCodec = versionedCodec('closing incident', z.strictObject({ id: incidentIdSchema }));

/** The place of an incident in the list of all; its attributes are the item's own. */
export const listedCodec = versionedCodec('listed incident', z.object({ id: incidentIdSchema }));

const memberSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('case'),
    id: caseIdSchema,
    version,
    merchant: text,
    source: text,
    currency: text,
    charges: count,
    atStakeMinor: differenceMinor,
    refundedMinor: differenceMinor,
    resolved: z.boolean(),
    openedAtMs: msSchema,
    changedAtMs: msSchema,
  }),
  z.strictObject({
    kind: z.literal('flag'),
    id: flagIdSchema,
    version,
    currency: text,
    waits: z.enum(['no', 'held', 'failed', 'unknown']),
    amountMinor: differenceMinor,
  }),
]);

export const memberCodec = versionedCodec('member of an incident', memberSchema);

export const openedCaseCodec = versionedCodec(
  'opened case',
  z.strictObject({ caseId: caseIdSchema, merchant: text, source: text, openedAtMs: msSchema, member: memberSchema }),
);

/** One minute's counts; its attributes are the item's own, with one for each processor and sampled merchant. */
export const processedCodec = versionedCodec(
  'count of charges',
  z.object({ pk: text, sk: text, charges: count, atMs: msSchema, lagMs: z.number(), ttl: z.int() }).catchall(count),
);
