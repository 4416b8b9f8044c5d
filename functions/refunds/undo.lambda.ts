import type { Attempt } from '../../core/refunds/refund-context.ts';
import { undo } from '../../core/refunds/undo.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/undo.ts. */
export const handler = observed(async (attempt: Attempt & { readonly asked?: number }) =>
  undo(attempt, await refundContext()),
);
