import * as z from 'zod';
import { signedFetch } from '../../local/signed-fetch.ts';
import { eventually } from './eventually.ts';
import type { Stack } from './stack.ts';

/** What an invocation answered: the payload as it came, so that null and nothing can be told from an object. */
export interface Answered {
  readonly payload: string;
  /** Set when the function threw. */
  readonly error: string | null;
}

const FUNCTIONS = '/2015-03-31/functions';
const MAPPINGS = '/2015-03-31/event-source-mappings';

/** Calls a deployed function and waits for its answer. */
export async function invoke(stack: Stack, prefix: string, event: unknown): Promise<Answered> {
  const functionName = stack.resource('AWS::Lambda::Function', prefix);
  const response = await call(stack, {
    method: 'POST',
    path: `${FUNCTIONS}/${functionName}/invocations`,
    body: event,
  });
  return { payload: await response.text(), error: response.headers.get('x-amz-function-error') };
}

const mapping = z.object({ State: z.string() });
/** How many stories need each mapping to deliver nothing at the moment. */
const pauses = new Map<string, number>();

/**
 * Runs `work` while a stream mapping delivers nothing; it goes on from where it stopped. Stories that need one mapping
 * paused at the same time share the pause: the last of them ends it.
 */
export async function whileDisabled(stack: Stack, prefix: string, work: () => Promise<void>): Promise<void> {
  const path = `${MAPPINGS}/${stack.resource('AWS::Lambda::EventSourceMapping', prefix)}`;
  const enable = (Enabled: boolean) => call(stack, { method: 'PUT', path, body: { Enabled } });
  const count = (by: number) => {
    const now = (pauses.get(path) ?? 0) + by;
    pauses.set(path, now);
    return now;
  };
  count(1);
  try {
    await enable(false);
    // A disabled mapping takes no further batch: what is written from now on waits.
    await eventually(`the mapping ${prefix} is disabled`, async () => {
      const { State } = mapping.parse(await (await call(stack, { method: 'GET', path })).json());
      return State === 'Disabled' || undefined;
    });
    await work();
  } finally {
    if (count(-1) === 0) await enable(true);
  }
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/** Speaks the service's REST protocol to the emulator. */
async function call(stack: Stack, { method, path, body }: Call): Promise<Response> {
  const response = await signedFetch(stack, { service: 'lambda', method, path, body });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response;
}
