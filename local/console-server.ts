import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { toLoopback } from '../cli/loopback.ts';
import { LOCAL_REGION } from '../cli/paths.ts';
import { beforeEnd } from '../cli/process/ending.ts';
import type { StackOutputs } from '../cli/stack.ts';
import { API_PREFIX, type ConsoleSettings, securityHeaders } from '../console/hosting.ts';
import { UserError } from '../core/user-error.ts';
import type { Site } from './console-site.ts';

/** The console's host on this machine, in the place of S3 and CloudFront: the same paths, the same headers. */
export interface ConsoleServer {
  readonly url: string;
  /** Until then every request is told to come again. */
  open(what: Served): void;
}

export interface Served {
  readonly site: Site;
  readonly endpoint: string;
  readonly outputs: Pick<StackOutputs, 'ApiUrl' | 'UserPoolId' | 'UserPoolClientId'>;
}

interface LocalAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly cache?: string;
  readonly body: string | Uint8Array;
}

/** An answer of our own, or where the request goes on to. */
type Answer = LocalAnswer | { readonly pass: URL };

const OTHER_HOST: LocalAnswer = { status: 421, body: 'this is another host' };
const OTHER_SERVICE: LocalAnswer = { status: 403, body: 'only a sign-in goes on from here' };
const OTHER_ORIGIN: LocalAnswer = { status: 403, body: 'a page of another origin sent this' };
const NOT_READY: LocalAnswer = { status: 503, body: 'the console is not ready yet' };
const COGNITO_PATH = '/cognito';
const SETTINGS_PATH = '/settings.json';
const HEADERS = securityHeaders({ connect: [] });
/** Begins the names of Cognito's operations: any other is another service's, and the emulator is all of them. */
const COGNITO_TARGET = 'AWSCognitoIdentityProviderService.';
/** What a user pool answers without a signature; the emulator's guard lets the same ones pass. */
export const SIGN_IN = [
  'AssociateSoftwareToken',
  'GetTokensFromRefreshToken',
  'InitiateAuth',
  'RespondToAuthChallenge',
  'RevokeToken',
  'VerifySoftwareToken',
];
/** Headers that speak of one connection, not of the request. */
const OF_CONNECTION = ['host', 'connection', 'keep-alive', 'upgrade'];
/** Of an answer we choose how it is cut. A request keeps it: without it the body of a GET would be read as a request. */
const OF_ANSWER = [...OF_CONNECTION, 'transfer-encoding'];
/** Checked here and sent no further: the emulator's guard refuses what a browser sends. */
const OF_BROWSER = /^(origin|referer|cookie|sec-.*)$/;

/** Takes the port at once, so that a run whose port is taken says so before anything is deployed. 0 is any free one. */
export async function listenForConsole(port: number): Promise<ConsoleServer> {
  let served: Served | undefined;
  const server = createServer((asked, answer) => {
    for (const [name, value] of Object.entries(HEADERS)) answer.setHeader(name, value);
    const what = isOurs(asked, server) ? answerTo(asked, served) : OTHER_HOST;
    if (!('pass' in what)) notify(answer, what);
    else if (isFromOtherPage(asked)) notify(answer, OTHER_ORIGIN);
    else pass(asked, answer, what.pass);
  });
  await listen(server, port);
  beforeEnd(async () => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    open: (what) => {
      served = what;
    },
  };
}

function answerTo(asked: IncomingMessage, served: Served | undefined): Answer {
  if (served === undefined) return NOT_READY;
  const { site, endpoint, outputs } = served;
  const url = URL.parse(asked.url ?? '/', 'http://console');
  if (url === null) return { status: 400, body: 'this is no path' };
  const { pathname, search } = url;
  if (pathname.startsWith(`${API_PREFIX}/`)) {
    return { pass: Object.assign(new URL(outputs.ApiUrl), { pathname: pathname.slice(API_PREFIX.length), search }) };
  }
  if (pathname === COGNITO_PATH && asked.method === 'POST') {
    return isSignIn(asked) ? { pass: new URL(endpoint) } : OTHER_SERVICE;
  }
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return { status: 405, body: 'GET or HEAD only' };
  if (pathname === SETTINGS_PATH) return { type: 'application/json', body: JSON.stringify(settingsOf(outputs)) };
  // A path without an extension is a page of the console's own, whatever its name.
  const path = /\.\w+$/.test(pathname) ? pathname : '/index.html';
  const file = site.get(path);
  if (file === undefined) return { status: 404, body: 'no such file' };
  return { ...file, cache: file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache' };
}

function settingsOf({ UserPoolId, UserPoolClientId }: Served['outputs']): ConsoleSettings {
  return {
    apiUrl: API_PREFIX,
    region: LOCAL_REGION,
    userPoolId: UserPoolId,
    clientId: UserPoolClientId,
    // The emulator knows no SRP.
    signIn: 'password',
    cognitoUrl: COGNITO_PATH,
  };
}

function pass(asked: IncomingMessage, answer: ServerResponse, to: URL): void {
  const kept = ([name]: [string, unknown]) => !OF_CONNECTION.includes(name) && !OF_BROWSER.test(name);
  const headers = Object.fromEntries(Object.entries(asked.headers).filter(kept));
  const sent = request(to, { method: asked.method, headers, lookup: toLoopback }, (got) => {
    if (answer.destroyed) return void got.destroy();
    const headers = Object.entries(got.headers).filter(([name]) => !OF_ANSWER.includes(name));
    for (const [name, value] of headers) if (value !== undefined) answer.setHeader(name, value);
    answer.writeHead(got.statusCode ?? 502);
    pipeline(got, answer, () => {});
  });
  // The page has left: nobody waits for the answer any more.
  answer.on('close', () => sent.destroy());
  sent.on('error', () => {
    if (answer.headersSent || answer.destroyed) answer.destroy();
    else notify(answer, { status: 502, body: 'the emulator does not answer' });
  });
  pipeline(asked, sent, () => {});
}

function notify(
  answer: ServerResponse,
  { status = 200, type = 'text/plain', cache = 'no-store', body }: LocalAnswer,
): void {
  answer.writeHead(status, { 'content-type': type, 'cache-control': cache }).end(body);
}

/** A page of another host that points its name at this machine must not reach what is here. */
function isOurs({ headers: { host } }: IncomingMessage, server: Server): boolean {
  return ['127.0.0.1', 'localhost'].some((name) => host === `${name}:${portOf(server)}`);
}

/** The host was compared before. A navigation from elsewhere may open a page, and reaches nothing behind it. */
function isFromOtherPage({ headers }: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers;
  return (origin !== undefined && origin !== `http://${host}`) || !['none', 'same-origin'].includes(String(site));
}

function isSignIn({ headers }: IncomingMessage): boolean {
  return SIGN_IN.some((name) => headers['x-amz-target'] === COGNITO_TARGET + name);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      reject(new UserError(`Port ${port} for the console ${reason}; choose another with --console-port`));
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
