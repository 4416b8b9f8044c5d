import type { ChargeView } from '../detection/charge-view.ts';

/** The windows that a refund is judged on. */
export interface EvidenceFacts {
  /** The window whose detector decides over the flag, with its records. */
  readonly view: ChargeView;
  /** The window of the charge's order, where another detector decides. `gone`: it has expired, or none was ever kept. */
  readonly orderView: ChargeView | 'gone' | undefined;
}
