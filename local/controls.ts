import { GetItemCommand, TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { FREEZE_KEY, freezeKeyOf } from '../adapters/dynamodb/controls.ts';
import type { Aws } from './aws.ts';

export interface FreezeOrder {
  readonly frozen: boolean;
  /** Absent: all merchants. */
  readonly merchant?: string | undefined;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
}

export type FreezeOutcome =
  | { readonly kind: 'changed' }
  /** It was so already, by somebody's earlier word, which stays. */
  | { readonly kind: 'already'; readonly by: string; readonly reason: string; readonly atMs: number };

const itemSchema = z.object({
  by: z.string().default('somebody'),
  reason: z.string().default('no reason given'),
  atMs: z.number().default(0),
});

/** Stops or releases refunds. Asked twice it changes nothing the second time: who froze first stays on record. */
export async function orderFreeze({ dynamo }: Aws, tableName: string, order: FreezeOrder): Promise<FreezeOutcome> {
  const { merchant, ...what } = order;
  const pk = merchant === undefined ? FREEZE_KEY : freezeKeyOf(merchant);
  const isChange = order.frozen ? 'attribute_not_exists(pk) OR frozen = :otherwise' : 'frozen = :otherwise';
  // The act stays on record when the order itself is overwritten by the next one.
  const record = { pk: `freeze-act#${order.atMs}#${pk}`, ...order };
  try {
    await dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName: tableName,
              Item: marshall({ pk, ...what }),
              ConditionExpression: isChange,
              ExpressionAttributeValues: { ':otherwise': { BOOL: !order.frozen } },
            },
          },
          { Put: { TableName: tableName, Item: marshall(record, { removeUndefinedValues: true }) } },
        ],
      }),
    );
    return { kind: 'changed' };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
  }
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: tableName, Key: marshall({ pk }), ConsistentRead: true }),
  );
  return { kind: 'already', ...itemSchema.parse(unmarshall(Item ?? {})) };
}

/** One line that says what was done, or why nothing was. */
export function describeFreeze({ frozen, merchant }: FreezeOrder, outcome: FreezeOutcome): string {
  const what = merchant === undefined ? 'All refunds' : `Refunds of merchant ${merchant}`;
  if (outcome.kind === 'changed') {
    return frozen
      ? `${what} are frozen. Flags are still raised; their refunds hold until \`onecharge thaw\`.`
      : `${what} are thawed. What was held for the freeze alone goes on now.`;
  }
  if (!frozen) return `${what} were not frozen; nothing changed.`;
  const { by, reason, atMs } = outcome;
  return `${what} are frozen already since ${new Date(atMs).toISOString()} by ${by}: ${reason}. Nothing changed.`;
}

const sweptSchema = z.object({ released: z.number() });

/** Runs the sweep now instead of within five minutes: what only the freeze held goes on. Answers how many did. */
export async function sweepNow({ lambda }: Aws, functionName: string): Promise<number> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: '{}' }),
  );
  const answer = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined) {
    throw new Error(`The sweep failed (${answer}); it runs again within five minutes by itself.`);
  }
  return sweptSchema.parse(JSON.parse(answer)).released;
}
