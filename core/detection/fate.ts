import { type ChargeRecord, type Claim, isDisputed, isRefundedByOthers, isReleased } from './charge-record.ts';
import { isKept } from './charge-view.ts';
import type { ChargeWindow } from './charge-window.ts';

/** What has become of a charge, as people say it. A record does not keep voids and failures apart. */
export const FATES = {
  unseen: 'is not known',
  standing: 'stands',
  released: 'was voided or failed',
  'refunded-by-others': 'was refunded by others',
  'won-by-payer': 'went back to the payer in a dispute',
  disputed: 'is disputed',
  kept: 'was kept by a person',
  claimed: 'is being refunded',
  refunded: 'was refunded',
  'reversed-externally': 'was returned by others before our refund',
} as const;
export type Fate = keyof typeof FATES;

/** A cluster may hold hundreds of charges; a sentence names only the first few. */
const NAMED_MAX = 3;

/** Names a few of them, and how many more there are. */
export function named(charges: readonly string[]): string {
  const more = charges.length - NAMED_MAX;
  return `${charges.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** In the order in which a claim is denied: what others did to the charge says more than what we did. */
export function fateOf(record: ChargeRecord, window: ChargeWindow): Fate {
  const answer = answerOf(record);
  if (answer === 'reversed-externally') return answer;
  if (record.dispute?.wonBy === 'payer') return 'won-by-payer';
  if (isReleased(record)) return isRefundedByOthers(record) ? 'refunded-by-others' : 'released';
  if (isDisputed(record)) return 'disputed';
  if (isKept(record, window)) return 'kept';
  return answer ?? 'standing';
}

/** What a denial or a failure leaves behind is a charge that stands. */
export function answerOf({ ours }: ChargeRecord): Extract<Fate, Claim['state']> | undefined {
  return ours === undefined || ours.state === 'denied' || ours.state === 'failed' ? undefined : ours.state;
}
