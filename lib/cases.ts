import { ProjectionType, StreamViewType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { bug } from '../core/fault.ts';
import { historyTable, text } from './history-table.ts';
import type { FunctionContext } from './onecharge-function.ts';
import type { StreamSource } from './stream-mapping.ts';

/** Lists of cases and flags, in the order of their keys' numbers. Of keys alone: a write that changes none costs nothing. */
export const KEY_LISTS = ['byStatus', 'byDeadline', 'byMerchant', 'byPayer', 'byOrder', 'byCharge'] as const;

interface CasesProps {
  readonly context: FunctionContext;
  readonly key: IKey;
}

/** Flags, cases and their audit. The table's stream is the outbox: whoever must act on a flag reads it there. */
export class Cases extends Construct {
  readonly table: TableV2;
  readonly stream: StreamSource;

  constructor(scope: Construct, id: string, { context, key }: CasesProps) {
    super(scope, id);
    this.table = historyTable(this, 'Table', {
      settings: context.settings,
      key,
      sorted: true,
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      globalSecondaryIndexes: [
        { indexName: 'byCase', partitionKey: text('gsi1pk'), sortKey: text('gsi1sk') },
        ...KEY_LISTS.map((indexName, at) => ({
          indexName,
          partitionKey: text(`gsi${at + 2}pk`),
          sortKey: text(`gsi${at + 2}sk`),
          projectionType: ProjectionType.KEYS_ONLY,
        })),
      ],
    });
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw bug('the table was made with a stream');
    this.stream = { kind: 'dynamodb', arn, key };
  }
}
