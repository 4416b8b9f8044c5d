import { expect, it } from 'vitest';
import { captured, charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

/** Two captures of one order in each currency, under a registry that names some of the currencies. */
async function waitsIn(currencies: readonly string[] | undefined, limitMinor: Readonly<Record<string, number>> = {}) {
  const sources = { [WALLET]: { ...SOURCE, ...(currencies !== undefined && { currencies }) } };
  const world = refundWorld(configuration({ sources, refunds: { limitMinor } }));
  const one = charge({ chargeId: 'one', currency: 'JPY' });
  await world.deliver(captured(one), captured({ ...one, chargeId: 'two' }));
  const flag = await world.work('two');
  return flag.status === 'held' ? flag.wait.waitsFor : flag.status;
}

it('refunds a currency that the registry names', async () => {
  expect(await waitsIn(['CNY', 'JPY'])).toBe('refunded');
});

it('refunds any currency where the registry names none', async () => {
  expect(await waitsIn(undefined)).toBe('refunded');
});

it('waits for the limit in a currency that the registry leaves out, whatever the limit', async () => {
  expect(await waitsIn(['CNY'], { JPY: 1_000_000 })).toEqual(['limit']);
});

it('waits for the limit above it', async () => {
  expect(await waitsIn(['JPY'], { JPY: 12_899 })).toEqual(['limit']);
  expect(await waitsIn(['JPY'], { JPY: 12_900 })).toBe('refunded');
});
