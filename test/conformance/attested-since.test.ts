import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttestedSince, noteAttestations } from '../../adapters/dynamodb/attested-since.ts';
import type { Attestation } from '../../core/events/source.ts';
import { DAY, START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

describe('the attestations of sources', () => {
  const of = (id: string, ...attests: readonly Attestation[]) => ({ id, attests: new Set(attests) });

  async function stage() {
    const on = { client: dynamodb.client, table: await createTable(dynamodb.client, 'charges') };
    const note = (sources: Parameters<typeof noteAttestations>[0], atMs: number) =>
      noteAttestations(sources, { ...on, nowMs: () => atMs });
    return { note, since: createAttestedSince(on), table: on.table };
  }

  it('are unknown before any worker has noted them', async () => {
    const { since } = await stage();
    expect(await since()).toEqual(new Map());
  });

  it('keep when they were first seen, and begin anew where they come back', async () => {
    const { note, since } = await stage();
    await note([of('/wallet', 'totals'), of('/bank')], START_MS);
    await note([of('/wallet', 'totals', 'closings')], START_MS + DAY);
    expect(await since()).toEqual(new Map([['/wallet', { totals: START_MS, closings: START_MS + DAY }]]));
    await note([of('/wallet', 'closings')], START_MS + 2 * DAY);
    await note([of('/wallet', 'totals', 'closings')], START_MS + 3 * DAY);
    expect(await since()).toEqual(new Map([['/wallet', { totals: START_MS + 3 * DAY, closings: START_MS + DAY }]]));
  });

  it('keep what another worker notes between the read and the write', async () => {
    const { note, since, table } = await stage();
    const sources = [of('/wallet', 'totals')];
    let isFirst = true;
    const send = async (command: PutItemCommand) => {
      if (command instanceof PutItemCommand && isFirst) {
        isFirst = false;
        await note(sources, START_MS);
      }
      return dynamodb.client.send(command);
    };
    const client = { send } as unknown as DynamoDBClient; // reads and writes are sent as they are
    await noteAttestations(sources, { client, table, nowMs: () => START_MS + DAY });
    expect((await since()).get('/wallet')?.totals).toBe(START_MS);
  });

  it('are noted once where workers start at one time', async () => {
    const { note, since } = await stage();
    await Promise.all([1, 2, 3, 4].map((ms) => note([of('/wallet', 'totals')], START_MS + ms)));
    const first = (await since()).get('/wallet')?.totals;
    await note([of('/wallet', 'totals')], START_MS + DAY);
    expect((await since()).get('/wallet')?.totals).toBe(first);
  });
});
