import { DescribeExecutionCommand, ExecutionDoesNotExist, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { Stack } from './stack.ts';

export interface ObservedExecution {
  readonly name: string;
  readonly status: string;
}

/** More attempts than any test makes. */
const ATTEMPTS_MAX = 4;

/** The workflow executions of a flag, found by their documented names. */
export async function executionsOf(stack: Stack, flagId: string): Promise<readonly ObservedExecution[]> {
  const names = Array.from({ length: ATTEMPTS_MAX }, (_, attempt) => `${flagId}-${attempt}`);
  const seen = await Promise.all(names.map((name) => describe(stack, name)));
  return seen.filter((execution) => execution !== undefined);
}

/** The states that a flag's first execution has entered, in their order. */
export async function statesOf(stack: Stack, flagId: string): Promise<readonly string[]> {
  const executionArn = arnOf(stack, `${flagId}-0`);
  const { events = [] } = await stack.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
  return events.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
}

function arnOf({ outputs }: Stack, name: string): string {
  return `${outputs.RefundStateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

async function describe(stack: Stack, name: string): Promise<ObservedExecution | undefined> {
  const executionArn = arnOf(stack, name);
  try {
    const { status = 'unknown' } = await stack.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return { name, status };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
