import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { UserError } from '../../core/user-error.ts';

const sweptSchema = z.object({ released: z.number() });

/** Runs the sweep now instead of within five minutes. Returns the number of held refunds that it released. */
export async function sweepNow(lambda: LambdaClient, functionName: string): Promise<number> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: '{}' }),
  );
  const answer = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) {
    throw new UserError(`The sweep failed: ${answer}. It runs again within five minutes; its log has the error.`);
  }
  return sweptSchema.parse(JSON.parse(answer)).released;
}
