import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { DAY_S } from '../../core/clock-units.ts';
import { observed } from '../../functions/observability.ts';
import { captureOf } from './capture.ts';

const TTL_SECONDS = 15 * DAY_S;
const client = new DynamoDBClient({});
const TableName = process.env.PEER_TABLE;

/** The plainest exact way: one conditional put for each charge, all of the batch at once. */
export const handler = observed(async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
  await Promise.all(event.Records.map(({ kinesis }) => putIfAbsent(captureOf(kinesis))));
  return { batchItemFailures: [] };
});

async function putIfAbsent({ merchant, order, amountMinor, currency, chargeId }: ReturnType<typeof captureOf>) {
  const put = new PutItemCommand({
    TableName,
    Item: {
      id: { S: `${merchant}#${order}#${amountMinor}#${currency}` },
      charge: { S: chargeId },
      expiration: { N: String(Math.floor(Date.now() / 1000) + TTL_SECONDS) },
    },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  try {
    await client.send(put);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
