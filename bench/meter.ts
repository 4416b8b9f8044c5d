import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import * as z from 'zod';
import { TABLES } from '../adapters/dynamodb/table-layouts.ts';

/** What DynamoDB was asked for. */
export interface Metered {
  requests: number;
  /** By the published rule: 1 KB of an item is one unit, in a transaction two; each index entry is written like an item. */
  writeUnits: number;
  /** Inserts of new records and windows, and the units that they took. */
  inserted: number;
  insertUnits: number;
}

export interface Meter {
  /** Stands in for Secrets Manager, and for DynamoDB with a look at each request. */
  readonly endpoint: string;
  read(): Metered;
  reset(): void;
  close(): Promise<void>;
}

const UNIT_BYTES = 1024;
const TRANSACTION_FACTOR = 2;
const { byCase, byStatus } = TABLES.cases.indexes;
/** An item's place in the indexes of the Cases table that are counted. */
const INDEX_KEYS = [byCase, byStatus].map(({ partitionKey }) => partitionKey);
const SECRET = JSON.stringify({ version: '1', key: 'k'.repeat(64) });

const attributes = z.record(z.string(), z.unknown());
const putSchema = z.object({ Item: attributes });
const batchSchema = z.object({
  Statements: z.array(z.object({ Statement: z.string(), Parameters: z.array(z.unknown()) })),
});
const answersSchema = z.object({ Responses: z.array(z.object({ Error: z.unknown().optional() })) });
const transactionSchema = z.object({ TransactItems: z.array(z.object({ Put: putSchema })) });

/** A server between a handler and DynamoDB. It costs time, so what is metered is not timed. */
export async function startMeter(dynamodbEndpoint: string): Promise<Meter> {
  let metered = nothing();
  const server = createServer(async (incoming, outgoing) => {
    const target = String(incoming.headers['x-amz-target']);
    const body = await readBody(incoming);
    if (target.startsWith('secretsmanager.')) {
      outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      outgoing.end(JSON.stringify({ SecretString: SECRET }));
      return;
    }
    const answer = await forward(dynamodbEndpoint, incoming, body);
    metered.requests += 1;
    count(metered, target.split('.')[1] ?? '', { asked: body.toString(), answered: answer.body.toString() });
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('bug: the meter has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    read: () => ({ ...metered }),
    reset: () => {
      metered = nothing();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function nothing(): Metered {
  return { requests: 0, writeUnits: 0, inserted: 0, insertUnits: 0 };
}

interface Exchange {
  readonly asked: string;
  readonly answered: string;
}

/** A condition that fails costs as much as the write would have. */
function count(metered: Metered, operation: string, { asked, answered }: Exchange): void {
  switch (operation) {
    case 'BatchExecuteStatement': {
      const { Responses } = answersSchema.parse(JSON.parse(answered));
      for (const [at, { Statement, Parameters }] of batchSchema.parse(JSON.parse(asked)).Statements.entries()) {
        const names = [...Statement.matchAll(/'(\w+)': \?/g)].map(([, name = '']) => name);
        const units = unitsOf(Object.fromEntries(names.map((name, at) => [name, Parameters[at]])));
        metered.writeUnits += units;
        if (Responses[at]?.Error !== undefined) continue;
        metered.inserted += 1;
        metered.insertUnits += units;
      }
      return;
    }
    case 'PutItem':
      metered.writeUnits += unitsOf(putSchema.parse(JSON.parse(asked)).Item);
      return;
    case 'UpdateItem':
      // The peer's records are far below 1 KB.
      metered.writeUnits += 1;
      return;
    case 'TransactWriteItems':
      for (const { Put } of transactionSchema.parse(JSON.parse(asked)).TransactItems) {
        const indexed = INDEX_KEYS.filter((key) => Put.Item[key] !== undefined).length;
        metered.writeUnits += unitsOf(Put.Item) * (TRANSACTION_FACTOR + indexed);
      }
  }
}

function unitsOf(item: Readonly<Record<string, unknown>>): number {
  const bytes = Object.entries(item).reduce((sum, [name, value]) => sum + name.length + bytesOf(value), 0);
  return Math.max(1, Math.ceil(bytes / UNIT_BYTES));
}

/** The size that DynamoDB bills, closely: text as UTF-8, a number by its digits, a list or map with its overhead. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const [type, content] = Object.entries(value)[0] ?? [];
  if (type === 'S' && typeof content === 'string') return Buffer.byteLength(content);
  if (type === 'N' && typeof content === 'string') return Math.ceil(content.length / 2) + 1;
  if (type === 'L' && Array.isArray(content)) return 3 + content.reduce((sum, each) => sum + 1 + bytesOf(each), 0);
  if (type === 'M' && typeof content === 'object' && content !== null) {
    return 3 + Object.entries(content).reduce((sum, [name, each]) => sum + 1 + name.length + bytesOf(each), 0);
  }
  return 1;
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
