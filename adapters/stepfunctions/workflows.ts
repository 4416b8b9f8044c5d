import {
  ExecutionAlreadyExists,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { attemptName } from '../../core/detection/refund-reference.ts';
import type { Workflows } from '../../core/refunds/workflows.ts';
import { startCodec } from './workflow-states.ts';

/** Refund workflows as Step Functions Standard executions. The execution's name makes a second start harmless. */
export function createWorkflows({
  client,
  stateMachineArn,
}: {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}): Workflows {
  return {
    async start({ flagId, attempt, graceMs, round }) {
      const input = JSON.stringify(startCodec.encode({ flagId, attempt, graceSeconds: Math.ceil(graceMs / 1000) }));
      const first = attemptName({ id: flagId, attempt });
      const name = round === undefined ? first : `${first}-${round}`;
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
        return 'started';
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return 'already-started';
        throw error;
      }
    },

    wake: (token) => wake(client, token),
  };
}

export async function wake(client: SFNClient, token: string): Promise<'woken' | 'gone'> {
  try {
    await client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    return 'woken';
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken)
      return 'gone';
    throw error;
  }
}
