import * as z from 'zod';
import { caseIdSchema, flagIdSchema, minorSchema, msSchema } from '../../core/brands.ts';
import { AUDITED_STATUSES, type AuditEntry } from '../../core/cases/audit.ts';
import type { Case } from '../../core/cases/case.ts';
import type { Comment } from '../../core/cases/comment.ts';
import { flagSchema } from '../../core/cases/flag-schema.ts';
import { DETECTOR_ACTIONS } from '../../core/detection/detector.ts';
import { chargeRefSchema } from '../../core/events/stored-charge.ts';
import { type Fields, versionedCodec } from '../../core/versioned.ts';
import { withWord } from '../words-of-version-1.ts';
import { flagFromVersion1 } from './flag-version-1.ts';
import { flagFromVersion2 } from './flag-version-2.ts';

const text = z.string();
const time = msSchema;
const count = z.int().nonnegative();
/** Sums of amounts, in minor units. */
const sum = minorSchema;

/**
 * The schemas of flags, cases and audit entries are not compiled: that would save 2 µs a flag, and cost each cold start
 * 60 to 100 ms, since a flag has thirteen shapes.
 */
export const flagCodec = versionedCodec('flag', flagSchema, [flagFromVersion1, flagFromVersion2, flagFromVersion3]);

/** Version 4 may have the facts of a wait and of a claim. Version 3 has none, and none are made up. */
function flagFromVersion3(fields: Fields): Fields {
  return fields;
}

const caseSchema: z.ZodType<Case> = z.strictObject({
  id: caseIdSchema,
  version: z.int().positive(),
  status: z.enum(['open', 'resolved']),
  original: chargeRefSchema,
  merchant: text,
  order: text.exactOptional(),
  currency: text,
  action: z.enum(DETECTOR_ACTIONS),
  flags: count,
  unresolved: count,
  unreconciled: count,
  refunds: count,
  held: count,
  detectors: z.array(text),
  openings: count,
  atStakeMinor: sum,
  refundedMinor: sum,
  openedAtMs: time,
  updatedAtMs: time,
  deadlineAtMs: time.exactOptional(),
  urgentSinceMs: time.exactOptional(),
  legalHold: z.strictObject({ by: text, atMs: time, reason: text }).exactOptional(),
  auditLength: count,
  auditHead: text,
});

/** Counts that cases of version 1 came to have: one that was stored before has none, and counts on from there. */
const LATER_COUNTS = { held: 0, refunds: 0, unreconciled: 0, detectors: [] };

export const caseCodec = versionedCodec('case', caseSchema, [
  (fields) => withWord({ ...LATER_COUNTS, ...fields }, 'action'),
]);

export const auditCodec = versionedCodec<z.ZodType<AuditEntry>>(
  'audit entry',
  z.strictObject({
    caseId: caseIdSchema,
    seq: z.int().positive(),
    flagId: flagIdSchema,
    attempt: count,
    actor: text,
    atMs: time,
    from: z.enum(['none', ...AUDITED_STATUSES]),
    to: z.enum(AUDITED_STATUSES),
    reason: text,
    previous: text,
    hash: text,
  }),
);

export const commentCodec = versionedCodec<z.ZodType<Comment>>(
  'comment',
  z.strictObject({ id: text, caseId: caseIdSchema, by: text, atMs: time, text }),
);
