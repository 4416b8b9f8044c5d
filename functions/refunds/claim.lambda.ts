import { claim } from '../../core/refunds/claim.ts';
import type { Attempt } from '../../core/refunds/refund-context.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/claim.ts. */
export const handler = observed(async (attempt: Attempt) => claim(attempt, await refundContext()));
