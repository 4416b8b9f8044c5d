import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import { isDone } from './faults.ts';
import { encodeWaiting } from './quarantine-item.ts';
import { ttlOf } from './stored-charge-item.ts';

/** Items of version 2 have no status. */
const NOT_WAITING =
  'attribute_not_exists(pk) OR attribute_exists(redrivenAt) OR #status IN (:sending, :repaired, :discarded) OR #ttl < :halfway';
/** What an earlier stay in quarantine may have left. */
const OPTIONAL = ['source', 'isMasked', 'redrivenAt', 'redrivenBy', 'redrivenDigest'];

/** What detection writes of the quarantine's index, apart from what operators do with it. */
export function createQuarantineWriter({
  dynamodb,
  table,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}): Pick<QuarantineIndex, 'add'> {
  return {
    async add(record) {
      const members = Object.entries(encodeWaiting(record)).filter(([name]) => name !== 'status');
      const gone = OPTIONAL.filter((name) => !members.some(([member]) => member === name));
      const set = members.map((_, at) => `#${at} = :${at}`);
      const command = new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: record.id } },
        UpdateExpression: `SET #status = :waiting, history = if_not_exists(history, :none), ${set.join(', ')} REMOVE ${gone.map((_, at) => `#gone${at}`).join(', ')}`,
        ConditionExpression: NOT_WAITING,
        ExpressionAttributeNames: {
          '#status': 'status',
          '#ttl': 'ttl',
          ...Object.fromEntries(members.map(([name], at) => [`#${at}`, name])),
          ...Object.fromEntries(gone.map((name, at) => [`#gone${at}`, name])),
        },
        ExpressionAttributeValues: {
          ':waiting': { S: 'waiting' },
          ':sending': { S: 'sending' },
          ':repaired': { S: 'repaired' },
          ':discarded': { S: 'discarded' },
          ':none': { L: [] },
          ':halfway': { N: String(ttlOf((record.arrivedMs + record.expiresAtMs) / 2)) },
          ...Object.fromEntries(members.map(([, value], at) => [`:${at}`, value])),
        },
      });
      // A record that waits already stays as it is: redelivery changes nothing. One that would soon end lives on.
      await isDone(() => dynamodb.send(command));
    },
  };
}
