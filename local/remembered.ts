import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { plainDigests } from '../adapters/crypto/digests.ts';
import { tablePages } from '../adapters/dynamodb/table-pages.ts';
import { decodeWindow } from '../adapters/dynamodb/window-item.ts';
import type { Aws } from '../cli/aws.ts';
import { flagIdOf } from '../core/detection/fingerprint.ts';
import type { ChargeRef } from '../core/events/payment-event.ts';

/**
 * How many of the charges no window remembers, of charges that a detector applies to: each that was judged is in at
 * least one window, so this finds every one that got lost on the way, whatever else the summary says. Scans the table: for an emulator's one run.
 */
export async function countForgotten({ dynamo }: Aws, table: string, charges: readonly ChargeRef[]): Promise<number> {
  const remembered = new Set<string>();
  const scanned = tablePages((ExclusiveStartKey) =>
    dynamo.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        // Records and the detectors' definitions are in the same table; windows alone have this attribute.
        FilterExpression: 'attribute_exists(d)',
        ExclusiveStartKey,
      }),
    ),
  );
  for await (const { Items = [] } of scanned) {
    for (const item of Items) {
      // At time 0 nothing has expired: what is in the table counts.
      for (const { id } of decodeWindow(item, 0).window?.entries ?? []) remembered.add(id);
    }
  }
  return charges.filter((charge) => !remembered.has(flagIdOf(charge, plainDigests))).length;
}
