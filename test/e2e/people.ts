import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import * as z from 'zod';
import type { EmulatorTarget } from '../../cli/aws.ts';
import { toLoopback } from '../../cli/loopback.ts';
import type { Role } from '../../functions/api/operations.ts';
import { signedFetch } from '../../local/signed-fetch.ts';
import type { Stack } from './stack.ts';

/** Somebody who is signed in, or not, and speaks to the compliance API. */
export interface Person {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const signedIn = z.object({ AuthenticationResult: z.object({ AccessToken: z.string(), IdToken: z.string() }) });
const jsonObject = z.record(z.string(), z.unknown());

export function nobody(stack: Stack): Person {
  return bearer(stack, undefined);
}

/** Large acts need a sign-in of the last 15 minutes: on a busy machine a suite takes longer. */
const RENEW_MS = 5 * 60_000;

/** Makes a user in one group and signs in with a password, again where the last sign-in is some minutes old. */
export async function signIn(stack: Stack, group: Role): Promise<Person> {
  const user = await newUser(stack, group);
  const signedIn = async () => ({ person: bearer(stack, (await tokensFor(stack, user)).access), atMs: Date.now() });
  let current = await signedIn();
  const fresh = async () => {
    if (Date.now() - current.atMs > RENEW_MS) current = await signedIn();
    return current.person;
  };
  return {
    get: async (path) => (await fresh()).get(path),
    post: async (path, body) => (await fresh()).post(path, body),
  };
}

/** The access token of a new user in one group, with the user's name. */
export async function namedToken(
  stack: Stack,
  group: Role,
): Promise<{ readonly name: string; readonly access: string }> {
  const user = await newUser(stack, group);
  return { name: user.name, access: (await tokensFor(stack, user)).access };
}

/** The access token of a new user in one group. */
export async function tokenOf(stack: Stack, group: Role): Promise<string> {
  return (await tokensOf(stack, group)).access;
}

/** Both tokens of a new user in one group. */
export async function tokensOf(stack: Stack, group: Role): Promise<Tokens> {
  return tokensFor(stack, await newUser(stack, group));
}

interface Tokens {
  readonly access: string;
  readonly id: string;
}

function newUser(stack: Stack, group: Role) {
  return createUser({ emulator: stack, userPoolId: stack.outputs.UserPoolId }, group);
}

async function tokensFor(stack: Stack, { name, password }: Awaited<ReturnType<typeof newUser>>): Promise<Tokens> {
  const { UserPoolClientId } = stack.outputs;
  const answer = await cognito(stack, 'InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: UserPoolClientId,
    AuthParameters: { USERNAME: name, PASSWORD: password },
  });
  const { AccessToken, IdToken } = signedIn.parse(answer).AuthenticationResult;
  return { access: AccessToken, id: IdToken };
}

export const pendingSchema = z.object({ pending: z.object({ id: z.string() }) });

/** Confirms the pending thaw of a merchant as a new admin. */
export async function confirmThaw(stack: Stack, merchant: string): Promise<void> {
  const admin = await signIn(stack, 'admin');
  const { pending } = pendingSchema.parse((await admin.post('/refunds/thaw', { merchant, reason: 'I see it' })).body);
  const { status } = await admin.post(`/refunds/thaw/${pending.id}/confirm`, undefined);
  if (status !== 200) throw new Error(`the thaw was answered ${status}`);
}

/** Makes a user in one group, who may sign in at once. */
export async function createUser(
  pool: { readonly emulator: EmulatorTarget; readonly userPoolId: string },
  group: Role,
): Promise<{ readonly name: string; readonly password: string }> {
  const UserPoolId = pool.userPoolId;
  const Username = `${group}-${randomBytes(6).toString('hex')}`;
  const Password = `Aa1-${randomBytes(12).toString('hex')}`;
  await cognito(pool.emulator, 'AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS' });
  await cognito(pool.emulator, 'AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true });
  await cognito(pool.emulator, 'AdminAddUserToGroup', { UserPoolId, Username, GroupName: group });
  return { name: Username, password: Password };
}

/** Speaks to the compliance API with a token, or with none. */
export function bearer({ outputs }: Stack, token: string | undefined): Person {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const call = (method: string, path: string, body?: unknown) =>
    send(new URL(path, outputs.ApiUrl), { method, headers, body });
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function send(url: URL, { method, headers, body }: Sent): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, lookup: toLoopback }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const contentType = response.headers['content-type'] ?? '';
        const json = contentType.includes('json') ? jsonObject.parse(JSON.parse(text)) : { text };
        resolve({ status: response.statusCode ?? 0, contentType, body: json });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Speaks the service's JSON protocol to the emulator. */
export async function cognito(emulator: EmulatorTarget, action: string, body: object): Promise<unknown> {
  const target = `AWSCognitoIdentityProviderService.${action}`;
  const response = await signedFetch(emulator, { service: 'cognito-idp', target, body });
  if (!response.ok) throw new Error(`${action} failed: ${(await response.text()).slice(0, 200)}`);
  return response.json();
}
