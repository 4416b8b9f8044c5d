import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createMemoryCapRaises } from '../../adapters/memory/cap-raises.ts';
import type { CapRaise, CapRaiseStore } from '../../core/refunds/cap-raise.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

const requested = { by: 'ann', atMs: START_MS };
const raise: CapRaise = { id: 'CNY-1', currency: 'CNY', maxMinor: 9, untilMs: START_MS + HOUR, reason: 'r', requested };
const confirmed: CapRaise = { ...raise, merchant: 'm_1', confirmed: { by: 'bob', atMs: START_MS + 1 } };

function suite(name: string, create: () => Promise<CapRaiseStore>): void {
  describe(`the raises of caps ${name}`, () => {
    let raises: CapRaiseStore;
    beforeAll(async () => {
      raises = await create();
    });

    it('are none before a request', async () => {
      expect(await raises.raisesIn('JPY')).toEqual({ version: 0, raises: [] });
    });

    it('are those that were written last, on the version that was read', async () => {
      const read = await raises.raisesIn('CNY');
      const change = { currency: 'CNY', read, raises: [raise], act: raise };
      expect([await raises.replaceRaises(change), await raises.replaceRaises(change)]).toEqual([
        'replaced',
        'conflict',
      ]);
      const now = await raises.raisesIn('CNY');
      expect(now).toEqual({ version: 1, raises: [raise] });
      const next = { currency: 'CNY', read: now, raises: [raise, confirmed], act: confirmed };
      expect(await raises.replaceRaises(next)).toBe('replaced');
      expect(await raises.raisesIn('CNY')).toEqual({ version: 2, raises: [raise, confirmed] });
    });

    it('take one of two changes that come at once', async () => {
      const change = { currency: 'EUR', read: { version: 0, raises: [] }, raises: [raise], act: raise };
      const outcomes = await Promise.all([raises.replaceRaises(change), raises.replaceRaises(change)]);
      expect([...outcomes].sort()).toEqual(['conflict', 'replaced']);
    });
  });
}

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

suite('in memory', async () => createMemoryCapRaises());
suite('on DynamoDB', async () =>
  createCapRaises({ client: dynamodb.client, table: await createTable(dynamodb.client, 'controls') }));
