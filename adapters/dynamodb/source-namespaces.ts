import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Ms, msSchema } from '../../core/brands.ts';
import { movedNamespaces, type SourceNamespaces } from '../../core/detection/source-namespaces.ts';
import type { Source } from '../../core/events/source.ts';
import { contentionLost } from '../../core/fault.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { getItems } from './get-items.ts';
import { decodeItem } from './stored-item.ts';

const PK = 'namespaces';
const TRIES_MAX = 5;

/** Of each source its namespace, the one that it had before, and since when it has that of today. */
export const namespacesCodec = versionedCodec(
  'list of namespaces',
  z.object({
    version: z.int().positive(),
    of: z.record(
      z.string(),
      z.object({ namespace: z.string(), former: z.string().exactOptional(), sinceMs: msSchema.exactOptional() }),
    ),
  }),
);

/** Remembers in which namespace each source is, and returns also those that sources have left. */
export async function noteNamespaces(
  sources: readonly Pick<Source, 'id' | 'namespace'>[],
  { nowMs, ...on }: { readonly client: DynamoDBClient; readonly table: string; readonly nowMs: () => Ms },
): Promise<SourceNamespaces> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const [item] = await getItems(on, [{ pk: { S: PK } }]);
    const known = item && decodeItem(namespacesCodec, item);
    const before = new Map(Object.entries(known?.of ?? {}));
    const after = movedNamespaces(before, sources, nowMs());
    if (after === before) return after;
    const version = known?.version ?? 0;
    const fields = namespacesCodec.encode({ version: version + 1, of: Object.fromEntries(after) });
    try {
      await on.client.send(
        new PutItemCommand({
          TableName: on.table,
          Item: marshall({ pk: PK, ...fields }, { removeUndefinedValues: true }),
          ConditionExpression: 'attribute_not_exists(pk) OR version = :version',
          ExpressionAttributeValues: { ':version': { N: String(version) } },
        }),
      );
      return after;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  throw contentionLost('the list of namespaces', TRIES_MAX);
}
