import * as z from 'zod';
import type { Minor } from '../brands.ts';

const text = z.string();
const amount: z.ZodType<Minor, Minor> = z.int().positive();

/** A charge reference as items store it. */
export const chargeRefSchema = z.strictObject({ source: text, chargeId: text });

/** A charge as items store it: it passed the event's schema when it was captured. */
export const chargeSchema = chargeRefSchema.extend({
  payer: text.optional(),
  merchant: text,
  order: text.optional(),
  part: text.optional(),
  instrument: text.optional(),
  channel: text.optional(),
  mcc: text.optional(),
  payment: text.optional(),
  amountMinor: amount,
  currency: text,
});
