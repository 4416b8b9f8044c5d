import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../test/fixtures/tables.ts';
import { type Bundle, bundle } from './bundle.ts';

export interface Contender {
  readonly name: string;
  readonly isOurs: boolean;
  readonly bundle: Bundle;
  /** Creates empty tables; gives the variables that name them. */
  readonly tables: () => Promise<Readonly<Record<string, string>>>;
}

/** One detector against one idempotency key and one put; the two default detectors beside them. */
export async function makeContenders(client: DynamoDBClient): Promise<readonly [Contender, ...Contender[]]> {
  const { detectors, ...rest } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'configuration', 'prod.json'), 'utf8'),
  );
  const ours = async () => ({
    CHARGES_TABLE: await createTable(client, 'charges'),
    CASES_TABLE: await createTable(client, 'cases'),
    INCIDENTS_TABLE: await createTable(client, 'incidents'),
  });
  const peer = async () => ({ PEER_TABLE: await createPeerTable(client) });
  const detect = 'functions/detection/detect.lambda.ts';
  return [
    {
      name: 'onecharge',
      isOurs: true,
      bundle: await bundle(detect, { ...rest, detectors: detectors.slice(0, 1) }),
      tables: ours,
    },
    {
      name: 'Powertools idempotency',
      isOurs: false,
      bundle: await bundle('bench/peers/powertools.lambda.ts'),
      tables: peer,
    },
    { name: 'PutItem per event', isOurs: false, bundle: await bundle('bench/peers/put-item.lambda.ts'), tables: peer },
    {
      name: 'onecharge, both detectors',
      isOurs: true,
      bundle: await bundle(detect, { ...rest, detectors }),
      tables: ours,
    },
  ];
}

/** A table as the peers' functions want it. */
async function createPeerTable(client: DynamoDBClient): Promise<string> {
  const TableName = `bench-${crypto.randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  return TableName;
}
