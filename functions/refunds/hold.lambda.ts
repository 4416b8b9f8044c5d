import { SFNClient } from '@aws-sdk/client-sfn';
import { decodeHeld } from '../../adapters/stepfunctions/workflow-states.ts';
import { wake } from '../../adapters/stepfunctions/workflows.ts';
import { hold } from '../../core/refunds/hold.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

const client = new SFNClient({});

/** Task of the refund workflow that waits with a token: see core/refunds/hold.ts. */
export const handler = observed(async (state: unknown) => {
  await hold(decodeHeld(state), { ...(await refundContext()), wake: (token) => wake(client, token) });
  return {};
});
