import * as z from 'zod';
import { signedFetch } from '../../local/signed-fetch.ts';
import type { Stack } from './stack.ts';

const answer = z.object({ events: z.array(z.object({ logStreamName: z.string(), message: z.string() })) });

export interface LogLine {
  /** One invocation, on the emulator. */
  readonly stream: string;
  readonly text: string;
}

/** Returns the log lines of a function that contain a text. Speaks the service's JSON protocol to the emulator. */
export async function logLines(stack: Stack, prefix: string, text: string): Promise<readonly LogLine[]> {
  const body = { logGroupName: stack.resource('AWS::Logs::LogGroup', `${prefix}Logs`) };
  const response = await signedFetch(stack, { service: 'logs', target: 'Logs_20140328.FilterLogEvents', body });
  if (!response.ok) throw new Error(`the logs answered ${response.status}: ${await response.text()}`);
  const { events } = answer.parse(await response.json());
  return events
    .filter(({ message }) => message.includes(text))
    .map(({ logStreamName, message }) => ({ stream: logStreamName, text: message }));
}
