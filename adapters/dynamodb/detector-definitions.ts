import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Detector } from '../../core/detection/detector.ts';
import { versionOf } from '../../core/detection/normalise.ts';
import { Fault } from '../../core/fault.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from './stored-item.ts';

const SAME_AS_EVER = 'attribute_not_exists(pk) OR notion = :notion';

/** Key, spellings and `same` of a detector as one text, which a condition compares. */
export const definitionCodec = versionedCodec('detector definition', z.object({ notion: z.string() }));

function encodeDefinition(id: string, notion: string): Item {
  return marshall({ pk: `detector#${id}`, ...definitionCodec.encode({ notion }) });
}

export function decodeDefinition(item: Item): string {
  return decodeItem(definitionCodec, item).notion;
}

/**
 * Compares each detector's key, spellings and `same` with those its id was first used with, and remembers new ids. The same id with
 * another notion would mix two memories: that is refused before the first event is judged.
 */
export async function checkDefinitions(
  detectors: readonly Detector[],
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
): Promise<void> {
  for (const detector of detectors) {
    const { id } = detector;
    const definition = notionOf(detector);
    const put = new PutItemCommand({
      TableName: table,
      Item: encodeDefinition(id, definition),
      ConditionExpression: SAME_AS_EVER,
      ExpressionAttributeValues: { ':notion': { S: definition } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await client.send(put);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const first = error.Item === undefined ? 'another definition' : decodeDefinition(error.Item);
      throw new Fault(
        'setting-unusable',
        `detector "${id}" was first used with ${first}, now it has ${definition}: give it a new id`,
      );
    }
  }
}

/** What is configured in another order of names is the same notion. `near` is part of it: entries hold amounts for it. */
export function notionOf({ key, same, normalise, near }: Detector): string {
  const spellings = Object.entries(normalise).map(([field, functions]) => [field, functions.map(versionOf)] as const);
  return JSON.stringify({
    key,
    same: [...same].sort(),
    ...(spellings.length > 0 && { normalise: Object.fromEntries(spellings.sort()) }),
    ...(near && { near: true }),
  });
}
