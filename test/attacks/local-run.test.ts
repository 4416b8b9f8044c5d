import { readFileSync, statSync } from 'node:fs';
import { CreateTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_ACCOUNT, RUNNING_FILE } from '../../cli/paths.ts';
import { forgetRunning, markRunning } from '../../cli/running.ts';
import { listenForConsole, SIGN_IN } from '../../local/console-server.ts';
import { signedFetch, signedHeaders } from '../../local/signed-fetch.ts';
import { type BareEmulator, type Sent, startBareEmulator } from '../fixtures/bare-emulator.ts';

const TABLE = 'victim';
const COGNITO = 'AWSCognitoIdentityProviderService.';
const FUNCTIONS = '/2015-03-31/functions';
const CODE = JSON.stringify({ FunctionName: 'evil', Runtime: 'nodejs24.x', Handler: 'index.handler', Code: {} });

let emulator: BareEmulator;

beforeAll(async () => {
  emulator = await startBareEmulator();
  const { aws } = emulator;
  await aws.dynamo.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  for (const Key of ['mine', 'other']) await aws.s3.send(new PutObjectCommand({ Bucket: 'files', Key, Body: Key }));
});

afterAll(() => emulator?.end());

const listTables: Sent = { method: 'POST', headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '{}' };
const initiateAuth: Sent = { method: 'POST', headers: { 'x-amz-target': `${COGNITO}InitiateAuth` }, body: '{}' };
/** What a page would want of an emulator, in the forms in which a page can send it. */
const wishes: readonly (Sent & { readonly wish: string })[] = [
  { wish: 'creates a function', method: 'POST', path: FUNCTIONS, body: CODE },
  { wish: 'invokes a function', method: 'POST', path: `${FUNCTIONS}/evil/invocations`, body: '{}' },
  { wish: 'lists tables', ...listTables },
  { wish: 'reads a file', path: '/files/mine' },
  { wish: 'forgets everything', method: 'POST', path: '/_ministack/reset' },
  { wish: 'changes how functions run', method: 'POST', path: '/_ministack/config', body: '{}' },
  { wish: 'reads a function’s code', path: '/_ministack/lambda-code/victim' },
  { wish: 'reads messages', path: '/_aws/sqs/messages' },
  { wish: 'reads credentials', path: '/latest/meta-data/iam/security-credentials/' },
  { wish: 'calls an API by its path', path: '/_aws/execute-api/00000000/$default/cases' },
];

async function expectRefused(sent: Sent): Promise<void> {
  const { status, text } = await emulator.send(sent);
  expect({ status, text }).toEqual({ status: 403, text: expect.stringMatching(/^refused: /) });
}

/** As a program that has the key sends it. */
function signed({ method, path = '/', headers, body }: Sent): Record<string, string> {
  const target = headers?.['x-amz-target'];
  return signedHeaders(emulator, {
    service: target === undefined ? 'lambda' : 'dynamodb',
    method: method === 'POST' ? 'POST' : 'GET',
    path,
    ...(target !== undefined && { target }),
    ...(body !== undefined && { body: JSON.parse(body) }),
  });
}

describe('a page in a browser', () => {
  it.each(wishes)('L1: of another origin $wish', async (sent) => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:3000']) {
      await expectRefused({ ...sent, headers: { ...sent.headers, origin } });
    }
  });

  it('L1: of another origin has the key, signs in at a pool or calls an API', async () => {
    const origin = 'https://evil.example';
    await expectRefused({ ...listTables, headers: { ...signed(listTables), origin } });
    await expectRefused({ ...initiateAuth, headers: { ...initiateAuth.headers, origin } });
    const host = `00000000.execute-api.localhost:${emulator.port}`;
    await expectRefused({ path: '/cases', headers: { host, origin } });
  });

  it.each(['cross-site', 'same-site', 'same-origin'])('L2: sends without an Origin as a %s request', async (site) => {
    const fetched = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
    for (const sent of wishes) await expectRefused({ ...sent, headers: { ...sent.headers, ...fetched } });
    const followed = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
    await expectRefused({ ...listTables, headers: { ...signed(listTables), ...followed } });
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost',
    'localhost.evil.example:PORT',
    '00000000.execute-api.localhost.evil.example:PORT',
    'lambda.us-east-1.localhost:PORT',
    '0a0a0a0a-0000-0000-0000-000000000000.lambda-url.us-east-1.localhost:PORT',
  ])('L3: points the name of %s at this machine', async (name) => {
    const host = name.replace('PORT', String(emulator.port));
    for (const sent of wishes) await expectRefused({ ...sent, headers: { ...sent.headers, host } });
    await expectRefused({ path: '/_ministack/ready', headers: { host } });
  });

  it('L4: reads an answer that a program of this machine may have', async () => {
    for (const path of ['/_ministack/ready', '/_localstack/health']) {
      const { status, headers } = await emulator.send({ path });
      expect(status).toBe(200);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    const listed = await emulator.send({ ...listTables, headers: signed(listTables) });
    expect(listed).toMatchObject({ status: 200, text: expect.stringContaining(TABLE) });
    expect(Object.keys(listed.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const host = `00000000.execute-api.localhost:${emulator.port}`;
    for (const headers of [{}, { host }]) {
      await expectRefused({
        method: 'OPTIONS',
        path: FUNCTIONS,
        headers: { ...headers, origin: 'https://evil.example' },
      });
    }
  });
});

describe('a program without the key', () => {
  it.each(wishes)('L5: $wish', async (sent) => {
    await expectRefused(sent);
    const { key: _, endpoint } = emulator;
    const guess = `AWS4-HMAC-SHA256 Credential=${LOCAL_ACCOUNT}/20240101/us-east-1/lambda/aws4_request, SignedHeaders=host`;
    for (const end of ['', ', Signature=0', `, Signature=${'0'.repeat(64)}`]) {
      await expectRefused({ ...sent, headers: { ...sent.headers, authorization: guess + end } });
    }
    const answer = await signedFetch({ endpoint, key: 'test' }, { service: 'lambda', path: '/2015-03-31/functions' });
    expect(answer.status).toBe(403);
  });

  it('L5: changes a request that was signed for something else', async () => {
    const headers = signed(listTables);
    await expectRefused({ ...listTables, headers: { ...headers, 'x-amz-target': 'DynamoDB_20120810.DeleteTable' } });
    await expectRefused({ ...listTables, headers, path: FUNCTIONS });
    await expectRefused({ ...listTables, headers, path: '/?Action=CreateUser' });
    await expectRefused({ ...listTables, headers, method: 'PUT' });
    const unsigned = { ...headers, authorization: headers.authorization?.replace('host;', '') ?? '' };
    await expectRefused({ ...listTables, headers: unsigned });
  });

  it('L6: takes a sign-in for a cover', async () => {
    const target = { 'x-amz-target': `${COGNITO}InitiateAuth` };
    await expectRefused({ ...initiateAuth, path: FUNCTIONS, body: CODE });
    await expectRefused({ ...initiateAuth, path: '/?Action=CreateUser' });
    for (const operation of ['AdminCreateUser', 'AdminSetUserPassword', 'ListUsers', 'CreateUserPool']) {
      await expectRefused({ ...initiateAuth, headers: { 'x-amz-target': COGNITO + operation } });
    }
    const scope = 'Credential=x/20240101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
    await expectRefused({ ...initiateAuth, headers: { ...target, authorization: `AWS4-HMAC-SHA256 ${scope}` } });
    const form = { ...target, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await emulator.send({ method: 'POST', headers: form, body: 'Action=ListUsers&Version=2010-05-08' });
    expect(answer.text).not.toContain('ListUsersResult');
  });

  it('L6: creates a user through the console’s server', async () => {
    const outputs = { ApiUrl: emulator.endpoint, UserPoolId: 'pool', UserPoolClientId: 'client' };
    const desk = await listenForConsole(0);
    desk.open({ endpoint: emulator.endpoint, outputs, site: new Map() });
    const ask = (operation: string, headers = {}) =>
      fetch(`${desk.url}/cognito`, {
        method: 'POST',
        headers: { 'x-amz-target': COGNITO + operation, ...headers },
        body: '{}',
      });
    expect((await ask('AdminCreateUser')).status).toBe(403);
    expect((await ask('InitiateAuth', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('InitiateAuth', { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    // The console's own page gets through to the user pool, which knows no such client.
    const own = { origin: desk.url, 'sec-fetch-site': 'same-origin', cookie: 'a=b' };
    const answered = await ask('InitiateAuth', own);
    expect(answered.status).toBe(400);
    expect(await answered.text()).not.toContain('refused: ');
  });

  it('L6: uses what the console’s server lets pass and the emulator does not', () => {
    const guard = readFileSync(new URL('../../local/emulator_guard.py', import.meta.url), 'utf8');
    const [, listed = ''] = /^SIGN_IN = \(([^)]*)\)/m.exec(guard) ?? [];
    expect([...listed.matchAll(/"(\w+)"/g)].map(([, name]) => name)).toEqual(SIGN_IN);
  });

  it('L7: reaches the emulator’s administration under an API’s host', async () => {
    const host = `00000000.execute-api.localhost:${emulator.port}`;
    for (const sent of wishes) {
      const { status } = await emulator.send({ ...sent, headers: { ...sent.headers, host } });
      expect(status).toBe(404);
    }
  });

  it('L8: changes a link to a file', async () => {
    const command = new GetObjectCommand({ Bucket: 'files', Key: 'mine' });
    const { pathname, search } = new URL(await getSignedUrl(emulator.aws.s3, command, { expiresIn: 300 }));
    const followed = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' };
    expect(await emulator.send({ path: pathname + search, headers: followed })).toMatchObject({
      status: 200,
      text: 'mine',
    });
    await expectRefused({ path: `/files/other${search}`, headers: followed });
    await expectRefused({ method: 'DELETE', path: pathname + search });
    await expectRefused({ path: pathname + search.replace('X-Amz-Expires=300', 'X-Amz-Expires=604800') });
    await expectRefused({ path: `${pathname}${search}&partNumber=1` });
  });

  it('L9: finds the key where another user of this machine can read', () => {
    markRunning(emulator);
    try {
      expect(statSync(RUNNING_FILE).mode & 0o077).toBe(0);
    } finally {
      forgetRunning();
    }
  });
});

it('has lost nothing to any attack', async () => {
  const { aws } = emulator;
  expect((await aws.dynamo.send(new ListTablesCommand({}))).TableNames).toEqual([TABLE]);
  expect((await aws.lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
});
