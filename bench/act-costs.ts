import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Handler } from './bundle.ts';
import type { Meter } from './meter.ts';
import { CONTEXT, type Cost, costOf, runBatches, sum } from './run-batches.ts';
import { traffic } from './traffic.ts';
import { type Capture, CHARGE_TABLES, TASKS, type Task, type Version } from './versions.ts';

const ACTS = ['charge', 'duplicate', 'refund'] as const;
export type Act = (typeof ACTS)[number];

/** What one act costs a version. */
export interface ActCost {
  readonly version: string;
  readonly act: Act;
  readonly writeUnits: number;
  /** Of these, for new records and windows. */
  readonly insertUnits: number;
  /** Of these, on records, windows and reservations; the readers' lag is reported in the same table now and then. */
  readonly writeUnitsOnCharges: number;
  readonly requests: number;
  readonly cpuMicros: number;
}

type Sizes = { readonly [act in Act]: number };
/** Calls that make what is hot compiled. */
const WARM: Sizes = { charge: 6_000, duplicate: 600, refund: 60 };
const METERED: Sizes = { charge: 1_000, duplicate: 200, refund: 20 };
const SLICE: Sizes = { charge: 2_000, duplicate: 200, refund: 25 };
const ROUNDS = 4;
const COPY_AFTER_MS = 1_000;

interface Local {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly meter: Meter;
}

/** Measures a clean charge, a duplicate and the refund of a pair under `same-order`, of all versions in turn. */
export async function measureActs(versions: readonly Version[], local: Local): Promise<readonly ActCost[]> {
  const metered = new Map<Version, { readonly [act in Act]: Omit<ActCost, 'version' | 'act' | 'cpuMicros'> }>();
  for (const version of versions) metered.set(version, await meterActs(version, local));
  const timed: { readonly version: Version; readonly works: Works; readonly costs: Map<Act, Cost> }[] = [];
  for (const version of versions) {
    const { works } = await open(version, local.client, local.endpoint);
    for (const act of ACTS) await (await works[act](WARM[act]))();
    timed.push({ version, works, costs: new Map() });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const act of ACTS) {
      for (const { works, costs } of timed) costs.set(act, sum(costs.get(act), await (await works[act](SLICE[act]))()));
    }
  }
  return timed.flatMap(({ version, costs }) =>
    ACTS.map((act) => {
      const { cpuMicros, events } = sum(costs.get(act));
      const counted = metered.get(version)?.[act];
      if (counted === undefined) throw new Error('bug: a version was not metered');
      return { version: version.name, act, ...counted, cpuMicros: cpuMicros / events };
    }),
  );
}

/** Counts what one act costs a version, without its time. */
export async function meterActs(version: Version, { client, meter }: Pick<Local, 'client' | 'meter'>) {
  const { works, environment } = await open(version, client, meter.endpoint);
  const count = async (act: Act) => {
    // A function's first call also reads its secret and writes its detectors' definitions.
    await (await works[act](1))();
    const work = await works[act](METERED[act]);
    meter.reset();
    await work();
    const { requests, writeUnits, unitsByTable, insertUnits } = meter.read();
    const onCharges = CHARGE_TABLES.map((name) => unitsByTable.get(environment[name] ?? '') ?? 0);
    return {
      writeUnits: writeUnits / METERED[act],
      insertUnits: insertUnits / METERED[act],
      writeUnitsOnCharges: onCharges.reduce((total, units) => total + units, 0) / METERED[act],
      requests: requests / METERED[act],
    };
  };
  return { charge: await count('charge'), duplicate: await count('duplicate'), refund: await count('refund') };
}

/** Prepares a number of acts, and returns the work that is to be measured. */
type Work = (count: number) => Promise<() => Promise<Cost>>;
type Works = { readonly [act in Act]: Work };

const stateSchema = z.looseObject({ next: z.string() });
const NEXT: { readonly [task in Task]: string } = {
  assess: 'claim',
  claim: 'reverse',
  reverse: 'record',
  record: 'end',
};

/** Loads the functions of a version over empty tables. */
async function open(version: Version, client: DynamoDBClient, endpoint: string) {
  const environment = { ...(await version.environment()), AWS_ENDPOINT_URL_DYNAMODB: endpoint };
  const detect = await version.detect.load(environment);
  const tasks = new Map<Task, Handler<unknown, unknown>>();
  for (const task of TASKS) tasks.set(task, await version.tasks[task].load<unknown, unknown>(environment));
  const { CASES_TABLE: cases = '', SANDBOX_TABLE: sandbox = '' } = environment as Readonly<Record<string, string>>;
  let runs = 0;
  const originals = (count: number) =>
    traffic({ events: count, duplicates: 0, name: `a${runs++}`, startMs: Date.now() - 60_000 });
  const judge = (lines: readonly string[]) => runBatches(detect, lines, Date.now());
  const pairs = async (count: number) => {
    const lines = originals(count);
    await judge(lines);
    return { lines, copies: lines.map(copyOf) };
  };
  const works: Works = {
    charge: async (count) => {
      const lines = originals(count);
      return () => judge(lines);
    },
    duplicate: async (count) => {
      const { copies } = await pairs(count);
      return () => judge(copies);
    },
    refund: async (count) => {
      const known = new Set(await flagsIn(client, cases));
      const { lines, copies } = await pairs(count);
      await judge(copies);
      await version.book(sandbox, [...lines, ...copies].map(captureOf));
      const flags = (await flagsIn(client, cases)).filter((id) => !known.has(id));
      if (flags.length !== count) throw new Error(`bug: ${flags.length} flags of ${count} duplicates`);
      return () =>
        costOf(count, async () => {
          for (const flagId of flags) await refund(flagId, tasks);
        });
    },
  };
  return { works, environment: environment as Readonly<Record<string, string>> };
}

/** Runs the tasks of one refund's workflow, each on the answer of the one before. */
async function refund(flagId: string, tasks: ReadonlyMap<Task, Handler<unknown, unknown>>): Promise<void> {
  let state: unknown = { schemaVersion: 1, flagId, attempt: 0 };
  for (const task of TASKS) {
    state = await tasks.get(task)?.(state, CONTEXT);
    if (stateSchema.parse(state).next !== NEXT[task]) throw new Error(`${task} answered ${JSON.stringify(state)}`);
  }
}

const lineSchema = z.looseObject({
  id: z.string(),
  source: z.string(),
  time: z.string(),
  data: z.looseObject({
    chargeId: z.string(),
    payer: z.string(),
    merchant: z.string(),
    order: z.string(),
    amount: z.object({ value: z.number(), currency: z.string() }),
  }),
});

/** The same payment once more, under a charge id of its own. */
function copyOf(line: string): string {
  const { id, time, data, ...rest } = lineSchema.parse(JSON.parse(line));
  return JSON.stringify({
    ...rest,
    id: `${id}_again`,
    time: new Date(Date.parse(time) + COPY_AFTER_MS).toISOString(),
    data: { ...data, chargeId: `${data.chargeId}_again` },
  });
}

function captureOf(line: string): Capture {
  const { source, data } = lineSchema.parse(JSON.parse(line));
  const { chargeId, merchant, order, payer, amount } = data;
  return { source, chargeId, merchant, order, payer, amountMinor: amount.value, currency: amount.currency };
}

const FLAG = 'flag#';

async function flagsIn(client: DynamoDBClient, TableName: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let from: Record<string, { S: string }> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ProjectionExpression: 'pk', ExclusiveStartKey: from }));
    for (const { pk } of page.Items ?? []) if (pk?.S?.startsWith(FLAG)) ids.push(pk.S.slice(FLAG.length));
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return ids;
}
