import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createFreezeStore } from '../../../adapters/dynamodb/freeze-store.ts';
import { faultOf } from '../../../adapters/fault-of.ts';
import { START_MS } from '../../fixtures/charges.ts';

it('a freeze order that loses every race is a fault that passes, and no bug', async () => {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async () => {
        if (commandName === 'GetItemCommand') return { output: { $metadata: {} }, response: {} };
        throw new TransactionCanceledException({
          message: 'cancelled',
          $metadata: { httpStatusCode: 400 },
          CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
        });
      },
    { step: 'initialize' },
  );
  const freezes = createFreezeStore({ client, table: 'controls', random: () => 0, sleep: async () => {} });
  const fault = await freezes
    .issue({ frozen: true, by: 'ann', reason: 'a bad release', atMs: START_MS })
    .catch(faultOf);
  expect(fault).toMatchObject({ code: 'contention-lost', retry: 'soon' });
});
