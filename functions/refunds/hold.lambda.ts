import { SFNClient } from '@aws-sdk/client-sfn';
import { wake } from '../../adapters/stepfunctions/workflows.ts';
import type { HoldReason } from '../../core/cases/flag.ts';
import { hold } from '../../core/refunds/hold.ts';
import type { Attempt } from '../../core/refunds/refund-context.ts';
import { observed } from '../observability.ts';
import { refundContext } from './refund-context.ts';

const client = new SFNClient({});

/** Task of the refund workflow that waits with a token: see core/refunds/hold.ts. */
export const handler = observed(
  async (held: Attempt & { readonly holds: readonly HoldReason[]; readonly token: string }) => {
    await hold(held, { ...(await refundContext()), wake: (token) => wake(client, token) });
    return {};
  },
);
