import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCaseStore } from '../adapters/dynamodb/case-store.ts';
import type { CaseStore } from '../core/cases/case-store.ts';
import type { CaseFilter } from '../core/queries/case-filter.ts';
import { type FindCases, findCases } from '../core/queries/find-cases.ts';
import { digests } from '../test/fixtures/configurations.ts';
import { startDynamoDbLocal } from '../test/fixtures/dynamodb-local.ts';
import { createTable } from '../test/fixtures/tables.ts';
import { changesOf, load } from './case-load.ts';
import { indexWrites } from './index-writes.ts';
import { medianOf, percentileOf, printTable, readOptions } from './report.ts';

/** What the product must bear, and what AWS gives a partition. */
const FLAGS_PER_SECOND = 5_000;
const UNITS_PER_SECOND_MAX = 1_000;
const SMALL = 1_000;
const RUNS = 200;
const WARM_UP = 40;

const { json, quick, full } = readOptions({
  json: { type: 'boolean', default: false },
  /** 20,000 cases instead of 100,000. */
  quick: { type: 'boolean', default: false },
  /** A million cases: loading them takes the better part of an hour. */
  full: { type: 'boolean', default: false },
});
const LARGE = full ? 1_000_000 : quick ? 20_000 : 100_000;

type Query = (cases: CaseStore, n: number) => Promise<unknown>;

/** Each asks for something that is there, another one each time. */
const QUERIES: { readonly [name: string]: Query } = {
  'newest, open': find(() => ({ status: 'open' })),
  'newest, any status': find(() => ({})),
  'by deadline': find(() => ({}), 'deadline'),
  'by merchant': find((n) => ({ merchant: `m_${n % 500}` })),
  'by payer': find((n) => ({ payer: `p_${n % 1_000}` })),
  'by order': find((n) => ({ order: `o_${n % 1_000}` })),
  'by charge': find((n) => ({ charge: `ch_${n % SMALL}` })),
  'by merchant, currency, amount': find((n) => ({ merchant: `m_${n % 500}`, currency: 'CNY', minAmount: 200 })),
  'a day of cases': find((n) => {
    const { openedAtMs } = changesOf(n % SMALL).opened.case;
    return {
      from: new Date(openedAtMs - 43_200_000).toISOString(),
      to: new Date(openedAtMs + 43_200_000).toISOString(),
    };
  }),
  'a case with its flags': async (cases, n) => {
    const { id } = changesOf(n % SMALL).opened.case;
    return Promise.all([cases.readCase(id), cases.flagsOf(id), cases.auditOf(id), cases.commentsOf(id)]);
  },
};

function find(filterOf: (n: number) => CaseFilter, sort: FindCases['sort'] = 'newest'): Query {
  return (cases, n) => findCases({ filter: filterOf(n), sort, limit: 25 }, { cases, digests });
}

interface Took {
  readonly p50: number;
  readonly p99: number;
}

async function measure(client: DynamoDBClient, table: string): Promise<ReadonlyMap<string, Took>> {
  const cases = createCaseStore({ client, table });
  const took = new Map<string, Took>();
  for (const [name, query] of Object.entries(QUERIES)) {
    const ms: number[] = [];
    for (let n = 0; n < WARM_UP + RUNS; n++) {
      const from = performance.now();
      await query(cases, n * 7);
      if (n >= WARM_UP) ms.push(performance.now() - from);
    }
    took.set(name, { p50: medianOf(ms), p99: percentileOf(ms, 0.99) });
  }
  return took;
}

const dynamodb = await startDynamoDbLocal();
try {
  const { client } = dynamodb;
  const table = await createTable(client, 'cases');
  await load(client, table, 0, SMALL);
  const small = await measure(client, table);
  if (!json) console.log(`Loading ${LARGE} cases`);
  await load(client, table, SMALL, LARGE);
  const large = await measure(client, table);
  const queries = [...small].map(([name, ms]) => ({ name, small: ms, large: large.get(name) ?? ms }));
  const writes = indexWrites(FLAGS_PER_SECOND);
  if (json) {
    const ratio = Math.max(...queries.map((each) => each.large.p99 / each.small.p99));
    const busiest = Math.max(...writes.map(({ unitsPerSecond }) => unitsPerSecond));
    console.log(JSON.stringify({ cases: LARGE, queries, ratio, writes, busiestUnitsPerSecond: busiest }));
  } else {
    printTable(
      ['a page of 25, ms: p50, p99', `${SMALL} cases`, '', `${LARGE} cases`, '', 'p99 ratio'],
      queries.map(({ name, small, large }) => [
        name,
        ...[small.p50, small.p99, large.p50, large.p99].map((ms) => ms.toFixed(1)),
        (large.p99 / small.p99).toFixed(2),
      ]),
    );
    console.log(
      `\nWrite units a second that one index partition must take at ${FLAGS_PER_SECOND} flags a second; it can take ${UNITS_PER_SECOND_MAX}.`,
    );
    printTable(
      ['index', 'units a flag', 'shards', 'units a second'],
      writes.map((each) => [
        each.index,
        String(each.unitsPerFlag),
        String(each.shards),
        each.unitsPerSecond.toFixed(0),
      ]),
    );
  }
} finally {
  await dynamodb.stop();
}
