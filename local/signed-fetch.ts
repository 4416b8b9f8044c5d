import { type EmulatorTarget, settingsOf } from '../cli/aws.ts';
import { signedHeaders as headersOf } from '../cli/signed-headers.ts';

interface Signed {
  /** As credentials name it, for example `cognito-idp`. */
  readonly service: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Without a query and without characters that need encoding. */
  readonly path?: string;
  /** The operation, where the service's protocol is JSON 1.1. */
  readonly target?: string;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** Sends a request to the emulator, for services whose clients this project does not depend on. */
export async function signedFetch(emulator: EmulatorTarget, signed: Signed): Promise<Response> {
  const { method = 'POST', path = '/', body, timeoutMs } = signed;
  return fetch(emulator.endpoint + path, {
    method,
    headers: signedHeaders(emulator, signed),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  });
}

/** Returns the headers of a request that is signed with the key of the emulator. */
export function signedHeaders(emulator: EmulatorTarget, signed: Signed): Record<string, string> {
  const { service, method = 'POST', path = '/', target, body } = signed;
  const { credentials, region } = settingsOf(emulator);
  return headersOf(credentials, {
    url: emulator.endpoint + path,
    method,
    region,
    service,
    headers: {
      'content-type': target === undefined ? 'application/json' : 'application/x-amz-json-1.1',
      ...(target !== undefined && { 'x-amz-target': target }),
    },
    body: body === undefined ? '' : JSON.stringify(body),
    nowMs: Date.now(),
  });
}
