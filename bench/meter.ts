import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LAMBDA_ENVIRONMENT } from './bundle.ts';
import {
  type Item,
  type ItemWrite,
  pick,
  type TableShape,
  unitsOfIndexes,
  unitsOfItem,
  writesOf,
} from './write-units.ts';

/** What DynamoDB was asked for. */
export interface Metered {
  readonly requests: number;
  /** By the published rule: see `unitsOfItem` and `unitsOfIndexes`. */
  readonly writeUnits: number;
  readonly unitsByTable: ReadonlyMap<string, number>;
  /** Inserts of new records and windows, and the units that they took. */
  readonly inserted: number;
  readonly insertUnits: number;
}

export interface Meter {
  /** Stands in for Secrets Manager, and for DynamoDB with a look at each request. */
  readonly endpoint: string;
  /** Returns what was asked since the last reset. */
  read(): Metered;
  reset(): void;
  close(): Promise<void>;
}

const SECRET = JSON.stringify({ version: '1', key: 'k'.repeat(64) });
/** The sources of what is measured do not sign: beside other versions, that would compare unlike things. */
const NO_SIGNING_KEYS = JSON.stringify({ keys: {} });
const secretRequestSchema = z.object({ SecretId: z.string() });

const answersSchema = z.object({ Responses: z.array(z.object({ Error: z.unknown().optional() })) });

interface Counted {
  requests: number;
  writeUnits: number;
  unitsByTable: Map<string, number>;
  inserted: number;
  insertUnits: number;
}

/** A server between a handler and DynamoDB. It reads what a write meets, which takes time: what is metered is not timed. */
export async function startMeter(dynamodbEndpoint: string): Promise<Meter> {
  let counted = nothing();
  const tables = tablesOf(dynamodbEndpoint);
  const server = createServer(async (incoming, outgoing) => {
    const target = String(incoming.headers['x-amz-target']);
    const body = await readBody(incoming);
    if (target.startsWith('secretsmanager.')) {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      outgoing.end(JSON.stringify({ SecretString: isFingerprints(body) ? SECRET : NO_SIGNING_KEYS }));
      return;
    }
    const writes = writesOf(target.split('.')[1] ?? '', JSON.parse(body.toString()));
    const before = await Promise.all(writes.map((write) => (write.kind === 'insert' ? undefined : tables.read(write))));
    const answer = await forward(dynamodbEndpoint, incoming, body);
    const refused = refusedOf(answer);
    const into = counted;
    into.requests += 1;
    for (const [at, write] of writes.entries()) {
      await count(into, write, { before: before[at], isRefused: refused(at), tables });
    }
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('bug: the meter has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    read: () => ({ ...counted, unitsByTable: new Map(counted.unitsByTable) }),
    reset: () => {
      counted = nothing();
    },
    close: async () => {
      tables.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function nothing(): Counted {
  return { requests: 0, writeUnits: 0, unitsByTable: new Map(), inserted: 0, insertUnits: 0 };
}

interface Met {
  readonly before: Item | undefined;
  readonly isRefused: boolean;
  readonly tables: ReturnType<typeof tablesOf>;
}

async function count(into: Counted, write: ItemWrite, { before, isRefused, tables }: Met): Promise<void> {
  // A refused insert met an item that it left as it is.
  const known = write.kind === 'insert' && isRefused ? await tables.read(write) : before;
  const after = isRefused ? known : await afterwards(write, known, tables);
  const units =
    unitsOfItem(write, { before: known, after }) +
    unitsOfIndexes(await tables.shapeOf(write.table), { before: known, after });
  into.writeUnits += units;
  into.unitsByTable.set(write.table, (into.unitsByTable.get(write.table) ?? 0) + units);
  if (write.kind !== 'insert' || isRefused) return;
  into.inserted += 1;
  into.insertUnits += units;
}

async function afterwards(write: ItemWrite, known: Item | undefined, tables: Met['tables']): Promise<Item | undefined> {
  switch (write.kind) {
    case 'insert':
    case 'put':
      return write.item;
    case 'update':
      return tables.read(write);
    case 'delete':
      return undefined;
    case 'check':
      return known;
  }
}

/** Returns which members of a request were refused: all of them, none, or those whose answer has an error. */
function refusedOf({ status, body }: { readonly status: number; readonly body: Buffer }): (at: number) => boolean {
  if (status !== 200) return () => true;
  const answers = answersSchema.safeParse(JSON.parse(body.toString()));
  return (at) => answers.success && answers.data.Responses[at]?.Error !== undefined;
}

/** The tables behind the meter: their keys and indexes, and the items that requests name by their keys alone. */
function tablesOf(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const shapes = new Map<string, Promise<TableShape>>();
  const shapeOf = (table: string): Promise<TableShape> => {
    const known = shapes.get(table) ?? describe(client, table);
    shapes.set(table, known);
    return known;
  };
  return {
    shapeOf,
    async read({ table: TableName, item }: ItemWrite): Promise<Item | undefined> {
      const { keys } = await shapeOf(TableName);
      // Every key of every table is text.
      const Key = z.record(z.string(), z.object({ S: z.string() })).parse(pick(item, keys));
      return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
    },
    close: () => client.destroy(),
  };
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableShape> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const namesOf = (schema: readonly { readonly AttributeName?: string | undefined }[] | undefined) =>
    (schema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
  const indexes = (Table?.GlobalSecondaryIndexes ?? []).map(({ KeySchema, Projection }) => ({
    keys: namesOf(KeySchema),
    isKeysOnly: Projection?.ProjectionType === 'KEYS_ONLY',
  }));
  return { keys: namesOf(Table?.KeySchema), indexes };
}

async function readBody(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function forward(endpoint: string, incoming: IncomingMessage, body: Buffer) {
  const { host: _host, ...headers } = incoming.headers;
  const outgoing = request(endpoint, { method: incoming.method ?? 'POST', path: incoming.url ?? '/', headers });
  outgoing.end(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  return { status: response.statusCode ?? 500, headers: response.headers, body: await readBody(response) };
}

function isFingerprints(body: Buffer): boolean {
  return secretRequestSchema.parse(JSON.parse(body.toString())).SecretId === LAMBDA_ENVIRONMENT.FINGERPRINT_SECRET_ARN;
}
