import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createClaimStore } from '../../adapters/dynamodb/claim-store.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createReservationReader } from '../../adapters/dynamodb/reservation-reader.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createMemoryApprovalMacs } from '../../adapters/memory/approval-macs.ts';
import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../adapters/memory/lag-store.ts';
import { asCaseId } from '../../core/brands.ts';
import { verifyChain } from '../../core/cases/audit.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { Judgement } from '../../core/detection/judging.ts';
import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import { withMac } from '../../core/refunds/approval-macs.ts';
import { claim } from '../../core/refunds/claim.ts';
import { arrival, captured, charge, MINUTE, START_MS, voided } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../fixtures/contexts.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { idOf } from '../fixtures/views.ts';

const WORKERS = 32;
const ORDER = Array.from({ length: 400 }, (_, n) => charge({ chargeId: `ch_${n}`, payer: `p_${n % 3}` }));

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

/** Detection and claims on DynamoDB, whose workers wait between races as the deployed ones do. */
async function createWorld() {
  const { client } = dynamodb;
  const runtime = { random: Math.random, sleep: (ms: number) => wait(ms) };
  const charges = await createTable(client, 'charges');
  const reservations = await createTable(client, 'reservations');
  return {
    ...detectionContext(configuration({ detectors: [{ id: 'same-order', ...ONE_ORDER }] })),
    ...runtime,
    records: createRecordStore({ client, table: charges, ...runtime }),
    windows: createWindowStore({ client, table: charges, ...runtime }),
    claims: createClaimStore({ client, charges, reservations, reservationDays: 400 }),
    reservations: createReservationReader({ client, table: reservations }),
    cases: createCaseStore({ client, table: await createTable(client, 'cases') }),
    attestedSince: async () => new Map(),
    approvalMacs: createMemoryApprovalMacs(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
  };
}

const ONE_ORDER = {
  key: ['merchant', 'order'],
  orders: true,
  same: ['amount', 'currency', 'part'],
  window: '12h',
  lateness: '1h',
  retain: '15d',
  action: 'refund',
};

type World = Awaited<ReturnType<typeof createWorld>>;

/** Lets 32 workers share the work, each going on as soon as it is free. */
async function shared<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

async function recordsOf(world: World): Promise<readonly ChargeRecord[]> {
  const found = await world.records.readRecords(ORDER.map(idOf), START_MS);
  return found.flatMap(({ record }) => record ?? []);
}

function kindOf(judgement: Judgement): string {
  return judgement.kind === 'judged' ? (judgement.verdict?.kind ?? 'noted') : judgement.kind;
}

describe('32 workers on one order of 400 charges, on DynamoDB', () => {
  it('find one original, raise 399 flags, and never claim the last charge', { timeout: 600_000 }, async () => {
    const world = await createWorld();
    const deliver = (event: PaymentEvent) => judgeAndRaise([arrival(event)], world);
    const kinds: string[] = [];
    // A few charges a batch: little is folded, and every batch fights for the window.
    const batches: Charge[][] = Array.from({ length: 100 }, (_, at) => ORDER.slice(at * 4, at * 4 + 4));
    await shared(batches, async (batch) => {
      kinds.push(
        ...(
          await judgeAndRaise(
            batch.map((of) => arrival(captured(of))),
            world,
          )
        ).map(kindOf),
      );
    });
    expect(kinds.filter((kind) => kind === 'original')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(399);

    const flags = (await world.cases.readFlags(ORDER.map(idOf))).filter((flag): flag is Flag => flag !== undefined);
    expect(flags).toHaveLength(399);
    const caseId = asCaseId(flags[0]?.caseId ?? 'none');
    expect(await world.cases.readCase(caseId)).toMatchObject({ flags: 399, openings: 1 });
    expect(verifyChain(await world.cases.auditOf(caseId), world.digests)).toMatchObject({ kind: 'intact' });

    // The store's own promise, without the reasons to wait: every charge is claimed while others void what must stay.
    const [original, ...copies] = ORDER;
    const voids = [original, ...copies.slice(0, 40)].filter((of) => of !== undefined);
    await Promise.all([
      shared(flags, (flag) => claim({ flagId: flag.id, attempt: 0 }, approving(world))),
      shared(voids, (of) => deliver(voided(of, { timeMs: START_MS + MINUTE }))),
    ]);
    // A claim that was denied in the turmoil opens its flag again as long as there is surplus.
    for (let round = 0; round < 5; round++) {
      const now = (await world.cases.readFlags(flags.map(({ id }) => id))).filter((flag) => flag?.status === 'open');
      await shared(now, async (flag) => flag && claim({ flagId: flag.id, attempt: flag.attempt }, approving(world)));
    }

    const records = await recordsOf(world);
    const voidedIds = new Set(voids.map(idOf));
    expect(records).toHaveLength(400);
    expect(records.filter(({ releasedMs }) => releasedMs !== undefined)).toHaveLength(41);
    const standing = records.filter(({ id, ours }) => !voidedIds.has(id) && ours?.state !== 'claimed');
    expect(standing).toHaveLength(1);
    for (const { id, ours } of records.filter((record) => record.ours?.state === 'claimed')) {
      const reservation = await world.reservations.readReservation({ flagId: id, attempt: ours?.attempt ?? -1 });
      expect(reservation).toMatchObject({ amountMinor: 12_900 });
    }
  });
});

/** Every flag has the approval that a cluster of this size waits for. */
function approving(world: World): World {
  const vote = { by: 'ann', atMs: START_MS, reason: 'a broken release' };
  const readFlags: typeof world.cases.readFlags = async (ids) =>
    Promise.all(
      (await world.cases.readFlags(ids)).map(
        async (flag) => flag && { ...flag, approvals: [await withMac(vote, flag, world)] },
      ),
    );
  return { ...world, cases: { ...world.cases, readFlags } };
}
