import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Ms } from '../../core/brands.ts';
import type { Suspension, SuspensionStore } from '../../core/detection/suspensions.ts';
import { isDone, isLostRace } from './faults.ts';
import { allPages } from './incident-engine.ts';
import {
  decodeSuspension,
  encodeRestoration,
  encodeSuspension,
  merchantPrefix,
  SUSPENSIONS_KEY,
  suspensionKeys,
} from './suspension-item.ts';

/** The first contradiction stays; after a restoration only a newer fact counts. */
const ABSENT_OR_OLDER = 'attribute_not_exists(pk) OR restoredMs < :factMs';
/** A broken feed contradicts with every order: this process asks the one partition again only after a while. */
const ASK_AGAIN_MS = 10_000;
const RECENT_MAX = 10_000;
const STANDS = 'sinceMs = :sinceMs AND attribute_not_exists(restoredMs)';

interface SuspensionStoreProps {
  readonly client: DynamoDBClient;
  /** The table of incidents. */
  readonly table: string;
}

/** Keeps suspended attestations in the table of incidents, which detection may update and the notifiers read. */
export function createSuspensionStore(props: SuspensionStoreProps): SuspensionStore {
  const { client, table } = props;
  const recent = new Map<string, Ms>();

  return {
    async suspend(contradiction, nowMs) {
      const Key = suspensionKeys(contradiction);
      const name = Key.sk?.S ?? '';
      if (nowMs - (recent.get(name) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) return 'known';
      const { body, sinceMs } = encodeSuspension({ ...contradiction, sinceMs: nowMs, isAlerted: false });
      const update = new UpdateItemCommand({
        TableName: table,
        Key,
        UpdateExpression: 'SET body = :body, sinceMs = :sinceMs REMOVE restoredMs',
        ConditionExpression: ABSENT_OR_OLDER,
        ExpressionAttributeValues: {
          ':body': body ?? { NULL: true },
          ':sinceMs': sinceMs ?? { NULL: true },
          ':factMs': { N: String(contradiction.atMs) },
        },
      });
      const outcome = (await isDone(() => client.send(update))) ? 'suspended' : 'known';
      if (recent.size >= RECENT_MAX) recent.clear();
      recent.set(name, nowMs);
      return outcome;
    },

    suspensionsOf: (merchant) => standing(props, merchantPrefix(merchant)),

    allSuspensions: () => standing(props),

    async markAlerted(suspension) {
      const Item = encodeSuspension({ ...suspension, isAlerted: true });
      const ExpressionAttributeValues = { ':sinceMs': { N: String(suspension.sinceMs) } };
      await isDone(() =>
        client.send(
          new PutItemCommand({ TableName: table, Item, ConditionExpression: STANDS, ExpressionAttributeValues }),
        ),
      );
    },

    async restore(request, nowMs) {
      const Key = suspensionKeys(request);
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      if (Item === undefined || Item.restoredMs !== undefined) return 'not-suspended';
      const restored = {
        TableName: table,
        Item: { ...Item, restoredMs: { N: String(nowMs) } },
        ConditionExpression: STANDS,
        ExpressionAttributeValues: { ':sinceMs': { N: String(decodeSuspension(Item).sinceMs) } },
      };
      const act = { TableName: table, Item: encodeRestoration(request, nowMs) };
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: restored }, { Put: act }] }));
        return 'restored';
      } catch (error) {
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'not-suspended';
        throw error;
      }
    },
  };
}

/** Reads what is suspended: all of it, or of the merchant with this prefix. */
async function standing({ client, table }: SuspensionStoreProps, prefix?: string): Promise<readonly Suspension[]> {
  const items = await allPages((ExclusiveStartKey) =>
    client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        FilterExpression: 'attribute_not_exists(restoredMs)',
        ExpressionAttributeValues: {
          ':pk': { S: SUSPENSIONS_KEY },
          ...(prefix !== undefined && { ':prefix': { S: prefix } }),
        },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    ),
  );
  return items.map(decodeSuspension);
}
