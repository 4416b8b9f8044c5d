import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import { versionedCodec } from '../../core/versioned.ts';

const count = z.int().nonnegative();

/** What an erasure did, and nothing of whom: the placeholder is by chance. */
export const erasureCodec = versionedCodec(
  'erasure',
  z.strictObject({
    placeholder: z.string(),
    by: z.string(),
    atMs: msSchema,
    reason: z.string(),
    flags: count,
    records: count,
    objects: count,
    left: count,
  }),
);
type ErasureNote = z.output<typeof erasureCodec.schema>;

/** The acts of erasure, in the Controls table. They have no end. */
export function createErasureLog({ client, table }: { readonly client: DynamoDBClient; readonly table: string }) {
  return {
    /** Writes the note of a run. Each run has a placeholder of its own, so that none replaces another. */
    async noteErasure(note: ErasureNote): Promise<void> {
      const Item = marshall({ pk: `erasure#${note.placeholder}`, body: erasureCodec.encode(note) });
      await client.send(
        new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
      );
    },
  };
}
