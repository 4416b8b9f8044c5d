import * as z from 'zod';
import { signedFetch } from '../../local/signed-fetch.ts';
import type { Stack } from './stack.ts';

const answer = z.object({
  events: z.array(z.object({ logStreamName: z.string(), message: z.string() })),
  nextToken: z.string().nullish(),
});

export interface LogLine {
  /** One invocation, on the emulator. */
  readonly stream: string;
  readonly text: string;
}

/** Returns the log lines of a function that contain a text. */
export async function logLines(stack: Stack, prefix: string, text: string): Promise<readonly LogLine[]> {
  const lines = await linesOf(stack, stack.resource('AWS::Logs::LogGroup', `${prefix}Logs`));
  return lines.filter((line) => line.text.includes(text));
}

/** Returns the lines of all logs of the stack that match. */
export async function linesThatMatch(stack: Stack, pattern: RegExp): Promise<readonly string[]> {
  const found: string[] = [];
  for (const group of stack.resources('AWS::Logs::LogGroup')) {
    const lines = await linesOf(stack, group);
    found.push(...lines.filter(({ text }) => pattern.test(text)).map(({ text }) => `${group}: ${text}`));
  }
  return found;
}

/** Speaks the service's JSON protocol to the emulator. */
async function linesOf(stack: Stack, logGroupName: string): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  let nextToken: string | null | undefined;
  do {
    const body = { logGroupName, ...(nextToken && { nextToken }) };
    const response = await signedFetch(stack, { service: 'logs', target: 'Logs_20140328.FilterLogEvents', body });
    if (!response.ok) throw new Error(`the logs answered ${response.status}: ${await response.text()}`);
    const page = answer.parse(await response.json());
    lines.push(...page.events.map(({ logStreamName, message }) => ({ stream: logStreamName, text: message })));
    nextToken = page.nextToken;
  } while (nextToken);
  return lines;
}
