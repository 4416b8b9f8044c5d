import { expect, it } from 'vitest';
import type { PaymentEvent } from '../../../../core/events/payment-event.ts';
import { Processor } from '../../../../scenario/playback/processor.ts';
import {
  AMOUNT_MINOR,
  captured,
  charge,
  type DisputeState,
  disputed,
  failed,
  MINUTE,
  orderClosed,
  refunded,
  START_MS,
  voided,
} from '../../../fixtures/charges.ts';

const CHARGE = charge({ chargeId: 'ch_1' });
const AT = { timeMs: START_MS + MINUTE };

const NOW_MS = START_MS + 10 * MINUTE;

function processorWith(events: readonly PaymentEvent[], { nowMs = NOW_MS, arrivedMs = NOW_MS } = {}) {
  const processor = new Processor(() => nowMs);
  for (const event of events) processor.book(event, { arrivedMs, payment: undefined });
  return processor;
}

const requestOf = (of = CHARGE, key = 'flag-0', refundMinor: number = of.amountMinor) => ({
  charge: of,
  refundMinor,
  idempotencyKey: key,
  reference: key,
});

it('returns a capture once, however often one key is asked', async () => {
  const processor = processorWith([captured(CHARGE), orderClosed('paid')]);
  const first = await processor.reverse(requestOf());
  expect(first).toMatchObject({ kind: 'refunded' });
  expect(await processor.reverse(requestOf())).toEqual(first);
  expect(processor.returnedMinor(CHARGE)).toBe(AMOUNT_MINOR);
});

it('answers reversed-externally to a second key', async () => {
  const processor = processorWith([captured(CHARGE)]);
  await processor.reverse(requestOf());
  expect(await processor.reverse(requestOf(CHARGE, 'flag-1'))).toEqual({ kind: 'reversed-externally' });
  expect(processor.returnedMinor(CHARGE)).toBe(AMOUNT_MINOR);
});

it('knows a void before the stream tells it', async () => {
  const nowMs = START_MS + 2 * MINUTE;
  const processor = processorWith([captured(CHARGE), voided(CHARGE, AT)], { nowMs, arrivedMs: nowMs + MINUTE });
  expect(await processor.reverse(requestOf())).toEqual({ kind: 'reversed-externally' });
  expect(processor.returnedMinor(CHARGE)).toBe(0);
});

it('does not know a void that lies ahead', async () => {
  const processor = processorWith([captured(CHARGE), voided(CHARGE, { timeMs: START_MS + 20 * MINUTE })], {
    arrivedMs: START_MS + 20 * MINUTE,
  });
  expect(await processor.reverse(requestOf())).toMatchObject({ kind: 'refunded' });
});

it('knows a charge whose clock is ahead of its arrival', async () => {
  const ahead = captured(CHARGE, { timeMs: START_MS + 12 * MINUTE });
  expect(await processorWith([ahead]).reverse(requestOf())).toMatchObject({ kind: 'refunded' });
});

it('takes a failure that is older than the capture for an earlier attempt, in any order', async () => {
  for (const events of [
    [failed(CHARGE), captured(CHARGE, AT)],
    [captured(CHARGE, AT), failed(CHARGE)],
  ]) {
    expect(await processorWith(events).reverse(requestOf())).toMatchObject({ kind: 'refunded' });
  }
});

it('lets the failure hold on a tie', async () => {
  const processor = processorWith([captured(CHARGE), failed(CHARGE)]);
  expect(await processor.reverse(requestOf())).toEqual({ kind: 'reversed-externally' });
});

it('returns at most what others have left', async () => {
  const processor = processorWith([captured(CHARGE), refunded(CHARGE, 5_000, AT), refunded(CHARGE, 4_000, AT)]);
  expect(await processor.reverse(requestOf())).toMatchObject({ kind: 'failed' });
  expect(await processor.reverse(requestOf(CHARGE, 'flag-1', AMOUNT_MINOR - 5_000))).toMatchObject({
    kind: 'refunded',
  });
});

it.each<[string, readonly [DisputeState, number][], string]>([
  ['an open dispute', [['open', 1]], 'failed'],
  [
    'a dispute that the merchant won',
    [
      ['merchant', 2],
      ['open', 1],
    ],
    'refunded',
  ],
  [
    'a dispute that the payer won',
    [
      ['open', 1],
      ['payer', 2],
    ],
    'reversed-externally',
  ],
  [
    'two disputes at one time, of which the open one holds',
    [
      ['open', 1],
      ['payer', 1],
    ],
    'failed',
  ],
])('answers %2$s to %0$s', async (_, states, kind) => {
  const disputes = states.map(([state, minute]) => disputed(CHARGE, state, { timeMs: START_MS + minute * MINUTE }));
  expect(await processorWith([captured(CHARGE), ...disputes]).reverse(requestOf())).toMatchObject({ kind });
});

it('refuses a charge that it does not know', async () => {
  expect(await processorWith([]).reverse(requestOf())).toMatchObject({ kind: 'failed' });
  expect(await processorWith([voided(CHARGE)]).reverse(requestOf())).toMatchObject({ kind: 'failed' });
});

it('looks up each live capture as a movement of its own, as its first capture told it', async () => {
  const other = charge({ chargeId: 'pi_1', order: 'o_2' });
  const processor = processorWith([captured(CHARGE), captured(other)]);
  const [one, two] = [await processor.lookup(CHARGE), await processor.lookup(other)];
  expect(one).toMatchObject({ kind: 'found', order: 'o_1', refundableMinor: AMOUNT_MINOR });
  expect(two).toMatchObject({ kind: 'found', order: 'o_2', refundableMinor: AMOUNT_MINOR });
  expect(one).not.toMatchObject({ movement: two.kind === 'found' && two.movement });
  expect(await processor.lookup(charge({ chargeId: 'pi_2' }))).toEqual({ kind: 'not-found' });
});

it('takes two charges of one payment for one movement', async () => {
  const other = charge({ chargeId: 'pi_1' });
  const processor = new Processor(() => START_MS + MINUTE);
  for (const of of [CHARGE, other]) processor.book(captured(of), { arrivedMs: START_MS, payment: 'payment_1' });
  const looked = [await processor.lookup(CHARGE), await processor.lookup(other)];
  expect(new Set(looked.map((lookup) => lookup.kind === 'found' && lookup.movement)).size).toBe(1);
  expect(await processor.reverse(requestOf(other))).toMatchObject({ kind: 'refunded' });
  expect(await processor.reverse(requestOf(CHARGE, 'flag-1'))).toEqual({ kind: 'reversed-externally' });
  expect([processor.returnedMinor(other), processor.returnedMinor(CHARGE)]).toEqual([AMOUNT_MINOR, 0]);
});
