import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { createClaimStore } from '../adapters/dynamodb/claim-store.ts';
import { createRecordStore } from '../adapters/dynamodb/record-store.ts';
import { createWindowStore } from '../adapters/dynamodb/window-store.ts';
import { createMemoryApprovalMacs } from '../adapters/memory/approval-macs.ts';
import { createMemoryApproverSums } from '../adapters/memory/approver-sums.ts';
import { createMemoryBudgets } from '../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../adapters/memory/lag-store.ts';
import { HOUR_MS } from '../core/clock-units.ts';
import type { Judgement } from '../core/detection/judging.ts';
import { claim } from '../core/refunds/claim.ts';
import { approve } from '../core/refunds/decide-hold.ts';
import { hold } from '../core/refunds/hold.ts';
import { arrival, captured, charge, START_MS } from '../test/fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../test/fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../test/fixtures/contexts.ts';
import { createTable } from '../test/fixtures/tables.ts';
import { idOf } from '../test/fixtures/views.ts';
import type { Meter } from './meter.ts';
import { sizeOf } from './write-units.ts';

interface Local {
  readonly client: DynamoDBClient;
  readonly meter: Meter;
}

/** A payer who pays one merchant the same amount again and again, honestly. */
interface HonestKey {
  readonly name: string;
  readonly everyMs: number;
  readonly charges: number;
}

const HONEST_KEYS: readonly HonestKey[] = [
  { name: 'one charge an hour', everyMs: HOUR_MS, charges: 180 * 24 },
  { name: 'one charge a day', everyMs: 24 * HOUR_MS, charges: 180 },
  { name: 'one charge each half hour', everyMs: HOUR_MS / 2, charges: 14 * 48 },
];

export interface Growth {
  readonly name: string;
  readonly charges: number;
  /** Write units a charge, for its record and its window. */
  readonly meanUnits: number;
  readonly maxUnits: number;
  readonly requests: number;
  readonly maxBytes: number;
  /** In the middle of the time and at its end: it does not grow. */
  readonly bytes: readonly [middle: number, end: number];
  readonly overflows: number;
}

/** Records and windows are in tables of their own: so the meter tells their units apart. */
async function tablesOf(client: DynamoDBClient) {
  return { records: await createTable(client, 'charges'), windows: await createTable(client, 'charges') };
}

async function withMetered<Result>({ meter }: Local, work: (client: DynamoDBClient) => Promise<Result>) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: meter.endpoint, region: 'us-east-1', credentials });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

const RUNTIME = { random: () => 0.5, sleep: async () => {} };

function storesOf(client: DynamoDBClient, tables: { readonly records: string; readonly windows: string }) {
  return {
    records: createRecordStore({ client, table: tables.records, ...RUNTIME }),
    windows: createWindowStore({ client, table: tables.windows, ...RUNTIME }),
  };
}

function overflowsIn(judgements: readonly Judgement[]): number {
  return judgements.filter((each) => each.kind === 'quarantined' && each.reason === 'overflow').length;
}

async function bytesOfWindow(client: DynamoDBClient, TableName: string): Promise<number> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Math.max(0, ...Items.map(sizeOf));
}

export async function measureGrowth(local: Local): Promise<readonly Growth[]> {
  const growths: Growth[] = [];
  for (const key of HONEST_KEYS) growths.push(await measureHonestKey(key, local));
  return growths;
}

/** Drives a key through detection under `rapid-repeat`, one delivery a charge, on a clock that the bench moves. */
export function measureHonestKey(key: HonestKey, local: Local): Promise<Growth> {
  return withMetered(local, (metered) => measureKey(key, metered, local));
}

async function measureKey(
  { name, everyMs, charges }: HonestKey,
  metered: DynamoDBClient,
  { client, meter }: Local,
): Promise<Growth> {
  const tables = await tablesOf(client);
  const world = {
    ...detectionContext(configuration({ detectors: [RAPID_REPEAT] })),
    ...storesOf(metered, tables),
  };
  const sizes: number[] = [];
  const units: number[] = [];
  let overflows = 0;
  let requests = 0;
  for (let at = 0; at < charges; at++) {
    const timeMs = START_MS + at * everyMs;
    world.clock.nowMs = timeMs;
    const event = captured(charge({ chargeId: `ch_${at}`, order: `o_${at}` }), { timeMs });
    meter.reset();
    overflows += overflowsIn(await judgeAndRaise([arrival(event)], world));
    const metering = meter.read();
    units.push(metering.writeUnits);
    requests += metering.requests;
    sizes.push(await bytesOfWindow(client, tables.windows));
  }
  return {
    name,
    charges,
    meanUnits: units.reduce((total, each) => total + each, 0) / charges,
    maxUnits: Math.max(...units),
    requests: requests / charges,
    maxBytes: Math.max(...sizes),
    bytes: [sizes[Math.floor(charges / 2)] ?? 0, sizes.at(-1) ?? 0],
    overflows,
  };
}

const COPIES = 400;
const BATCH = 100;

export interface HotOrder {
  /** On the window, for each charge: inserts that its item refuses, and writes on its version. */
  readonly windowUnitsPerCharge: number;
  readonly windowBytes: number;
  readonly overflows: number;
  /** One claim: its record, its reservation, the checks of a survivor and of the window. */
  readonly claimUnits: number;
}

/** Judges an order of 400 charges in batches of 100, and claims one refund of it. */
export function measureHotOrder(local: Local): Promise<HotOrder> {
  return withMetered(local, async (metered) => {
    const { client, meter } = local;
    const apart = await tablesOf(client);
    meter.reset();
    const { overflows } = await judgeOrder(storesOf(metered, apart));
    const windowUnits = meter.read().unitsByTable.get(apart.windows) ?? 0;
    const windowBytes = await bytesOfWindow(client, apart.windows);
    const claimUnits = await unitsOfClaim(metered, local);
    return { windowUnitsPerCharge: windowUnits / COPIES, windowBytes, overflows, claimUnits };
  });
}

async function judgeOrder(stores: ReturnType<typeof storesOf>) {
  const world = { ...detectionContext(configuration({ detectors: [SAME_ORDER] })), ...stores };
  const charges = Array.from({ length: COPIES }, (_, at) => charge({ chargeId: `ch_${at}` }));
  let overflows = 0;
  for (let from = 0; from < COPIES; from += BATCH) {
    const batch = charges.slice(from, from + BATCH).map((of) => arrival(captured(of)));
    overflows += overflowsIn(await judgeAndRaise(batch, world));
  }
  return { world, overflows };
}

/** A cluster of this size waits for an approver, and is then claimed. */
async function unitsOfClaim(metered: DynamoDBClient, { client, meter }: Local): Promise<number> {
  const charges = await createTable(client, 'charges');
  const reservations = await createTable(client, 'reservations');
  const { world: judged } = await judgeOrder(storesOf(metered, { records: charges, windows: charges }));
  const world = {
    ...judged,
    claims: createClaimStore({ client: metered, charges, reservations, reservationDays: 400 }),
    attestedSince: async () => new Map(),
    approvalMacs: createMemoryApprovalMacs(),
    approverSums: createMemoryApproverSums(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
    wake: async () => 'woken' as const,
  };
  const attempt = { flagId: idOf(charge({ chargeId: 'ch_1' })), attempt: 0 };
  await hold({ ...attempt, waitsFor: ['suspect'], token: 'token' }, world);
  await approve({ flagId: attempt.flagId, by: 'ann', reason: 'a broken release' }, world);
  meter.reset();
  const { next } = await claim(attempt, world);
  if (next !== 'reverse') throw new Error(`bug: the claim answered ${next}`);
  return meter.read().writeUnits;
}
