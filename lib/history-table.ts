import { RemovalPolicy } from 'aws-cdk-lib';
import { type Attribute, AttributeType, TableEncryptionV2, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageSettings } from './settings.ts';

interface HistoryTableProps extends Pick<TablePropsV2, 'dynamoStream' | 'globalSecondaryIndexes'> {
  readonly settings: StageSettings;
  readonly key: IKey;
  readonly sorted?: boolean;
  readonly expires?: boolean;
}

/** A table that holds money's history: on demand, under our key, restorable to any second of the last 35 days. */
export function historyTable(scope: Construct, id: string, props: HistoryTableProps): TableV2 {
  const { settings, key, sorted = false, expires = false, ...rest } = props;
  return new TableV2(scope, id, {
    partitionKey: text('pk'),
    ...(sorted ? { sortKey: text('sk') } : {}),
    ...(expires ? { timeToLiveAttribute: 'ttl' } : {}),
    ...rest,
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: settings.keepsHistory,
    removalPolicy: removalOf(settings),
  });
}

export function removalOf({ keepsHistory }: StageSettings): RemovalPolicy {
  return keepsHistory ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}

export function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
