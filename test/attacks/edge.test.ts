import {
  type GetSecretValueCommandInput,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createEdgeKeys } from '../../adapters/secrets/edge-keys.ts';
import { SecretFault } from '../../adapters/secrets/read-secret.ts';
import { isBehindEdge, ROUTES } from '../../functions/api/operations.ts';
import { logger } from '../../functions/observability.ts';
import { MINUTE, SECOND } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../fixtures/contexts.ts';
import { createDesk, queryContext } from '../unit/api/desk.ts';

const SECRET = 'arn:secret';
const keyOf = (version: number) => `what CloudFront sends, in version ${version}`;
/** An operator's request is signed, and comes to the API's own address. */
const endpoints = Object.entries(ROUTES)
  .filter(([, endpoint]) => isBehindEdge(endpoint))
  .map(([operation, { method, path, role }]) => ({
    operation,
    method,
    url: path.replace(/\{\w+\}/, '0'.repeat(32)),
    groups: role === 'public' ? null : `[${role}]`,
  }));

let context: DetectionContext;
let versions: readonly number[];
let reads: number;
let desk: ReturnType<typeof createDesk>;

beforeEach(() => {
  context = detectionContext(configuration());
  versions = [2, 1];
  reads = 0;
  desk = deskWith(SECRET);
});

afterEach(() => vi.restoreAllMocks());

function deskWith(secretArn: string) {
  const keys = createEdgeKeys({ client: secretsManager(), secretArn, nowMs: context.nowMs });
  return createDesk(queryContext(context), keys);
}

/** The last two values of the secret. */
function secretsManager(): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async (asked) => {
      reads++;
      const { VersionStage, SecretId } = asked.input as GetSecretValueCommandInput;
      const version = SecretId === SECRET ? versions[VersionStage === 'AWSCURRENT' ? 0 : 1] : undefined;
      if (version === undefined) throw new ResourceNotFoundException({ message: 'none', $metadata: {} });
      const SecretString = JSON.stringify({ version: String(version), key: keyOf(version) });
      return { output: { $metadata: {}, SecretString }, response: {} };
    },
    { step: 'initialize' },
  );
  return client;
}

const DIRECT = { status: 403, body: { code: 'direct-request' } };
const read = (edge: string) => desk.get('/cases', { edge });

describe('the API behind CloudFront', () => {
  it.each(endpoints)('P12: $operation is called at the API’s own address', async ({ method, url, groups }) => {
    expect(await desk.ask(method, url, { groups })).toMatchObject(DIRECT);
    const through = await desk.ask(method, url, { groups, edge: keyOf(2) });
    expect(through.body.code).not.toBe('direct-request');
  });

  it('P12: a path that the API does not have is called at its own address', async () => {
    expect(await desk.get('/nothing/here')).toMatchObject(DIRECT);
    expect(await desk.ask('DELETE', '/cases')).toMatchObject(DIRECT);
  });

  it.each([
    '',
    ' ',
    keyOf(2).slice(1),
    `${keyOf(2)} `,
    `${keyOf(2)}, ${keyOf(1)}`,
    `${keyOf(2)}\0`,
    keyOf(2).toUpperCase(),
    JSON.stringify({ key: keyOf(2) }),
    '2',
    'undefined',
    'x'.repeat(10_000),
  ])('P12: the value is guessed as %j', async (edge) => {
    expect(await read(edge)).toMatchObject(DIRECT);
  });

  it('P12: a value is sent that was rotated away', async () => {
    expect(await read(keyOf(1))).toMatchObject({ status: 200 });
    expect(await read(keyOf(2))).toMatchObject({ status: 200 });
    versions = [3, 2];
    context.clock.nowMs += 5 * MINUTE;
    expect(await read(keyOf(1))).toMatchObject(DIRECT);
    versions = [3];
    context.clock.nowMs += 5 * MINUTE;
    expect(await read(keyOf(2))).toMatchObject(DIRECT);
  });

  it('P12: a rotation stops no request', async () => {
    expect(await read(keyOf(2))).toMatchObject({ status: 200 });
    versions = [3, 2];
    context.clock.nowMs += 5 * SECOND;
    for (const version of [3, 2]) expect(await read(keyOf(version))).toMatchObject({ status: 200 });
  });

  it('P12: made-up values make the API read the secret all the time', async () => {
    for (let n = 0; n < 100; n++) expect(await read(`made up ${n}`)).toMatchObject(DIRECT);
    expect(reads).toBe(2);
  });

  it('P12: the secret cannot be read, and no request passes', async () => {
    desk = deskWith('arn:another');
    expect(await read(keyOf(2))).toMatchObject({ status: 500, body: { code: 'internal-error' } });
    const keys = createEdgeKeys({ client: secretsManager(), secretArn: 'arn:another', nowMs: context.nowMs });
    await expect(keys.isEdgeKey(keyOf(2))).rejects.toThrow(SecretFault);
  });

  it('P12: a made-up address of the sender gets into the log, or the value does', async () => {
    const lines: { readonly from?: unknown }[] = [];
    vi.spyOn(logger, 'info').mockImplementation((...[, line]) => void lines.push(z.looseObject({}).parse(line)));
    const viewer = '198.51.100.9';
    await desk.get('/cases', { viewer });
    await desk.get('/cases', { viewer, edge: `${keyOf(2)}x` });
    await desk.get('/cases', { viewer, edge: keyOf(2) });
    await desk.get('/cases', { viewer: 'forged\nline', edge: keyOf(2) });
    expect(lines.map(({ from }) => from)).toEqual(['203.0.113.7', '203.0.113.7', viewer, '203.0.113.7']);
    expect(JSON.stringify(lines)).not.toContain('what CloudFront sends');
  });

  it('P12: no answer shows the value', async () => {
    for (const edge of [keyOf(2), `${keyOf(2)}x`]) {
      const answered = await read(edge);
      expect(JSON.stringify([answered.headers, answered.body])).not.toContain('what CloudFront sends');
    }
  });
});
