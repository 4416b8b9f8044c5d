import { wireEvent } from '../../fixtures/wire-events.ts';

const money = { value: 12_900, currency: 'CNY' };
const marks = { livemode: true, test: false };
/** What nothing reads: under the names of other types of event too. */
const more = { Amount: money, amount2: money, payer_id: 'p_1', remark: 'gift' };
const charge = { payment: 'pi_1', ...marks, ...more };

/** One event of each type with every field that it may have, and fields that no schema names. */
export const EVERY_FIELD: readonly Readonly<Record<string, unknown>>[] = [
  wireEvent({ ...marks, remark: 'gift', data: { ...charge, orderTotal: money } }),
  wireEvent({ type: 'charge.failed', ...marks, data: charge }),
  wireEvent({ type: 'charge.voided', ...marks, data: charge }),
  wireEvent({ type: 'charge.adjusted', ...marks, data: charge }),
  wireEvent({
    type: 'charge.refunded',
    ...marks,
    data: {
      ...charge,
      refundId: 're_1',
      refundAmount: 100,
      refundedTotal: 100,
      refundStatus: 'failed',
      reference: 'f',
    },
  }),
  wireEvent({ type: 'charge.refunded', data: { ...charge, refundId: 're_1', refundAmount: 100 } }),
  wireEvent({ type: 'charge.disputed', ...marks, data: { ...charge, open: false, wonBy: 'payer' } }),
  {
    specversion: '1.0',
    id: 'evt_2',
    source: '/processors/wallet',
    type: 'order.closed',
    time: '2024-11-11T01:12:03.120Z',
    ...marks,
    data: { merchant: 'm_9', order: 'o_5', outcome: 'unpaid', total: money, ...marks, ...more },
  },
];
