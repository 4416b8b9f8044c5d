import type { PaymentEvent } from './payment-event.ts';

/** Kinesis takes no longer one. */
const LENGTH_MAX = 256;

/**
 * Returns the key by which an event is assigned to a shard: the payer, so that a payer's charges arrive in order. Without one
 * it is the order, then the charge. Correctness never rests on it.
 */
export function partitionKeyOf(event: PaymentEvent): string {
  return keyOf(event).slice(0, LENGTH_MAX);
}

function keyOf(event: PaymentEvent): string {
  if (event.kind === 'order.closed') return `${event.merchant}/${event.order}`;
  const { payer, merchant, order, chargeId } = event.charge;
  return payer ?? (merchant === undefined || order === undefined ? chargeId : `${merchant}/${order}`);
}
