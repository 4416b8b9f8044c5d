import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import type { Stack } from './stack.ts';

export interface ExecutionSeen {
  readonly name: string;
  readonly status: string;
}

/** More attempts than any test makes. */
const ATTEMPTS_MAX = 4;

/** The workflow executions of a flag, found by their documented names. */
export async function executionsOf(stack: Stack, flagId: string): Promise<readonly ExecutionSeen[]> {
  const names = Array.from({ length: ATTEMPTS_MAX }, (_, attempt) => `${flagId}-${attempt}`);
  const seen = await Promise.all(names.map((name) => describe(stack, name)));
  return seen.filter((execution) => execution !== undefined);
}

async function describe({ stepFunctions, outputs }: Stack, name: string): Promise<ExecutionSeen | undefined> {
  const executionArn = `${outputs.RefundStateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  try {
    const { status = 'unknown' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return { name, status };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
