import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createSandboxGateway } from '../../adapters/gateways/sandbox.ts';
import { sandboxChargeKey } from '../../adapters/gateways/sandbox-items.ts';
import { startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import type { TestedProcessor } from './refund-gateway.suite.ts';

export interface SandboxProcessor extends TestedProcessor {
  put(item: { readonly [attribute: string]: string | number | undefined }): Promise<void>;
  /** The response of the next transaction is lost on its way to us: it was carried out. */
  loseNextResponse(): void;
}

/** The sandbox on AWS's own DynamoDB Local. */
export async function startSandboxProcessor(): Promise<SandboxProcessor> {
  const { client, stop } = await startDynamoDbLocal();
  const table = await createTable(client, 'sandbox');
  let losing = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const result = await next(given);
        if (!losing || commandName !== 'TransactWriteItemsCommand') return result;
        losing = false;
        throw new Error('socket hang up');
      },
    { step: 'initialize' },
  );
  const put: SandboxProcessor['put'] = async (item) => {
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item, { removeUndefinedValues: true }) }));
  };
  return {
    gateway: createSandboxGateway({ client, table, random: Math.random, sleep: async () => {} }),
    put,
    book: ({ source, chargeId, ...known }, { state = 'captured', refundedMinor = 0, behaviour, movement }) => {
      const { merchant, order, payer, amountMinor, currency } = known;
      const pk = sandboxChargeKey({ source, chargeId });
      return put({ pk, merchant, order, payer, amountMinor, currency, refundedMinor, state, behaviour, movement });
    },
    async standingOf(charge) {
      const Key = { pk: { S: sandboxChargeKey(charge) } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return { state: Item?.state?.S ?? 'absent', refundedMinor: Number(Item?.refundedMinor?.N) };
    },
    loseNextResponse: () => {
      losing = true;
    },
    stop,
  };
}
