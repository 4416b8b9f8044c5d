import { decodeConcluded, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { record } from '../../core/refunds/record.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/record.ts. */
export const handler = observed(async (state: unknown) => {
  const concluded = decodeConcluded(state);
  await record(concluded, await refundContext());
  return encodeState({ flagId: concluded.flagId, attempt: concluded.attempt, next: 'end' });
});
