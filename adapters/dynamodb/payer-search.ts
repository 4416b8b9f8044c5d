import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { asFlagId, type FlagId } from '../../core/brands.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { namesPayer } from '../../core/events/erased-payer.ts';
import { flagCodec } from './case-codecs.ts';
import { recordIdOf } from './record-item.ts';
import { decodeBody, type Item, textOf } from './stored-item.ts';
import { tablePages } from './table-pages.ts';

/**
 * Finds what names a payer by reading whole tables: no index leads from a payer to charges without a flag, nor to flags whose
 * original another payer paid. An operator runs it, seldom.
 */
export function createPayerSearch({
  client,
  charges,
  cases,
}: {
  readonly client: DynamoDBClient;
  readonly charges: string;
  readonly cases: string;
}) {
  async function* scan(input: ScanCommandInput): AsyncGenerator<Item> {
    const scanned = tablePages((ExclusiveStartKey) =>
      client.send(new ScanCommand({ ConsistentRead: true, ...input, ExclusiveStartKey })),
    );
    for await (const { Items = [] } of scanned) yield* Items;
  }

  return {
    /** Yields the ids of records whose text has the token. It may be another member than the payer: look into the record. */
    async *recordsWith(payer: string): AsyncGenerator<FlagId> {
      const found = scan({
        TableName: charges,
        FilterExpression: 'contains(f, :text)',
        // As JSON has it.
        ExpressionAttributeValues: { ':text': { S: JSON.stringify(payer) } },
        ProjectionExpression: 'pk',
      });
      for await (const item of found) {
        const id = recordIdOf(textOf(item, 'pk'));
        if (id !== undefined) yield asFlagId(id);
      }
    },

    /** Yields the flags that name the payer: as their own, as the original's, or in what they waited for. */
    async *flagsWith(payer: string): AsyncGenerator<Flag> {
      const found = scan({
        TableName: cases,
        FilterExpression: 'kind = :flag',
        ExpressionAttributeValues: { ':flag': { S: 'flag' } },
      });
      for await (const item of found) {
        const flag = decodeBody(flagCodec, item);
        if (namesPayer(flag, payer)) yield flag;
      }
    },
  };
}

export type PayerSearch = ReturnType<typeof createPayerSearch>;
