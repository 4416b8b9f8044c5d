import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { JobStore } from '../../core/jobs/job-store.ts';
import { isDone } from './faults.ts';
import { decodeJob, encodeJob, jobKey } from './job-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';

/** Jobs in a table of their own, whose stream is the outbox: a job that was written is one that is begun. */
export function createJobStore({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): JobStore {
  return {
    async createJob(job) {
      const put = new PutItemCommand({ TableName: table, Item: encodeJob(job), ConditionExpression: ABSENT });
      return (await isDone(() => client.send(put))) ? 'created' : 'already-there';
    },

    async readJob(id) {
      const get = new GetItemCommand({ TableName: table, Key: { pk: { S: jobKey(id) } }, ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && decodeJob(Item);
    },

    async saveJob(job) {
      const put = new PutItemCommand({
        TableName: table,
        Item: encodeJob(job),
        ConditionExpression: UNCHANGED,
        ExpressionAttributeValues: { ':expected': { N: String(job.version - 1) } },
      });
      return (await isDone(() => client.send(put))) ? 'saved' : 'conflict';
    },
  };
}
