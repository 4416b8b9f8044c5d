import * as z from 'zod';
import type { Ms } from '../brands.ts';
import type { AuditEntry, ChainCheck } from '../cases/audit.ts';
import type { Case } from '../cases/case.ts';
import type { Flag } from '../cases/flag.ts';
import { claimOf } from '../cases/flag-history.ts';
import { iso, maybeIso } from '../clock-units.ts';
import { isSameCharge } from '../detection/charge-record.ts';
import { CHARGE_FIELDS, type Detector, fieldOf } from '../detection/detector.ts';
import { normalised } from '../detection/normalise.ts';
import type { Charge } from '../events/payment-event.ts';
import { named, time, type View } from './view-schema.ts';
import {
  auditCheckSchema,
  caseView,
  caseViewSchema,
  flagView,
  flagViewSchema,
  timelineEntry,
  timelineEntrySchema,
} from './views.ts';

/** Rises when a field changes its meaning or goes. */
const EVIDENCE_VERSION = 1;

const COMPARED_FIELDS = ['source', ...CHARGE_FIELDS, 'payment'] as const;

const comparisonSchema = z
  .strictObject({
    field: z.enum(COMPARED_FIELDS),
    /** What the field is to the detector: `key` and `same` fields had to agree, `near` ones had to be near, others may say what they like. */
    role: z.enum(['key', 'same', 'near', 'other']),
    outcome: z.enum(['agrees', 'differs']),
    /** Absent where the charge has none. Amounts in minor units. */
    charge: z.string().optional(),
    original: z.string().optional(),
    /** Where the detector reads spellings: what it compared. */
    readAs: z.strictObject({ charge: z.string(), original: z.string() }).optional(),
  })
  .register(named, { id: 'Comparison' });
export type Comparison = View<typeof comparisonSchema>;

const flagEvidenceSchema = flagViewSchema
  .extend({
    /** The detector that found the original; `detector` rules the refund. */
    decidedBy: z.string(),
    /** The charge beside its original, field by field; empty where the original is the charge itself, or is not known. */
    fields: z.array(comparisonSchema),
    claimedAt: time.optional(),
    /** The flag's entries in the timeline. */
    entries: z.array(z.int().positive()),
  })
  .register(named, { id: 'FlagEvidence' });

/** All that proves a case to a scheme, a bank or a court, in one object that can be checked without us. */
export const evidenceSchema = z
  .strictObject({
    version: z.literal(EVIDENCE_VERSION),
    exportedAt: time,
    case: caseViewSchema,
    flags: z.array(flagEvidenceSchema),
    audit: auditCheckSchema,
    timeline: z.array(timelineEntrySchema),
  })
  .register(named, { id: 'Evidence' });
export type Evidence = View<typeof evidenceSchema>;

type Notion = Pick<Detector, 'key' | 'same' | 'normalise' | 'near'>;

interface EvidenceOf {
  readonly case: Case;
  readonly flags: readonly Flag[];
  readonly audit: readonly AuditEntry[];
  readonly check: ChainCheck;
  /** As configured now: an id's notion never changes. Undefined when it is no longer configured. */
  readonly detectorOf: (flag: Flag) => Notion | undefined;
  readonly nowMs: Ms;
}

export function evidenceOf({ case: of, flags, audit, check, detectorOf, nowMs }: EvidenceOf): Evidence {
  return {
    version: EVIDENCE_VERSION,
    exportedAt: iso(nowMs),
    case: caseView(of),
    flags: flags.map((flag) => ({
      ...flagView(flag),
      decidedBy: flag.decidedBy,
      fields: isSameCharge(flag.charge, flag.original)
        ? []
        : compareCharges(flag.charge, flag.originalCharge, detectorOf(flag)),
      claimedAt: claimedAt(flag),
      entries: audit.filter(({ flagId }) => flagId === flag.id).map(({ seq }) => seq),
    })),
    audit: check,
    timeline: audit.map(timelineEntry),
  };
}

function claimedAt(flag: Flag): string | undefined {
  const claimedAtMs = claimOf(flag)?.claimedAtMs;
  return claimedAtMs === 'unknown' ? undefined : maybeIso(claimedAtMs);
}

/** Which fields of the two charges agree and which differ, as their detector reads them. Absent equals absent only, and is then not named. */
export function compareCharges(
  charge: Charge,
  original: Charge | undefined,
  { key, same, normalise, near }: Notion = { key: [], same: [], normalise: {} },
): readonly Comparison[] {
  if (original === undefined) return [];
  return COMPARED_FIELDS.flatMap((field): readonly Comparison[] => {
    const [ours, theirs] = [charge, original].map((of) => textOf(of, field));
    if (ours === undefined && theirs === undefined) return [];
    const isIn = (those: readonly string[]) => those.includes(field);
    const role = isIn(key) ? 'key' : isIn(same) ? 'same' : field === 'amount' && near !== undefined ? 'near' : 'other';
    const functions = field === 'source' || field === 'payment' ? undefined : normalise[field];
    if (functions === undefined || ours === undefined || theirs === undefined) {
      return [{ field, role, outcome: ours === theirs ? 'agrees' : 'differs', charge: ours, original: theirs }];
    }
    const [readOurs, readTheirs] = [normalised(ours, functions), normalised(theirs, functions)];
    const outcome = readOurs === readTheirs ? 'agrees' : 'differs';
    return [
      { field, role, outcome, charge: ours, original: theirs, readAs: { charge: readOurs, original: readTheirs } },
    ];
  });
}

function textOf(charge: Charge, field: (typeof COMPARED_FIELDS)[number]): string | undefined {
  return field === 'source' || field === 'payment' ? charge[field] : fieldOf(charge, field);
}
