import { randomBytes } from 'node:crypto';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { withoutCardData } from '../../core/events/without-card-data.ts';
import { type Deployed, digests } from './deployed.ts';
import { eventually } from './eventually.ts';

/**
 * Waits until everything that was put on the stream under a partition key has been dealt with: a record that can only be
 * quarantined follows it, and then another one, since the first may travel in one batch with what is waited for.
 */
export async function untilStreamRead(deployed: Deployed, partitionKey: string): Promise<void> {
  for (const round of ['first', 'second']) {
    const marker = Buffer.from(`${round} marker ${randomBytes(8).toString('hex')}`);
    await deployed.put([marker], partitionKey);
    await eventually('the marker on the stream was read', async () => {
      return (await quarantineItem(deployed, marker)) === undefined ? undefined : true;
    });
  }
}

/** A record's entry in the quarantine, if it is there. Its id comes from the stored bytes, so that the same ones are one entry. */
export async function quarantineItem({ stack }: Deployed, bytes: Uint8Array) {
  const id = quarantineId(bytes);
  const { Item } = await stack.aws.dynamo.send(
    new GetItemCommand({ TableName: stack.outputs.QuarantineTableName, Key: { pk: { S: id } }, ConsistentRead: true }),
  );
  return Item;
}

export function quarantineId(bytes: Uint8Array): string {
  return digests.hash128(Buffer.from(withoutCardData(bytes).bytes).toString('latin1'));
}
