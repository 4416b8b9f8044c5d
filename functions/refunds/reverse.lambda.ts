import { decodeAsked, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { reverse } from '../../core/refunds/reverse.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/reverse.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await reverse(decodeAsked(state), await refundContext())),
);
