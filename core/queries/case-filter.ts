import * as z from 'zod';

/** Which cases: the same words for a list and for an export. */
export const caseFilterShape = { status: z.enum(['open', 'resolved']).default('open') };

export type CaseFilter = z.output<z.ZodObject<typeof caseFilterShape>>;
