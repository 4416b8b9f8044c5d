import { expect, it } from 'vitest';
import { START_MS } from '../../fixtures/charges.ts';
import { newTown, ofKind } from './town.ts';

const CONTRADICTION = {
  source: '/processors/wallet',
  merchant: "m 1's",
  attestation: 'closings',
  order: 'o_7',
  atMs: START_MS,
} as const;

it('alerts a suspension once, with the command that ends it', async () => {
  const town = newTown();
  await town.suspensions.suspend(CONTRADICTION, town.nowMs());
  await town.keep();
  await town.keep();
  const since = new Date(START_MS).toISOString();
  expect(ofKind(town, 'attestation-suspended')).toMatchObject([
    {
      severity: 'critical',
      alertId: `attestation-suspended:/processors/wallet:m 1's:closings:${since}`,
      order: 'o_7',
      command:
        "npx onecharge attestations restore --source /processors/wallet --merchant 'm 1'\\''s' --attestation closings --reason TEXT",
    },
  ]);
});

it('sends the same alert again where a run died before it was marked', async () => {
  const town = newTown();
  await town.suspensions.suspend(CONTRADICTION, town.nowMs());
  expect(await town.keep(1)).toBe('killed');
  await town.keep();
  const ids = ofKind(town, 'attestation-suspended').map(({ alertId }) => alertId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

it('alerts a suspension that begins anew after a restoration', async () => {
  const town = newTown();
  const { source, merchant, attestation } = CONTRADICTION;
  await town.suspensions.suspend(CONTRADICTION, town.nowMs());
  await town.keep();
  town.pass(60_000);
  await town.suspensions.restore({ source, merchant, attestation, by: 'ann', reason: 'a wrong feed' }, town.nowMs());
  town.pass(60_000);
  await town.suspensions.suspend({ ...CONTRADICTION, order: 'o_8', atMs: town.nowMs() }, town.nowMs());
  await town.keep();
  expect(ofKind(town, 'attestation-suspended').map(({ order }) => order)).toEqual(['o_7', 'o_8']);
});
