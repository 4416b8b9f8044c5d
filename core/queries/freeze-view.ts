import * as z from 'zod';
import { iso } from '../clock-units.ts';
import { type FreezeOrder, type FreezeOutcome, SWEEP_INTERVAL_MS, type ThawRequest } from '../refunds/freeze.ts';
import type { Released } from '../refunds/released-by-thaw.ts';
import { THAW_REQUEST_MS_MAX, type ThawOutcome } from '../refunds/thaw.ts';
import { count, minor, named, time, type View } from './view-schema.ts';

/** An order that froze or thawed refunds. */
export const freezeOrderSchema = z.strictObject({
  frozen: z.boolean(),
  /** Absent: all refunds. */
  merchant: z.string().optional(),
  by: z.string(),
  reason: z.string(),
  at: time,
  /** Of a thaw: the other operator, who confirmed it. */
  confirmedBy: z.string().optional(),
});

/** A thaw that waits for another operator. */
export const pendingThawSchema = z.strictObject({
  id: z.string(),
  by: z.string(),
  reason: z.string(),
  at: time,
  /** When the request ends. */
  until: time,
});

/** What the thaw releases, as of now. */
export const releasedSchema = z.strictObject({
  refunds: count,
  minorByCurrency: z.record(z.string(), minor),
  /** True: more refunds wait than were read, and the thaw releases at least this. */
  isCut: z.boolean(),
});

export const frozenSchema = z.strictObject({
  by: z.string(),
  reason: z.string(),
  since: time,
  thaw: pendingThawSchema.optional(),
  /** Beside a pending thaw, in the settings. */
  releases: releasedSchema.optional(),
});

/** What a freeze or a thaw changed. */
export const freezeAnswerSchema = z
  .strictObject({
    /** False: an earlier order had the same effect already, or a thaw waits for another operator. */
    changed: z.boolean(),
    /** The order that stands now: this one, or the earlier one. Absent: refunds were never frozen. */
    standing: freezeOrderSchema.optional(),
    /** The thaw that another operator must confirm. */
    pending: pendingThawSchema.optional(),
    /** Beside it: what it releases. */
    releases: releasedSchema.optional(),
    /** After the thaw of one merchant: the freeze of all refunds, while it stands. */
    stillFrozen: frozenSchema.optional(),
    /** After a thaw: the time by which refunds go on that only this freeze held. */
    resumesBy: time.optional(),
  })
  .register(named, { id: 'FreezeAnswer' });

export function freezeOrderView(order: FreezeOrder): View<typeof freezeOrderSchema> {
  const { frozen, merchant, by, reason, atMs, thaw } = order;
  return { frozen, merchant, by, reason, at: iso(atMs), confirmedBy: frozen ? undefined : thaw?.confirmed?.by };
}

export function frozenView(
  freeze: FreezeOrder | undefined,
  releases?: Released | undefined,
): View<typeof frozenSchema> | undefined {
  if (!freeze?.frozen) return undefined;
  const { by, reason, atMs, thaw } = freeze;
  return { by, reason, since: iso(atMs), thaw: thaw && pendingThawView(thaw), releases };
}

function pendingThawView({ id, reason, requested: { by, atMs } }: ThawRequest): View<typeof pendingThawSchema> {
  return { id, by, reason, at: iso(atMs), until: iso(atMs + THAW_REQUEST_MS_MAX) };
}

export function freezeAnswer({ kind, standing }: FreezeOutcome): View<typeof freezeAnswerSchema> {
  return { changed: kind === 'changed', standing: standing && freezeOrderView(standing) };
}

export function thawAnswer(
  outcome: Exclude<ThawOutcome, { readonly kind: 'refused' }>,
  releases?: Released | undefined,
): View<typeof freezeAnswerSchema> {
  const { kind, standing } = outcome;
  const shown = { changed: kind === 'changed', standing: standing && freezeOrderView(standing) };
  if (kind === 'requested') return { ...shown, pending: pendingThawView(outcome.request), releases };
  const { stillFrozen } = outcome;
  const resumes = kind === 'changed' && standing !== undefined && stillFrozen === undefined;
  return {
    ...shown,
    stillFrozen: frozenView(stillFrozen),
    resumesBy: resumes ? iso(standing.atMs + SWEEP_INTERVAL_MS) : undefined,
  };
}
