import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

/** Stands in for S3 and SQS: it takes what it is sent, counts it and throws it away. */
export interface ObjectStore {
  readonly endpoint: string;
  /** Returns what was sent since the last reading. */
  read(): { readonly objects: number; readonly messages: number };
  close(): Promise<void>;
}

/** Both services of one region answer a small write after 10 to 30 ms; on loopback they would seem to be free. */
const ANSWER_MS = 20;
const messageSchema = z.object({ MessageBody: z.string() });

export async function startObjectStore(): Promise<ObjectStore> {
  let [objects, messages] = [0, 0];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    await sleep(ANSWER_MS);
    if (incoming.headers['x-amz-target'] !== 'AmazonSQS.SendMessage') {
      objects += 1;
      outgoing.writeHead(200).end();
      return;
    }
    messages += 1;
    const { MessageBody } = messageSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const digest = createHash('md5').update(MessageBody).digest('hex');
    outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    outgoing.end(JSON.stringify({ MessageId: 'bench', MD5OfMessageBody: digest }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('bug: the store has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    read() {
      const counted = { objects, messages };
      [objects, messages] = [0, 0];
      return counted;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
