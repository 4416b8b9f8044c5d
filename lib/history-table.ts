import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  ProjectionType,
  type StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type CaseIndex, TABLES, type TableLayout, type TableName } from '../adapters/dynamodb/table-layouts.ts';
import type { StageSettings } from './settings.ts';

interface HistoryTableProps {
  readonly settings: StageSettings;
  readonly key: IKey;
  /** Which layout of adapters/dynamodb/table-layouts.ts the table has. */
  readonly layout: TableName;
  readonly dynamoStream?: StreamViewType;
}

/** A table that holds money's history: on demand, under our key, restorable to any second of the last 35 days. */
export function historyTable(scope: Construct, id: string, props: HistoryTableProps): TableV2 {
  const { settings, key, layout, dynamoStream } = props;
  const { partitionKey, sortKey, ttl, indexes }: TableLayout = TABLES[layout];
  return new TableV2(scope, id, {
    partitionKey: text(partitionKey),
    ...(sortKey !== undefined && { sortKey: text(sortKey) }),
    ...(ttl !== undefined && { timeToLiveAttribute: ttl }),
    ...(dynamoStream !== undefined && { dynamoStream }),
    globalSecondaryIndexes: Object.entries(indexes).map(([indexName, index]) => ({
      indexName,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: index.projection === 'all' ? ProjectionType.ALL : ProjectionType.KEYS_ONLY,
    })),
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: settings.keepsHistory,
    removalPolicy: removalOf(settings),
  });
}

/** The ARNs of all indexes of the Cases table, or of the named ones, for grants. */
export function caseIndexArns(cases: TableV2, indexes: readonly CaseIndex[] = ALL_CASE_INDEXES): readonly string[] {
  return indexes.map((index) => `${cases.tableArn}/index/${index}`);
}

const ALL_CASE_INDEXES = Object.keys(TABLES.cases.indexes) as CaseIndex[];

export function removalOf({ keepsHistory }: StageSettings): RemovalPolicy {
  return keepsHistory ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
