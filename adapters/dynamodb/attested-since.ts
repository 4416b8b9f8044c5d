import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Ms, msSchema } from '../../core/brands.ts';
import { type AttestedSince, changedAttestations } from '../../core/detection/attested-since.ts';
import { ATTESTATIONS, type Source } from '../../core/events/source.ts';
import { contentionLost } from '../../core/fault.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { getItems } from './get-items.ts';
import { decodeItem } from './stored-item.ts';

const PK = 'attestations';
const TRIES_MAX = 5;

/** Of each source since when it attests what it attests. */
export const attestationsCodec = versionedCodec(
  'list of attestations',
  z.object({
    version: z.int().positive(),
    of: z.record(z.string(), z.partialRecord(z.enum(ATTESTATIONS), msSchema)),
  }),
);

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Remembers since when each source attests what it attests today. Redelivery finds the list as it is and writes nothing. */
export async function noteAttestations(
  sources: readonly Pick<Source, 'id' | 'attests'>[],
  { nowMs, ...on }: Table & { readonly nowMs: () => Ms },
): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const { version, since: before } = await read(on);
    const after = changedAttestations(before, sources, nowMs());
    if (after === before) return;
    const fields = attestationsCodec.encode({ version: version + 1, of: Object.fromEntries(after) });
    try {
      await on.client.send(
        new PutItemCommand({
          TableName: on.table,
          Item: marshall({ pk: PK, ...fields }, { removeUndefinedValues: true }),
          ConditionExpression: 'attribute_not_exists(pk) OR version = :version',
          ExpressionAttributeValues: { ':version': { N: String(version) } },
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  throw contentionLost('the list of attestations', TRIES_MAX);
}

/** Returns a function that reads since when sources attest what they attest. */
export function createAttestedSince(on: Table): () => Promise<AttestedSince> {
  return async () => (await read(on)).since;
}

async function read(on: Table): Promise<{ readonly version: number; readonly since: AttestedSince }> {
  const [item] = await getItems(on, [{ pk: { S: PK } }]);
  const known = item && decodeItem(attestationsCodec, item);
  return { version: known?.version ?? 0, since: new Map(Object.entries(known?.of ?? {})) };
}
