import { randomBytes } from 'node:crypto';
import type { Charge } from '../../core/events/payment-event.ts';
import { ownProcessor } from './own-processors.ts';

/** One payment event as it is on the wire. */
export type Wire = Readonly<Record<string, unknown>>;

/** Payer, merchant and order of one test: no other test's charges can meet them. */
export interface Story {
  readonly merchant: string;
  readonly payer: string;
  readonly order: string;
  /** A charge of 129.00 yuan for the story's order; a test says what matters to it. */
  charge(label: string, shows?: Partial<Charge>): Charge;
}

/**
 * @param ownProcessor keeps the story's case apart from the burst that all stories together are: an incident of the
 *   processor that they share would speak for its single alerts.
 */
export function newStory({ ownProcessor: isOwn = false } = {}): Story {
  const token = randomBytes(6).toString('hex');
  const source = isOwn ? ownProcessor() : '/processors/wallet';
  const story = { merchant: `m_${token}`, payer: `p_${token}`, order: `o_${token}` };
  return {
    ...story,
    charge: (label, shows) => ({
      source,
      chargeId: `ch_${token}_${label}`,
      ...story,
      amountMinor: 12_900,
      currency: 'CNY',
      ...shows,
    }),
  };
}

export function captured(charge: Charge): Wire {
  return chargeEvent('charge.captured', charge);
}

export function voided(charge: Charge): Wire {
  return chargeEvent('charge.voided', charge);
}

export function closedUnpaid({ source, merchant, order }: Charge): Wire {
  return { ...envelope('order.closed', source), data: { merchant, order, outcome: 'unpaid' } };
}

function chargeEvent(type: string, { source, amountMinor, currency, ...data }: Charge): Wire {
  return { ...envelope(type, source), data: { ...data, amount: { value: amountMinor, currency } } };
}

function envelope(type: string, source: string): Wire {
  const id = `evt_${randomBytes(6).toString('hex')}`;
  return { specversion: '1.0', id, source, type, time: new Date().toISOString() };
}
