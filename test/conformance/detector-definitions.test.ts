import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDefinitions, createDetectorsSince } from '../../adapters/dynamodb/detector-definitions.ts';
import type { Detector } from '../../core/detection/detector.ts';
import { DAY, START_MS } from '../fixtures/charges.ts';
import { detector } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

const SAME_ORDER = detector('same-order');

let nowMs = START_MS;

async function emptyTable() {
  return { client: dynamodb.client, table: await createTable(dynamodb.client, 'charges'), nowMs: () => nowMs };
}

describe('a detector whose id is in use', () => {
  async function reconfigure(changed: Partial<Detector>): Promise<void> {
    const table = await emptyTable();
    await checkDefinitions([SAME_ORDER, detector('rapid-repeat')], table);
    await checkDefinitions([{ ...SAME_ORDER, ...changed }], table);
  }

  it.each<[string, Partial<Detector>]>([
    ['is what it was', {}],
    ['has its `same` in another order', { same: ['part', 'currency', 'amount'] }],
    ['has another window, action and exemptions', { windowMs: 1, action: 'monitor', exemptMccs: new Set(['4111']) }],
  ])('is taken when it %s', async (_, changed) => {
    await expect(reconfigure(changed)).resolves.toBeUndefined();
  });

  it.each<[string, Partial<Detector>]>([
    ['another key', { key: ['order'] }],
    ['its key in another order', { key: ['order', 'merchant'] }],
    ['another `same`', { same: ['amount', 'currency'] }],
  ])('is refused with %s, and told to take a new id', async (_, changed) => {
    await expect(reconfigure(changed)).rejects.toThrow(
      /detector "same-order" was first used with .*: give it a new id/,
    );
  });

  it('stays what it was first, whoever asks with something else', async () => {
    const table = await emptyTable();
    const all = [SAME_ORDER, { ...SAME_ORDER, same: [] }, { ...SAME_ORDER, key: ['order' as const] }];
    const answers = await Promise.allSettled(all.map((one) => checkDefinitions([one], table)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('since when a detector is used', () => {
  const RAPID_REPEAT = detector('rapid-repeat');

  it('is from the start for those of the first configuration, and from its first use for one that is added', async () => {
    const table = await emptyTable();
    await checkDefinitions([SAME_ORDER], table);
    nowMs += DAY;
    await checkDefinitions([RAPID_REPEAT, SAME_ORDER], table);
    nowMs += DAY;
    await checkDefinitions([RAPID_REPEAT, SAME_ORDER], table);
    const since = await createDetectorsSince([RAPID_REPEAT, SAME_ORDER], table)();
    expect(since).toEqual(
      new Map([
        ['rapid-repeat', START_MS + DAY],
        ['same-order', 0],
      ]),
    );
  });

  it('is asked again until every detector is known', async () => {
    const table = await emptyTable();
    const readSince = createDetectorsSince([RAPID_REPEAT, SAME_ORDER], table);
    await checkDefinitions([SAME_ORDER], table);
    expect([...(await readSince()).keys()]).toEqual(['same-order']);
    await checkDefinitions([RAPID_REPEAT, SAME_ORDER], table);
    expect([...(await readSince()).keys()].sort()).toEqual(['rapid-repeat', 'same-order']);
  });
});
