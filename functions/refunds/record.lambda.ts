import { record } from '../../core/refunds/record.ts';
import type { Attempt } from '../../core/refunds/refund-context.ts';
import type { SettledOutcome } from '../../core/refunds/refund-gateway.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/record.ts. */
export const handler = observed(async (settled: Attempt & { readonly outcome: SettledOutcome }) => {
  await record(settled, await refundContext());
  return { flagId: settled.flagId, attempt: settled.attempt, next: 'end' } as const;
});
