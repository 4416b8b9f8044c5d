import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../core/fault.ts';
import type { Version1Item, Version1Windows } from '../../core/refunds/migrate.ts';
import { decodeDefinition } from './detector-definitions.ts';
import { type Item, textOf } from './stored-item.ts';
import { tablePages } from './table-pages.ts';
import { decodeVersion1Window } from './version-1-window-item.ts';

/** Reads the whole table of version-1 windows. It writes nothing there. */
export function createVersion1Windows(on: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): Version1Windows {
  return {
    async *items() {
      const scanned = tablePages((ExclusiveStartKey) =>
        on.client.send(new ScanCommand({ TableName: on.table, ConsistentRead: true, ExclusiveStartKey })),
      );
      for await (const { Items = [] } of scanned) yield* Items.map(itemOf);
    },
  };
}

function itemOf(item: Item): Version1Item {
  try {
    if (item.notion !== undefined) {
      return {
        kind: 'definition',
        detector: textOf(item, 'pk').slice('detector#'.length),
        notion: decodeDefinition(item),
      };
    }
    return { kind: 'window', window: decodeVersion1Window(item) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: 'unreadable', key: item.pk?.S ?? '', reason: error.message };
  }
}
