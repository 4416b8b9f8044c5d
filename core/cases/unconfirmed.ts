/** What keeps the processor's own record from confirming a refund: docs/holds.md. */
export const UNCONFIRMED_FACTS = [
  'one-movement',
  'counted-twice',
  'not-found',
  'other-amount',
  'other-merchant',
  'merchant-unknown',
  'other-order',
  'other-payer',
  'nothing-to-compare',
  'too-little-left',
  'no-survivor',
  'cannot-look-up',
  'no-answer',
] as const;

/** Which charge's record does not confirm the refund, and why. */
export interface Unconfirmed {
  readonly fact: (typeof UNCONFIRMED_FACTS)[number];
  readonly chargeId: string;
}

/** Returns what the record says, as a clause in English. */
export function explainUnconfirmed({ fact, chargeId }: Unconfirmed): string {
  switch (fact) {
    case 'one-movement':
      return `the processor has one movement of money for this charge and ${chargeId}`;
    case 'counted-twice':
      return `the processor has one movement of money for ${chargeId} and another charge that must remain`;
    case 'not-found':
      return `the processor does not know ${chargeId}`;
    case 'other-amount':
      return `the processor's record of ${chargeId} has another amount or currency`;
    case 'other-merchant':
      return `the processor's record of ${chargeId} has another merchant`;
    case 'merchant-unknown':
      return `the processor's record of ${chargeId} names no merchant`;
    case 'other-order':
      return `the processor's record of ${chargeId} has another order`;
    case 'other-payer':
      return `the processor's record of ${chargeId} has another payer`;
    case 'nothing-to-compare':
      return `neither order nor payer of ${chargeId} can be compared with the processor's record`;
    case 'too-little-left':
      return `the processor holds less of ${chargeId} than the refund counts on`;
    case 'no-survivor':
      return `no other charge stands beside ${chargeId}`;
    case 'cannot-look-up':
      return `the gateway of ${chargeId} cannot look up charges`;
    case 'no-answer':
      return `the processor has not answered what it knows of ${chargeId}`;
  }
}
