import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { assess } from '../../core/refunds/assess.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/assess.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await assess(decodeAttempt(state), await refundContext())),
);
