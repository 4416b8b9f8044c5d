import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DAY_MS } from '../../core/clock-units.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';
import { isDone } from './faults.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';
/** Longer than the file of an export is kept (functions/jobs/environment.ts), so that its end can be told. */
const KEEP_MS = 7 * DAY_MS;

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
      const put = new PutItemCommand({ TableName: table, Item: itemOf(job), ConditionExpression: ABSENT });
      return (await isDone(() => client.send(put))) ? 'created' : 'already-there';
    },

    async readJob(id) {
      const get = new GetItemCommand({ TableName: table, Key: { pk: { S: jobKey(id) } }, ConsistentRead: true });
      const { Item } = await client.send(get);
      // Only this module writes such items.
      return Item && (unmarshall(Item).body as Job);
    },

    async saveJob(job) {
      const put = new PutItemCommand({
        TableName: table,
        Item: itemOf(job),
        ConditionExpression: UNCHANGED,
        ExpressionAttributeValues: { ':expected': { N: String(job.version - 1) } },
      });
      return (await isDone(() => client.send(put))) ? 'saved' : 'conflict';
    },
  };
}

function jobKey(id: string): string {
  return `job#${id}`;
}

function itemOf(job: Job) {
  const { id, version, status, createdAtMs } = job;
  const ttl = Math.ceil((createdAtMs + KEEP_MS) / 1_000);
  return marshall({ pk: jobKey(id), id, version, status, ttl, body: job }, { removeUndefinedValues: true });
}
