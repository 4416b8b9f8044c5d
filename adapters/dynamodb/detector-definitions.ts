import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Detector } from '../../core/detection/detector.ts';
import { Fault } from '../../core/fault.ts';

const SAME_AS_EVER = 'attribute_not_exists(pk) OR notion = :notion';

/**
 * Holds each detector's key and `same` against those its id was first used with, and remembers new ids. The same id with
 * another notion would mix two memories: that is refused before the first event is judged.
 */
export async function holdToDefinitions(
  detectors: readonly Detector[],
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
): Promise<void> {
  for (const { id, key, same } of detectors) {
    const definition = JSON.stringify({ key, same: [...same].sort() });
    const put = new PutItemCommand({
      TableName: table,
      Item: { pk: { S: `detector#${id}` }, notion: { S: definition } },
      ConditionExpression: SAME_AS_EVER,
      ExpressionAttributeValues: { ':notion': { S: definition } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await client.send(put);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const first = error.Item?.notion?.S ?? 'another definition';
      throw new Fault(
        'setting-unusable',
        `detector "${id}" was first used with ${first}, now it has ${definition}: give it a new id`,
      );
    }
  }
}
