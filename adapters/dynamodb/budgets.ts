import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Minor, Ms } from '../../core/brands.ts';
import { contentionLost } from '../../core/fault.ts';
import { type Budgets, withoutCaps } from '../../core/refunds/budgets.ts';
import { otherCases, type PayerCases, withoutRefund, withRefund } from '../../core/refunds/payer-cases.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { allocationKey, decodeAllocation, encodeAllocation, KEEP_S } from './allocation-item.ts';
import { type Counter, countersOf, dayCountersOf } from './budget-counters.ts';
import { decodePayer, encodePayer, payerKeyOf, type StoredPayer } from './payer-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const PRESENT = 'attribute_exists(pk)';
const WITHIN = 'attribute_not_exists(spent) OR spent <= :room';
const UNCHANGED = 'attribute_not_exists(pk) OR #version = :read';
const CONTENTION = { triesMax: 20, baseMs: 10, capMs: 500 };

interface BudgetsProps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** Budgets in the Controls table: a counter per hour and currency, one item per payer, and one per allocation. */
export function createBudgets(props: BudgetsProps): Budgets {
  const { table } = props;
  const budgets: Budgets = {
    async allocate({ payer, ...allocation }) {
      const { name, nowMs } = allocation;
      const hourly = countersOf(allocation, 'budget');
      const counters = [...hourly, ...dayCountersOf(allocation)];
      // More than a whole cap can never be spent, and a negative room would read as a condition on nothing.
      if (hourly.some(isTooSmall)) return 'spent';
      if (counters.some(isTooSmall)) return 'day-spent';
      const ttl = Math.ceil(nowMs / 1000) + KEEP_S;
      const adds = counters.map((counter) => addTo(table, { ...counter, ttl: { N: String(ttl) } }));
      const noted = payer && { payer: payer.payer, caseId: payer.caseId, notedMs: nowMs };
      const Item = encodeAllocation(name, { spent: counters, payer: noted }, ttl);
      const items = [{ Put: { TableName: table, Item, ConditionExpression: ABSENT } }, ...adds];
      const codes =
        payer === undefined
          ? await transact(props, items)
          : await transactAtPayer(props, payer.payer, (stored) => {
              const others = otherCases(stored.cases, payer.caseId, nowMs);
              if (payer.casesMax !== undefined && others >= payer.casesMax) return 'payer-often';
              const cases = withRefund(stored.cases, payer.caseId, nowMs);
              return [...items, replacePayer(table, { payer: payer.payer, stored, cases, nowMs })];
            });
      if (codes === 'payer-often') return (await get(props, allocationKey(name))) === undefined ? codes : 'allocated';
      // The allocation itself being there means that it was granted before.
      if (codes.length === 0 || codes[0] === 'ConditionalCheckFailed') return 'allocated';
      return codes.indexOf('ConditionalCheckFailed') > hourly.length ? 'day-spent' : 'spent';
    },

    async ensureAllocated(allocation) {
      // Mostly it is there, and a read costs a tenth of a refused transaction.
      if ((await get(props, allocationKey(allocation.name))) === undefined)
        await budgets.allocate(withoutCaps(allocation));
    },

    async releaseAllocation(name) {
      const pk = allocationKey(name);
      const item = await get(props, pk);
      if (item === undefined) return;
      const { spent, payer } = decodeAllocation(item);
      const items: TransactWriteItem[] = [
        { Delete: { TableName: table, Key: { pk: { S: pk } }, ConditionExpression: PRESENT } },
        ...spent.map(({ pk, minor }) => addTo(table, { pk, minor: -minor })),
      ];
      if (payer === undefined) {
        await transact(props, items);
        return;
      }
      await transactAtPayer(props, payer.payer, (stored) => {
        const cases = withoutRefund(stored.cases, payer);
        return [...items, replacePayer(table, { payer: payer.payer, stored, cases, nowMs: payer.notedMs })];
      });
    },

    async otherCases({ payer, caseId }, nowMs) {
      return otherCases(decodePayer(await get(props, payerKeyOf(payer))).cases, caseId, nowMs);
    },
  };
  return budgets;
}

function isTooSmall({ roomMinor }: Counter): boolean {
  return roomMinor !== undefined && roomMinor < 0;
}

async function get({ client, table }: Pick<BudgetsProps, 'client' | 'table'>, pk: string) {
  const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
  return (await client.send(command)).Item;
}

async function transact(
  { client, random, sleep }: BudgetsProps,
  TransactItems: TransactWriteItem[],
): Promise<readonly string[]> {
  for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      return [];
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
      if (codes.includes('ConditionalCheckFailed')) return codes;
      if (!codes.includes('TransactionConflict')) throw error;
      await sleep(backoffMs(lost, CONTENTION, random));
    }
  }
  throw contentionLost('a budget', CONTENTION.triesMax);
}

/** Runs a transaction whose last item replaces a payer's cases, and again while others were first there. */
async function transactAtPayer(
  props: BudgetsProps,
  payer: string,
  itemsFor: (stored: StoredPayer) => TransactWriteItem[] | 'payer-often',
): Promise<readonly string[] | 'payer-often'> {
  for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
    const items = itemsFor(decodePayer(await get(props, payerKeyOf(payer))));
    if (items === 'payer-often') return items;
    const codes = await transact(props, items);
    const failed = codes.flatMap((code, at) => (code === 'ConditionalCheckFailed' ? [at] : []));
    if (failed[0] !== items.length - 1) return codes;
    await props.sleep(backoffMs(lost, CONTENTION, props.random));
  }
  throw contentionLost('the cases of a payer', CONTENTION.triesMax);
}

function addTo(
  TableName: string,
  { pk, minor, roomMinor, ttl }: { pk: string; minor: Minor; roomMinor?: Minor | undefined; ttl?: { N: string } },
): TransactWriteItem {
  return {
    Update: {
      TableName,
      Key: { pk: { S: pk } },
      UpdateExpression: ttl ? 'ADD spent :minor SET #ttl = :ttl' : 'ADD spent :minor',
      ...(ttl && { ExpressionAttributeNames: { '#ttl': 'ttl' } }),
      ...(roomMinor !== undefined && { ConditionExpression: WITHIN }),
      ExpressionAttributeValues: {
        ':minor': { N: String(minor) },
        ...(ttl && { ':ttl': ttl }),
        ...(roomMinor !== undefined && { ':room': { N: String(roomMinor) } }),
      },
    },
  };
}

/** Replaces the cases of a payer if they are still those that were read. */
function replacePayer(
  TableName: string,
  {
    payer,
    stored,
    cases,
    nowMs,
  }: { readonly payer: string; readonly stored: StoredPayer; readonly cases: PayerCases; readonly nowMs: Ms },
): TransactWriteItem {
  const members = Object.entries(encodePayer(stored, cases, nowMs));
  return {
    Update: {
      TableName,
      Key: { pk: { S: payerKeyOf(payer) } },
      UpdateExpression: `SET ${members.map((_, at) => `#m${at} = :m${at}`).join(', ')}`,
      ConditionExpression: UNCHANGED,
      ExpressionAttributeNames: {
        ...Object.fromEntries(members.map(([name], at) => [`#m${at}`, name])),
        '#version': 'version',
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(members.map(([, value], at) => [`:m${at}`, value])),
        ':read': { N: String(stored.version) },
      },
    },
  };
}
