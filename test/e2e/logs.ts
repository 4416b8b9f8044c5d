import * as z from 'zod';
import type { Stack } from './stack.ts';

const answer = z.object({ events: z.array(z.object({ logStreamName: z.string(), message: z.string() })) });

export interface LogLine {
  /** One invocation, on the emulator. */
  readonly stream: string;
  readonly text: string;
}

/** Returns the log lines of a function that contain a text. Speaks the service's JSON protocol to the emulator. */
export async function logLines(
  { endpoint, resource }: Stack,
  prefix: string,
  text: string,
): Promise<readonly LogLine[]> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ logGroupName: resource('AWS::Logs::LogGroup', `${prefix}Logs`) }),
  });
  if (!response.ok) throw new Error(`the logs answered ${response.status}: ${await response.text()}`);
  const { events } = answer.parse(await response.json());
  return events
    .filter(({ message }) => message.includes(text))
    .map(({ logStreamName, message }) => ({ stream: logStreamName, text: message }));
}
