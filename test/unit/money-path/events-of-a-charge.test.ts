import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { captured, charge, disputed, MINUTE, refunded, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { bytesOf } from '../../fixtures/wire-events.ts';

const one = charge({ chargeId: 'one', part: 'deposit', instrument: 'tok_1' });
const two = charge({ chargeId: 'two', part: 'deposit', instrument: 'tok_1' });
const later = { timeMs: START_MS + MINUTE };

describe('an event that repeats its charge incompletely or wrongly', () => {
  it.each<[string, Partial<typeof one>]>([
    ['lacks the order', { order: undefined }],
    ['lacks every optional field', { order: undefined, part: undefined, instrument: undefined, payer: undefined }],
    ['tells another amount', { amountMinor: 5_000 }],
    ['tells another currency', { currency: 'JPY' }],
    ['tells another merchant', { merchant: 'm_9' }],
  ])('reaches the charge all the same, and the only standing one stays: it %s', async (_, wrong) => {
    const events = [voided({ ...one, ...wrong }, later), disputed({ ...one, ...wrong }, 'open', later)];
    for (const event of [...events, refunded({ ...one, ...wrong }, one.amountMinor, later)]) {
      const world = refundWorld(configuration());
      await world.deliver(captured(one), captured(two), event);
      expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'no-surplus' });
      expect(world.refunds.size).toBe(0);
    }
  });

  it('reaches a charge whose capture comes later', async () => {
    const world = refundWorld(configuration());
    await world.deliver(voided({ ...one, order: undefined, amountMinor: 1 }, later), captured(one), captured(two));
    expect(world.cases.allFlags()).toEqual([]);
  });
});

it.each([
  ['charge.voided', {}],
  ['charge.failed', {}],
  ['charge.refunded', { refundedTotal: 1_290 }],
  ['charge.disputed', { open: true }],
])('%s needs no more than the charge and its own facts', (type, own) => {
  const time = new Date(START_MS).toISOString();
  const event = { specversion: '1.0', id: 'evt_1', source: WALLET, type, time, data: { chargeId: 'ch_1', ...own } };
  expect(parseEvent(bytesOf(event), START_MS, configuration())).toMatchObject({ kind: 'event' });
});
