import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { itemsOf } from '../adapters/dynamodb/case-items.ts';
import { asCaseId, asFingerprint, asFlagId } from '../core/brands.ts';
import { type CaseChange, withChanges } from '../core/cases/case.ts';
import { charge, DAY } from '../test/fixtures/charges.ts';
import { digests } from '../test/fixtures/configurations.ts';
import { flag, moved } from '../test/fixtures/flags.ts';

/** BatchWriteItem takes 25 items. */
const WRITES = 25;
const PARALLEL = 8;
export const FIRST_MS = Date.parse('2024-11-11T00:00:00Z');
/** A case every so often: a million of them are four months. */
const EVERY_MS = 10_000;

/** A case of one flag as it is opened, and as it is once its refund is done. Merchants, payers and orders recur. */
export function changesOf(n: number): { readonly opened: CaseChange; readonly closed: CaseChange } {
  const atMs = FIRST_MS + n * EVERY_MS;
  const shows = { merchant: `m_${n % 500}`, order: `o_${n % 50_000}`, payer: `p_${n % 20_000}`, currency: 'CNY' };
  const original = charge({ ...shows, chargeId: `ch_${n}`, amountMinor: 100 + (n % 9_000) });
  const raised = flag({
    caseId: asCaseId(digests.hash128(`case ${n}`)),
    charge: { ...original, chargeId: `ch_${n}_again` },
    id: asFlagId(digests.hash128(`flag ${n}`)),
    original: { source: original.source, chargeId: original.chargeId },
    originalCharge: original,
    detector: n % 2 === 0 ? 'same-order' : 'rapid-repeat',
    windows: ['same-order', 'rapid-repeat'].map((detector) => ({
      detector,
      fingerprint: asFingerprint(digests.hash128(`${detector} ${n}`)),
    })),
    openedAtMs: atMs,
    updatedAtMs: atMs,
    deadlineAtMs: atMs + 120 * DAY,
  });
  const act = { actor: 'system:bench', atMs, reason: 'same-order: duplicate' };
  const opened = withChanges(undefined, [{ before: undefined, after: raised, act }], digests);
  const refunding = moved(raised, { status: 'refunding', refundMinor: original.amountMinor }, act);
  const refunded = moved(refunding.after, { status: 'refunded' }, act);
  return { opened, closed: withChanges(opened.case, [refunding, refunded], digests) };
}

/** Cases and flags `from` until before `to`, nine in ten of them resolved; their audit is read by its case alone, and left out. */
export async function load(client: DynamoDBClient, table: string, from: number, to: number): Promise<void> {
  let n = from;
  const worker = async () => {
    while (n < to) {
      const start = n;
      n = Math.min(to, start + Math.floor(WRITES / 2));
      const items = Array.from({ length: n - start }, (_, at) => {
        const { opened, closed } = changesOf(start + at);
        return itemsOf({ ...((start + at) % 10 === 0 ? opened : closed), audit: [] });
      }).flat();
      let left = items.map((item) => ({ PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } }));
      while (left.length > 0) {
        const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
        left = (answer.UnprocessedItems?.[table] ?? []) as typeof left;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
