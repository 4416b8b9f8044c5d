import type { Configuration } from '../../core/configuration/configuration.ts';
import type { Outflow } from '../../core/refunds/outflow.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { HOUR } from '../fixtures/charges.ts';

/**
 * Returns why a refund passes the cap of the hour in which it was counted; undefined where it does not. The call may come
 * a moment after that hour, so the hour of the count is the one that is summed up.
 */
export function beyondCap(
  { idempotencyKey, refundMinor }: Pick<ReversalRequest, 'idempotencyKey' | 'refundMinor'>,
  outflows: readonly Outflow[],
  deployed: readonly Configuration[],
): string | undefined {
  const own = outflows.find(({ name }) => name === idempotencyKey);
  if (own?.refundMinor !== refundMinor) return `${refundMinor}, and ${own?.refundMinor} is counted`;
  const hourOf = ({ nowMs }: Outflow) => Math.floor(nowMs / HOUR);
  const ofHour = outflows.filter((each) => hourOf(each) === hourOf(own) && each.currency === own.currency);
  const sumMinor = ofHour.reduce((sum, each) => sum + each.refundMinor, 0);
  const caps = deployed.map(({ refunds }) => refunds.capPerHourMinor.total[own.currency] ?? Number.POSITIVE_INFINITY);
  return sumMinor > Math.max(...caps) ? `${sumMinor} in an hour` : undefined;
}
