import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { Fault } from '../../core/fault.ts';

const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()) });

/**
 * Hands a function a batch of its stream again, as Lambda would. Its effects recognise what they have done, so that a
 * repetition is harmless.
 *
 * @throws when the function failed, or says that a record did
 */
export async function reinvoke(lambda: LambdaClient, functionName: string, event: unknown): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(redrivenOf(event)) }),
  );
  const answer = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined)
    throw new Fault('dependency-unavailable', `the function failed again: ${answer.slice(0, 300)}`);
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success)
    throw new Fault(
      'dependency-unavailable',
      `the function did not say what became of the records: ${answer.slice(0, 300)}`,
    );
  const { length } = parsed.data.batchItemFailures;
  if (length > 0)
    throw new Fault('dependency-unavailable', 'the function could not deal with every record of the batch');
}

/** Marks the event as redriven: what the function cannot process must fail here, or the letter would be put away. */
function redrivenOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null ? { ...event, redriven: true } : event;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
