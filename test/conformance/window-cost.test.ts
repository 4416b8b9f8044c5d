import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { measureHonestKey, measureHotOrder } from '../../bench/growth.ts';
import { type Meter, startMeter } from '../../bench/meter.ts';
import { asFingerprint } from '../../core/brands.ts';
import { emptyWindow } from '../../core/detection/charge-window.ts';
import { file } from '../../core/detection/window-transitions.ts';
import { charge, HOUR, START_MS } from '../fixtures/charges.ts';
import { detector } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { idOf } from '../fixtures/views.ts';

let dynamodb: DynamoDbLocal;
let meter: Meter;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
  meter = await startMeter(dynamodb.endpoint);
});
afterAll(async () => {
  await meter?.close();
  await dynamodb?.stop();
});

describe('the write units of windows that grow', () => {
  it('are at most 4 a charge, its record included, for a key with a charge each hour', async () => {
    const key = { name: 'hourly', everyMs: HOUR, charges: 60 };
    const { maxUnits, overflows } = await measureHonestKey(key, { ...dynamodb, meter });
    expect({ isCheap: maxUnits <= 4, maxUnits, overflows }).toMatchObject({ isCheap: true, overflows: 0 });
  });

  it('are at most 2 a charge for an order of 400 in batches of 100, and 110 for a claim on it', async () => {
    const { windowUnitsPerCharge, claimUnits, overflows } = await measureHotOrder({ ...dynamodb, meter });
    expect(overflows).toBe(0);
    expect(windowUnitsPerCharge).toBeLessThanOrEqual(2);
    expect(claimUnits).toBeLessThanOrEqual(110);
  });
});

/** A window of originals that takes more than 1 KB. */
function largeWindow() {
  const sameOrder = detector('same-order');
  let window = emptyWindow('same-order', asFingerprint('same-order#1#large'));
  for (let at = 0; at < 20; at++) {
    const of = charge({ chargeId: `ch_${at}` });
    const when = { timeMs: START_MS, seenMs: START_MS, nowMs: START_MS };
    const filing = { id: idOf(of), same: `same ${at}`, payer: undefined, isKnown: false, ...when };
    window = file(window, sameOrder, filing).window;
  }
  return window;
}

describe('the window store', () => {
  it('does not ask DynamoDB to refuse the insert of a large window that it has written', async () => {
    const { client } = dynamodb;
    const table = await createTable(client, 'charges');
    const asked: string[] = [];
    const noting = { name: 'noting', step: 'initialize' } as const;
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (request) => {
          asked.push(commandName);
          return next(request);
        },
      noting,
    );
    const store = createWindowStore({ client, table, random: () => 0.5, sleep: async () => {} });
    const window = largeWindow();
    expect(await store.insertWindows([window])).toEqual(['inserted']);
    expect(await store.insertWindows([window])).toEqual(['exists']);
    client.middlewareStack.remove('noting');
    expect(asked).toEqual(['BatchExecuteStatementCommand']);
  });

  it('lets a large window that has expired from the table be written anew', async () => {
    const { client } = dynamodb;
    const table = await createTable(client, 'charges');
    const store = createWindowStore({ client, table, random: () => 0.5, sleep: async () => {} });
    const window = largeWindow();
    await store.insertWindows([window]);
    await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: window.fingerprint } } }));
    expect(await store.insertWindows([window])).toEqual(['exists']);
    expect(await store.readWindows([window.fingerprint], START_MS)).toEqual([{ window: undefined, version: 0 }]);
    expect(await store.replaceWindow(window, 0)).toBe('replaced');
  });
});
