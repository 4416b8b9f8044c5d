import { afterAll, beforeAll } from 'vitest';
import { createClaimStore } from '../../adapters/dynamodb/claim-store.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createReservationReader } from '../../adapters/dynamodb/reservation-reader.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createMemoryCharges } from '../../adapters/memory/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { chargesSuite } from './charges.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

chargesSuite('in memory', async () => createMemoryCharges());

chargesSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const charges = await createTable(client, 'charges');
  const reservations = await createTable(client, 'reservations');
  const table = { client, table: charges, random: Math.random, sleep: async () => {} };
  return {
    records: createRecordStore(table),
    windows: createWindowStore(table),
    claims: {
      ...createClaimStore({ client, charges, reservations, reservationDays: 400 }),
      ...createReservationReader({ client, table: reservations }),
    },
  };
});
