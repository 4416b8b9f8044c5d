import type { StageSettings } from './settings.ts';

/** States that a refund passes through: its common way, and once through a hold. A test counts them in the machine. */
export const TRANSITIONS_PER_REFUND = 12;
/** Retries, outcomes that are asked again, and the account's other state machines share the quotas. */
const OUR_SHARE = 0.8;

/**
 * Workflows that each of those who start may start or wake in a second: so many dispatchers as there may be, and the
 * sweep. Together they stay below the quotas, whatever the shards of the stream.
 */
export function startsPerSecondEach({ quotas, dispatchersMax }: StageSettings['refunds']): number {
  const together = OUR_SHARE * Math.min(quotas.startsPerSecond, quotas.transitionsPerSecond / TRANSITIONS_PER_REFUND);
  return together / (dispatchersMax + 1);
}
