import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import { DAY_MS, SECOND_MS } from '../../core/clock-units.ts';
import { LAG_CLASSES_MS, type LagStore } from '../../core/detection/reader-lag.ts';
import { unreadable } from '../../core/fault.ts';
import { getItems } from './get-items.ts';

/** One item in the Charges table, which the readers write and the refund tasks read anyway. */
const PK = 'lag#readers';
/** Reports count for seconds. */
const LIVES_MS = DAY_MS;
/** Attributes are named by class in seconds: `c20` has the time of the latest report of 20 s or more. */
const nameOf = (classMs: number) => `c${classMs / SECOND_MS}`;

const timeSchema = z.object({ N: z.coerce.number().pipe(msSchema) });
const itemSchema = z.partialRecord(z.enum(LAG_CLASSES_MS.map(nameOf)), timeSchema);

export function createLagStore({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): LagStore {
  return {
    async reportLag({ classMs, atMs }) {
      const names = LAG_CLASSES_MS.filter((each) => each <= classMs).map(nameOf);
      // Of two reports within a second either may be the last: a report says "about then".
      const values = { ':at': { N: String(atMs) }, ':ttl': { N: String(Math.ceil((atMs + LIVES_MS) / SECOND_MS)) } };
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: PK } },
          UpdateExpression: `SET ${names.map((name) => `${name} = :at`).join(', ')}, #ttl = :ttl`,
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: values,
        }),
      );
    },

    async readLag() {
      const [item] = await getItems({ client, table }, [{ pk: { S: PK } }]);
      if (item === undefined) return new Map();
      const { pk: _pk, ttl: _ttl, ...times } = item;
      const parsed = itemSchema.safeParse(times);
      if (!parsed.success) throw unreadable(PK, parsed.error);
      return new Map(
        LAG_CLASSES_MS.flatMap((classMs) => {
          const time = parsed.data[nameOf(classMs)];
          return time === undefined ? [] : [[classMs, time.N] as const];
        }),
      );
    },
  };
}
