import { expect, it } from 'vitest';
import { createQuarantineCounter } from '../../../local/count-quarantined.ts';
import { floodWorld } from '../../fixtures/flood-world.ts';
import { quarantinedItem } from '../../fixtures/quarantined.ts';
import { wireEvent } from '../../fixtures/wire-events.ts';
import { range } from '../incidents/histories.ts';

const broken = (n: number) => wireEvent({ id: `evt_${n}`, data: { merchant: undefined } });

it('counts each refused record of a run once, also where it is stored with others or listed twice', async () => {
  const world = floodWorld();
  let lists = 0;
  const index = {
    list: async function* () {
      lists += 1;
      for (const { arrivedMs: _, ...record } of world.listed) yield quarantinedItem(record);
    },
  };
  const count = createQuarantineCounter({
    countItems: async () => world.listed.length,
    index,
    bytesOf: async ({ objectKey }) => world.objects.get(objectKey)?.bytes ?? new Uint8Array(),
  });
  expect(await count()).toBe(0);
  await world.send(range(200).map(broken));
  expect([await count(), await count()]).toEqual([200, 200]);
  await world.send(range(250).map(broken).slice(50));
  expect([await count(), await count(), lists]).toEqual([250, 250, 2]);
});
