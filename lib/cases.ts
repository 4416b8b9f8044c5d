import { StreamViewType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { bug } from '../core/fault.ts';
import { historyTable } from './history-table.ts';
import type { FunctionContext } from './onecharge-function.ts';
import type { StreamSource } from './stream-mapping.ts';

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
      layout: 'cases',
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw bug('the table was made with a stream');
    this.stream = { kind: 'dynamodb', arn, key };
  }
}
