import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDefinitions } from '../../adapters/dynamodb/detector-definitions.ts';
import type { Detector } from '../../core/detection/detector.ts';
import { detector } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

const SAME_ORDER = detector('same-order');

describe('a detector whose id is in use', () => {
  async function reconfigure(changed: Partial<Detector>): Promise<void> {
    const table = { client: dynamodb.client, table: await createTable(dynamodb.client, 'charges') };
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
    const table = { client: dynamodb.client, table: await createTable(dynamodb.client, 'charges') };
    const all = [SAME_ORDER, { ...SAME_ORDER, same: [] }, { ...SAME_ORDER, key: ['order' as const] }];
    const answers = await Promise.allSettled(all.map((one) => checkDefinitions([one], table)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
