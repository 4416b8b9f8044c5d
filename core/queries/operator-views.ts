import * as z from 'zod';
import { DISCREPANCIES } from '../cases/discrepancy.ts';
import { contentId, named, time } from './view-schema.ts';

/** Whether an attestation was suspended and counts again. */
export const restoredSchema = z
  .strictObject({
    /** False: the attestation was not suspended. */
    changed: z.boolean(),
  })
  .register(named, { id: 'Restored' });

/** What a processor's report means for one flag. */
export const reconciledSchema = z
  .strictObject({
    /** The report has now what an earlier one lacked. */
    resolved: z.boolean(),
    difference: z
      .strictObject({
        what: z.enum(DISCREPANCIES),
        detail: z.string(),
        flagId: contentId,
        caseId: contentId,
        source: z.string(),
        chargeId: z.string(),
        /** Its case has known it since an earlier report. */
        known: z.boolean(),
      })
      .optional(),
  })
  .register(named, { id: 'Reconciled' });

/** Whose explanation of a difference is on record. */
export const explainedSchema = z
  .strictObject({
    kind: z.enum(['explained', 'already-explained', 'nothing-to-explain']),
    /** Another operator's, which was first. */
    first: z.strictObject({ by: z.string(), at: time, reason: z.string(), caseId: contentId }).optional(),
  })
  .register(named, { id: 'Explained' });
