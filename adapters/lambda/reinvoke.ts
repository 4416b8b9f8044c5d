import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';

const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()) });

/**
 * Hands a function a batch of its stream again, as Lambda would. Its effects recognise what they have done, so that a
 * repetition is harmless.
 *
 * @throws when the function failed, or says that a record did
 */
export async function reinvoke(lambda: LambdaClient, functionArn: string, event: unknown): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(event) }),
  );
  const answer = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) throw new Error(`the function failed again: ${answer.slice(0, 300)}`);
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new Error(`the function did not say what became of the records: ${answer.slice(0, 300)}`);
  const { length } = parsed.data.batchItemFailures;
  if (length > 0) throw new Error('the function could not deal with every record of the batch');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
