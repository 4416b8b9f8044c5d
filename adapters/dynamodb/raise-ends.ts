import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import type { RaiseEnds } from '../../core/refunds/raise-ends.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { KEEP_S } from './allocation-item.ts';
import { isDone } from './faults.ts';

const ABSENT = 'attribute_not_exists(pk)';

export const raiseEndCodec = versionedCodec('end of a cap raise', z.strictObject({ atMs: msSchema }));

export function raiseEndKeyOf(id: string): string {
  return `raise-end#${id}`;
}

/** Notes ends of raises in the Controls table, under keys that only the sweep may write. */
export function createRaiseEnds({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): RaiseEnds {
  return {
    async noteEnd({ id, atMs }) {
      const ttl = Math.ceil(atMs / 1000) + KEEP_S;
      const Item = marshall({ pk: raiseEndKeyOf(id), body: raiseEndCodec.encode({ atMs }), ttl });
      const put = new PutItemCommand({ TableName: table, Item, ConditionExpression: ABSENT });
      return (await isDone(() => client.send(put))) ? 'noted' : 'known';
    },
  };
}
