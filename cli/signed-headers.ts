import { createHash, createHmac } from 'node:crypto';

/** What signs a request: a key of AWS, with the token of its session where it is of one. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Unsigned {
  /** Without a query and without characters that need encoding in its path. */
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly region: string;
  /** As credentials name it, for example `execute-api`. */
  readonly service: string;
  /** Signed, too: in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly nowMs: number;
}

/**
 * Returns the headers of a request that is signed by Signature Version 4. The host is signed here and added by what sends.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(credentials: SigningCredentials, unsigned: Unsigned): Record<string, string> {
  const { method, region, service, body, nowMs } = unsigned;
  const { host, pathname } = new URL(unsigned.url);
  const hash = sha256(body);
  const at = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const { sessionToken } = credentials;
  const headers: Record<string, string> = {
    ...unsigned.headers,
    'x-amz-content-sha256': hash,
    'x-amz-date': at,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
  const lines = Object.entries({ ...headers, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(';');
  const canonical = [method, pathname, '', ...lines.map(([name, value]) => `${name}:${value}`), '', names, hash].join(
    '\n',
  );
  const scope = [at.slice(0, 8), region, service, 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n');
  const signingKey = scope.reduce<string | Buffer>(
    (last, part) => createHmac('sha256', last).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = createHmac('sha256', signingKey).update(text).digest('hex');
  const credential = `Credential=${credentials.accessKeyId}/${scope.join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
