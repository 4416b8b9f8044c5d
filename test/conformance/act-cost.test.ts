import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { meterActs } from '../../bench/act-costs.ts';
import { LAMBDA_ENVIRONMENT } from '../../bench/bundle.ts';
import { type Meter, startMeter } from '../../bench/meter.ts';
import { loadVersion } from '../../bench/versions.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';

let dynamodb: DynamoDbLocal;
let meter: Meter;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
  meter = await startMeter(dynamodb.endpoint);
  for (const [name, value] of Object.entries(LAMBDA_ENVIRONMENT)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', meter.endpoint);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await meter?.close();
  await dynamodb?.stop();
});

// Detection reports its lag in the same table now and then: a part of a unit for each charge.
it('a clean charge costs 2 write units, a duplicate 3, the refund of a pair at most 10, flags and cases aside', async () => {
  const version = await loadVersion(dynamodb.client, { name: 'this version' });
  const { charge, duplicate, refund } = await meterActs(version, { ...dynamodb, meter });
  expect(charge.insertUnits).toBe(2);
  expect(Math.floor(duplicate.writeUnitsOnCharges)).toBe(3);
  expect(refund.writeUnitsOnCharges).toBeLessThanOrEqual(10);
}, 300_000);
