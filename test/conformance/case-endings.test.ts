import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseEndings } from '../../adapters/dynamodb/case-endings.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { asCaseId, type CaseId } from '../../core/brands.ts';
import { type Case, withChanges } from '../../core/cases/case.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import { newComment } from '../../core/cases/comment.ts';
import { endCases } from '../../core/cases/end-cases.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { DAY, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { moved, newFlag, opened } from '../fixtures/flags.ts';
import { createTable } from '../fixtures/tables.ts';

const CASE_DAYS = 400;

let dynamo: DynamoDbLocal;
beforeAll(async () => {
  dynamo = await startDynamoDbLocal();
});
afterAll(() => dynamo.stop());

async function itemsIn(client: DynamoDBClient, table: string): Promise<number> {
  const { Count = 0 } = await client.send(new ScanCommand({ TableName: table, Select: 'COUNT', ConsistentRead: true }));
  return Count;
}

async function caseOf(store: CaseStore, name: string, statuses: readonly Flag['status'][]): Promise<Case> {
  const caseId: CaseId = asCaseId(digests.hash128(name));
  for (const status of statuses) {
    const one = newFlag({ caseId });
    await store.commit(withChanges(await store.readCase(caseId), [opened(one)], digests));
    await store.commit(withChanges(await store.readCase(caseId), [moved(one, { status })], digests));
  }
  await store.addComment(newComment({ caseId, by: 'ann', atMs: START_MS, text: name }, digests));
  const known = await store.readCase(caseId);
  if (known === undefined) throw new Error(`${name} is lost`);
  return known;
}

async function world() {
  const { client } = dynamo;
  const table = await createTable(client, 'cases');
  const store = createCaseStore({ client, table });
  const endings = createCaseEndings({ client, table });
  const endAt = (nowMs: number) => endCases({ cases: store, endings, caseDays: CASE_DAYS, nowMs: () => nowMs });
  return { client, table, store, endings, endAt };
}

describe('the end of cases in DynamoDB', () => {
  it('deletes a resolved case with all that belongs to it once its time is over, and not before', async () => {
    const { client, table, store, endAt } = await world();
    const { updatedAtMs } = await caseOf(store, 'over', ['kept', 'kept']);
    expect(await itemsIn(client, table)).toBe(8);
    expect(await endAt(updatedAtMs + CASE_DAYS * DAY - 1)).toBe(0);
    expect(await itemsIn(client, table)).toBe(8);
    expect(await endAt(updatedAtMs + CASE_DAYS * DAY)).toBe(1);
    expect(await itemsIn(client, table)).toBe(0);
  });

  it('deletes none that waits, however old it is', async () => {
    const { client, table, store, endAt } = await world();
    await caseOf(store, 'open', ['open', 'kept']);
    const before = await itemsIn(client, table);
    expect(await endAt(START_MS + 20_000 * DAY)).toBe(0);
    expect(await itemsIn(client, table)).toBe(before);
  });

  it('deletes nothing of a case that was changed since it was read', async () => {
    const { client, table, store, endings } = await world();
    const known = await caseOf(store, 'changed', ['kept']);
    const [one] = await store.flagsOf(known.id);
    if (one === undefined) throw new Error('the flag is lost');
    await store.commit(withChanges(known, [moved(one, { status: 'open' })], digests));
    const before = await itemsIn(client, table);
    expect(await endings.endCase(known)).toBe('changed');
    expect(await itemsIn(client, table)).toBe(before);
  });

  it('deletes a case that is larger than a transaction, the case itself last', async () => {
    const { client, table, store, endAt } = await world();
    const { updatedAtMs } = await caseOf(store, 'large', Array<Flag['status']>(60).fill('kept'));
    expect(await itemsIn(client, table)).toBe(182);
    expect(await endAt(updatedAtMs + CASE_DAYS * DAY)).toBe(1);
    expect(await itemsIn(client, table)).toBe(0);
  });
});
