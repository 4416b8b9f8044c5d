import * as z from 'zod';
import { iso } from '../clock-units.ts';
import { type FreezeOrder, SWEEP_INTERVAL_MS, type ThawOutcome } from '../refunds/freeze.ts';
import { named, time, type View } from './view-schema.ts';

/** An order that froze or thawed refunds. */
export const freezeOrderSchema = z.strictObject({
  frozen: z.boolean(),
  /** Absent: all refunds. */
  merchant: z.string().optional(),
  by: z.string(),
  reason: z.string(),
  at: time,
});

export const frozenSchema = z.strictObject({ by: z.string(), reason: z.string(), since: time });

/** What a freeze or a thaw changed. */
export const freezeAnswerSchema = z
  .strictObject({
    /** False: an earlier order had the same effect already. */
    changed: z.boolean(),
    /** The order that stands now: this one, or the earlier one. Absent: refunds were never frozen. */
    standing: freezeOrderSchema.optional(),
    /** After the thaw of one merchant: the freeze of all refunds, while it stands. */
    stillFrozen: frozenSchema.optional(),
    /** After a thaw: the time by which refunds go on that only this freeze held. */
    resumesBy: time.optional(),
  })
  .register(named, { id: 'FreezeAnswer' });

export function freezeOrderView({ atMs, ...rest }: FreezeOrder): View<typeof freezeOrderSchema> {
  return { ...rest, at: iso(atMs) };
}

export function frozenView(freeze: FreezeOrder | undefined): View<typeof frozenSchema> | undefined {
  return freeze?.frozen ? { by: freeze.by, reason: freeze.reason, since: iso(freeze.atMs) } : undefined;
}

export function freezeAnswer({ kind, standing, stillFrozen }: ThawOutcome): View<typeof freezeAnswerSchema> {
  const resumes = kind === 'changed' && !standing.frozen && stillFrozen === undefined;
  return {
    changed: kind === 'changed',
    standing: standing && freezeOrderView(standing),
    stillFrozen: frozenView(stillFrozen),
    resumesBy: resumes ? iso(standing.atMs + SWEEP_INTERVAL_MS) : undefined,
  };
}
