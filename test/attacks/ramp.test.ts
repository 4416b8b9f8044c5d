import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAttestedSince, noteAttestations } from '../../adapters/dynamodb/attested-since.ts';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import type { Attestation } from '../../core/events/source.ts';
import { AMOUNT_MINOR, DAY, WALLET } from '../fixtures/charges.ts';
import { SOURCE } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { movedMinor, nightOf, workAll } from './stolen-night.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb.stop());

it('C28: a source that attests anew has no more than its bound of the day, however long it attested before', async () => {
  const { client } = dynamodb;
  const sources = { [WALLET]: { ...SOURCE, refundedPerDayMax: { CNY: 2 * AMOUNT_MINOR } } };
  const uncapped = { budgetPerHourMinor: {}, capPerHourMinor: {} };
  const world = await nightOf(5, uncapped, { sources });
  const on = { client, table: await createTable(client, 'charges') };
  const runtime = { random: world.random, sleep: world.sleep };
  Object.assign(world, {
    attestedSince: createAttestedSince(on),
    budgets: createBudgets({ client, table: await createTable(client, 'controls'), ...runtime }),
  });
  const note = (attests: readonly Attestation[], atMs: number) =>
    noteAttestations([{ id: WALLET, attests: new Set(attests) }], { ...on, nowMs: () => atMs });
  await note(['single-charge', 'totals'], world.nowMs() - 30 * DAY);
  await note([], world.nowMs() - DAY);
  await note(['single-charge', 'totals'], world.nowMs());
  const ends = await workAll(world, 5);
  expect(movedMinor(world)).toBe(2 * AMOUNT_MINOR);
  expect(ends.filter(({ status }) => status === 'held')).toHaveLength(3);
});
