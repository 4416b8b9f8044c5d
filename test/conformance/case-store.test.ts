import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { itemsOf } from '../../adapters/dynamodb/case-items.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createMemoryCaseStore } from '../../adapters/memory/case-store.ts';
import { withChanges } from '../../core/cases/case.ts';
import { pages } from '../../core/pages.ts';
import { digests } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { flag, moved, newFlag, opened, wait } from '../fixtures/flags.ts';
import { createTable } from '../fixtures/tables.ts';
import { caseStoreSuite } from './case-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

caseStoreSuite('in memory', async () => createMemoryCaseStore());

caseStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createCaseStore({ client, table: await createTable(client, 'cases') });
});

it('a case that was stored before its newer counts were can be changed and listed like any other', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'cases');
  const store = createCaseStore({ client, table });
  const one = flag();
  const first = withChanges(undefined, [opened(one)], digests);
  const { held: _held, refunds: _refunds, unreconciled: _unreconciled, detectors: _detectors, ...older } = first.case;
  await store.commit(first);
  const [item] = itemsOf(first);
  await client.send(new PutItemCommand({ TableName: table, Item: marshall({ ...item, body: older }) }));
  const found = await store.readCase(one.caseId);
  expect(found).toMatchObject({ held: 0, refunds: 0, unreconciled: 0, detectors: [] });
  const { items } = await store.listCases({ by: 'status', status: 'open' }, { limit: 1 });
  expect(items.map((each) => each.found)).toEqual([found]);
  const next = withChanges(found, [moved(one, { status: 'held' })], digests);
  expect(await store.commit(next)).toBe('committed');
  expect(next.case).toMatchObject({ held: 1, refunds: 0, unreconciled: 0, detectors: [one.detector] });
});

it('flags that waited before there were scores are listed after all others, oldest first, until their next write', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'cases');
  const store = createCaseStore({ client, table });
  const flags = Array.from({ length: 7 }, (_, n) =>
    newFlag({ status: n === 2 ? 'expired' : 'held', openedAtMs: 1_000 + n }),
  );
  const older = flags.slice(0, 4);
  for (const one of flags) {
    const change = withChanges(undefined, [opened(one)], digests);
    await store.commit(change);
    if (!older.includes(one)) continue;
    const [, item] = itemsOf(change);
    const { gsi8pk: _, gsi8sk: __, ...unscored } = { gsi8pk: '', gsi8sk: '', ...item };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(unscored) }));
  }
  const idsOf = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
  const expected = idsOf([...flags.slice(4), ...older]);
  const listed = async (limit: number) => {
    const found: string[] = [];
    for await (const { items } of pages((from) => store.waitingFlags({ limit, ...from }), 50)) {
      expect(items.length).toBeLessThanOrEqual(limit);
      found.push(...idsOf(items));
    }
    return found;
  };
  for (const limit of [1, 3, 100]) expect(await listed(limit)).toEqual(expected);
  const [first] = older;
  if (first === undefined) throw new Error('no flag');
  const again = moved(first, { wait: wait({ waitsFor: ['review', 'limit'] }) });
  await store.commit(withChanges(await store.readCase(first.caseId), [again], digests));
  expect((await listed(3))[0]).toBe(first.id);
});
