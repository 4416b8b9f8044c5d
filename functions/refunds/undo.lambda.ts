import { decodeAsked, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { undo } from '../../core/refunds/undo.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

/** Task of the refund workflow: see core/refunds/undo.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await undo(decodeAsked(state), await refundContext())),
);
