import { createHash, createHmac } from 'node:crypto';
import type { EmulatorTarget } from '../cli/aws.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../cli/paths.ts';

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

/** Returns the headers of a request that is signed by Signature Version 4. */
export function signedHeaders({ endpoint, key }: EmulatorTarget, signed: Signed): Record<string, string> {
  const { service, method = 'POST', path = '/', target } = signed;
  const hash = sha256(signed.body === undefined ? '' : JSON.stringify(signed.body));
  const at = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    'content-type': target === undefined ? 'application/json' : 'application/x-amz-json-1.1',
    'x-amz-content-sha256': hash,
    'x-amz-date': at,
    ...(target !== undefined && { 'x-amz-target': target }),
  };
  // In the order of their names. The host is signed here and added by what sends the request.
  const lines = Object.entries({ ...headers, host: new URL(endpoint).host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(';');
  const canonical = [method, path, '', ...lines.map(([name, value]) => `${name}:${value}`), '', names, hash].join('\n');
  const scope = [at.slice(0, 8), LOCAL_REGION, service, 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n');
  const signingKey = scope.reduce<string | Buffer>(
    (last, part) => createHmac('sha256', last).update(part).digest(),
    `AWS4${key}`,
  );
  const signature = createHmac('sha256', signingKey).update(text).digest('hex');
  const credential = `Credential=${LOCAL_ACCOUNT}/${scope.join('/')}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
