import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { JobStore } from '../../core/jobs/job-store.ts';
import { isDone } from './faults.ts';
import { decodeJob, decodeOrderPointer, encodeJob, encodeOrderPointer, jobKey, orderKey } from './job-item.ts';

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
  const store: JobStore = {
    async createJob(job) {
      const put = new PutItemCommand({ TableName: table, Item: encodeJob(job), ConditionExpression: ABSENT });
      if (!(await isDone(() => client.send(put)))) return 'already-there';
      // After the job: an order whose pointer is missing is given again, and a pointer alone orders nothing.
      if (job.status === 'waiting' && job.task.kind === 'bulk-approval') {
        await client.send(new PutItemCommand({ TableName: table, Item: encodeOrderPointer(job.task.incidentId, job) }));
      }
      return 'created';
    },

    async waitingOrder(incidentId) {
      const Key = { pk: { S: orderKey(incidentId) } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && store.readJob(decodeOrderPointer(Item));
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
  return store;
}
