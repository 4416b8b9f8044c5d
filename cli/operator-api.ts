import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import * as z from 'zod';
import { UserError } from '../core/user-error.ts';
import { toLoopback } from './loopback.ts';
import { signedHeaders } from './signed-headers.ts';
import type { Deployment } from './stack.ts';

/** The acts of operators, which the API's function `decide` carries out in the name of the caller's AWS identity. */
export interface OperatorApi {
  /**
   * Sends an act.
   *
   * @throws UserError with what the API answered, where it refuses the act
   */
  post<Schema extends z.ZodType>(path: `/${string}`, body: unknown, answer: Schema): Promise<z.output<Schema>>;
}

/** A problem of the API; the gateway itself says only a message. */
const refusalSchema = z.union([z.object({ detail: z.string() }), z.object({ message: z.string() })]);
/** The API answers within 30 s. */
const TIMEOUT_MS = 60_000;

export function operatorApi({ aws, outputs }: Pick<Deployment, 'aws' | 'outputs'>): OperatorApi {
  return {
    async post(path, body, answer) {
      const url = new URL(`/operator${path}`, outputs.ApiUrl);
      const [credentials, region] = await Promise.all([aws.dynamo.config.credentials(), aws.dynamo.config.region()]);
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = signedHeaders(credentials, {
        url: url.href,
        method: 'POST',
        region,
        service: 'execute-api',
        headers: { 'content-type': 'application/json' },
        body: text,
        nowMs: Date.now(),
      });
      const got = await send(url, { headers, text, isEmulated: aws.endpoint !== undefined });
      if (got.status >= 200 && got.status < 300) return answer.parse(JSON.parse(got.text));
      throw new UserError(refusalOf(got));
    },
  };
}

interface Got {
  readonly status: number;
  readonly text: string;
}

function refusalOf({ status, text }: Got): string {
  const said = refusalSchema.safeParse(jsonOf(text)).data;
  if (said !== undefined && 'detail' in said) return said.detail;
  const message = `The API refused the request (status ${status}${said === undefined ? '' : `: ${said.message}`}).`;
  const advice =
    status === 403
      ? 'Your AWS identity needs execute-api:Invoke on the paths of operators (docs/hardening.md).'
      : 'Try again; if it stays, look into the log of the API.';
  return `${message} ${advice}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly isEmulated: boolean;
}

function send(url: URL, { headers, text, isEmulated }: Sent): Promise<Got> {
  const request = url.protocol === 'https:' ? overHttps : overHttp;
  const options = { method: 'POST', headers, timeout: TIMEOUT_MS, ...(isEmulated && { lookup: toLoopback }) };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('timeout', () => sent.destroy(new UserError('The API did not answer within a minute. Try again.')));
    sent.on('error', reject);
    sent.end(text);
  });
}
