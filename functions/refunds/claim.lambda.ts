import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { claim } from '../../core/refunds/claim.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/claim.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await claim(decodeAttempt(state), await refundContext())),
);
