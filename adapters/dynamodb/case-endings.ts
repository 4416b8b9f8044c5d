import {
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { CaseEndings } from '../../core/cases/end-cases.ts';
import { caseKey } from './case-items.ts';
import { isLostRace } from './faults.ts';
import { textOf } from './stored-item.ts';
import { TABLES } from './table-layouts.ts';
import { tablePages } from './table-pages.ts';

/** A transaction takes 100 items, and one is the case. */
const DELETED_MAX = 99;
const UNCHANGED = 'version = :version AND #status = :resolved';

type Key = Readonly<Record<'pk' | 'sk', string>>;

/** Deletes cases whose time is over. The sweep alone has it. */
export function createCaseEndings({
  client,
  table: TableName,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): CaseEndings {
  async function keysOf(input: Omit<QueryCommandInput, 'TableName'>): Promise<readonly Key[]> {
    const keys: Key[] = [];
    const found = tablePages((ExclusiveStartKey) =>
      client.send(new QueryCommand({ TableName, ProjectionExpression: 'pk, sk', ...input, ExclusiveStartKey })),
    );
    for await (const { Items = [] } of found) {
      keys.push(...Items.map((item) => ({ pk: textOf(item, 'pk'), sk: textOf(item, 'sk') })));
    }
    return keys;
  }

  return {
    async endCase({ id, version }) {
      const key = caseKey(id);
      const ofCase = { ':pk': { S: key.pk } };
      const flags = await keysOf({
        IndexName: 'byCase',
        KeyConditionExpression: `${TABLES.cases.indexes.byCase.partitionKey} = :pk`,
        ExpressionAttributeValues: ofCase,
      });
      const own = await keysOf({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: ofCase,
        ConsistentRead: true,
      });
      const parts = [...flags, ...own.filter(({ sk }) => sk !== key.sk)];
      const onCase = {
        TableName,
        Key: marshall(key),
        ConditionExpression: UNCHANGED,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':version': { N: String(version) }, ':resolved': { S: 'resolved' } },
      };
      // The case goes last: what a crash has left is found by it.
      for (let at = 0; at === 0 || at < parts.length; at += DELETED_MAX) {
        const deleted = parts
          .slice(at, at + DELETED_MAX)
          .map((each) => ({ Delete: { TableName, Key: marshall(each) } }));
        const isLast = at + DELETED_MAX >= parts.length;
        const TransactItems = [isLast ? { Delete: onCase } : { ConditionCheck: onCase }, ...deleted];
        try {
          await client.send(new TransactWriteItemsCommand({ TransactItems }));
        } catch (error) {
          if (error instanceof TransactionCanceledException && isLostRace(error)) return 'changed';
          throw error;
        }
      }
      return 'ended';
    },
  };
}
