import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createClaimStore } from '../../adapters/dynamodb/claim-store.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createMemoryApprovalMacs } from '../../adapters/memory/approval-macs.ts';
import { createMemoryApproverSums } from '../../adapters/memory/approver-sums.ts';
import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../adapters/memory/lag-store.ts';
import { claim } from '../../core/refunds/claim.ts';
import { approve } from '../../core/refunds/decide-hold.ts';
import { hold } from '../../core/refunds/hold.ts';
import { arrival, captured, charge } from '../fixtures/charges.ts';
import { configuration, SAME_ORDER } from '../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../fixtures/contexts.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { idOf } from '../fixtures/views.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

/** Asks DynamoDB for what each transaction has consumed. */
function meterTransactions(client: DynamoDBClient, note: (units: number) => void): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (asked) => {
        if (commandName !== 'TransactWriteItemsCommand') return next(asked);
        const answered = await next({ ...asked, input: { ...asked.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity } = consumedSchema.parse(answered.output);
        note(ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0));
        return answered;
      },
    { step: 'initialize', name: METER },
  );
}

const METER = 'meterTransactions';
const consumedSchema = z.object({ ConsumedCapacity: z.array(z.object({ CapacityUnits: z.number() })) });

/** The write units of one claim in an order of so many copies. */
async function unitsOfClaim(copies: number): Promise<number> {
  const { client } = dynamodb;
  const table = await createTable(client, 'charges');
  const reservations = await createTable(client, 'reservations');
  const runtime = { random: () => 0.5, sleep: async () => {} };
  const world = {
    ...detectionContext(configuration({ detectors: [SAME_ORDER] })),
    records: createRecordStore({ client, table, ...runtime }),
    windows: createWindowStore({ client, table, ...runtime }),
    claims: createClaimStore({ client, charges: table, reservations, reservationDays: 400 }),
    attestedSince: async () => new Map(),
    approvalMacs: createMemoryApprovalMacs(),
    approverSums: createMemoryApproverSums(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
    wake: async () => 'woken' as const,
  };
  const charges = Array.from({ length: copies }, (_, at) => charge({ chargeId: `ch_${at}` }));
  await judgeAndRaise(
    charges.map((of) => arrival(captured(of))),
    world,
  );
  const attempt = { flagId: idOf(charge({ chargeId: 'ch_1' })), attempt: 0 };
  await hold({ ...attempt, waitsFor: ['suspect'], token: 'token' }, world);
  await approve({ flagId: attempt.flagId, by: 'ann', reason: 'a broken release' }, world);
  let units = 0;
  meterTransactions(client, (consumed) => {
    units = consumed;
  });
  expect(await claim(attempt, world)).toMatchObject({ next: 'reverse' });
  client.middlewareStack.remove(METER);
  return units;
}

describe('the units of a claim, as DynamoDB Local reports them', () => {
  // It counts a check as a read of the item, and AWS as a write: decision 1002 has both figures.
  it.each([
    [2, 4],
    [400, 30],
  ])('in an order of %d copies are at most %d: the check of the window pays for all of it', async (copies, units) => {
    expect(await unitsOfClaim(copies)).toBeLessThanOrEqual(units);
  });
});
