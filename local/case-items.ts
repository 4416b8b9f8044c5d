import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { flagCodec } from '../adapters/dynamodb/case-codecs.ts';
import { decodeBody } from '../adapters/dynamodb/stored-item.ts';
import { tablePages } from '../adapters/dynamodb/table-pages.ts';
import type { Aws } from '../cli/aws.ts';
import type { Minor } from '../core/brands.ts';
import { type Flag, hasRefunded, type ReasonToWait } from '../core/cases/flag.ts';
import { waitOf } from '../core/cases/flag-history.ts';

/** One flag as the summary and `--flags` tell it. */
export interface FlagRow {
  readonly source: string;
  readonly chargeId: string;
  readonly original: string;
  readonly originalSource: string;
  readonly detector: string;
  readonly action: string;
  readonly status: string;
  readonly currency: string;
  /** What was given back, in minor units; 0 while nothing was. */
  readonly refundedMinor: Minor;
  /** Empty where it does not wait. */
  readonly waitsFor: readonly ReasonToWait[];
}

export interface CaseItems {
  readonly flags: readonly FlagRow[];
  readonly cases: number;
}

function rowOf(flag: Flag): FlagRow {
  const { charge, original, detector, action, status } = flag;
  return {
    source: charge.source,
    chargeId: charge.chargeId,
    original: original.chargeId,
    originalSource: original.source,
    detector,
    action,
    status,
    currency: charge.currency,
    refundedMinor: hasRefunded(flag) ? flag.refundMinor : 0,
    waitsFor: waitOf(flag)?.waitsFor ?? [],
  };
}

/** All flags and the number of cases, by a scan: for the emulator's table, which holds one run. */
export async function readCaseItems({ dynamo }: Aws, tableName: string): Promise<CaseItems> {
  const flags: FlagRow[] = [];
  let cases = 0;
  const scanned = tablePages((ExclusiveStartKey) =>
    dynamo.send(
      new ScanCommand({
        TableName: tableName,
        ConsistentRead: true,
        FilterExpression: '#kind IN (:flag, :case)',
        ExpressionAttributeNames: { '#kind': 'kind' },
        ExpressionAttributeValues: { ':flag': { S: 'flag' }, ':case': { S: 'case' } },
        ExclusiveStartKey,
      }),
    ),
  );
  for await (const { Items = [] } of scanned) {
    for (const item of Items) {
      if (item.kind?.S === 'flag') flags.push(rowOf(decodeBody(flagCodec, item)));
      else cases += 1;
    }
  }
  return { flags, cases };
}
