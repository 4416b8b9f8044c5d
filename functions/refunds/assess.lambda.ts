import { assess } from '../../core/refunds/assess.ts';
import type { Attempt } from '../../core/refunds/refund-context.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/assess.ts. */
export const handler = observed(async (attempt: Attempt) => assess(attempt, await refundContext()));
