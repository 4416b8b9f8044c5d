import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeRef } from '../../core/events/payment-event.ts';

/** A promise of the design that does not hold. */
export class BrokenPromise extends Error {
  readonly promise: string;
  constructor(promise: string, what: string) {
    super(`${promise}: ${what}`);
    this.promise = promise;
  }
}

/** One write of an item. */
export interface Written<Item> {
  /** Undefined when there was none, or an expired one. */
  readonly before: Item | undefined;
  readonly after: Item;
}

/** The record that the store has under an id; undefined when it has none. */
export type RecordOf = (id: string) => ChargeRecord | undefined;

export function named({ source, chargeId }: ChargeRef): string {
  return `${source} ${chargeId}`;
}

export interface OrderRef {
  readonly source: string;
  readonly merchant: string;
  readonly order: string;
}

/** Names an order within the namespace of its source. */
export function orderKey({ source, merchant, order }: OrderRef): string {
  // Only Acme is alone with its tokens.
  return JSON.stringify([source === '/processors/acme', merchant, order]);
}
