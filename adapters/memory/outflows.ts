import { HOUR_MS } from '../../core/clock-units.ts';
import type { Outflow, Outflows } from '../../core/refunds/outflow.ts';

/** Outflows in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryOutflows(): Outflows & { all(): readonly Outflow[] } {
  const counted = new Map<string, Outflow>();
  const sumOf = (isSame: (one: Outflow) => boolean) =>
    [...counted.values()].filter(isSame).reduce((sum, { refundMinor }) => sum + refundMinor, 0);
  return {
    all: () => [...counted.values()],
    countOutflow: async (outflow) => {
      const { name, merchant, currency, refundMinor, merchantMaxMinor, totalMaxMinor, nowMs } = outflow;
      const known = counted.get(name);
      if (known !== undefined) {
        const isSame = known.merchant === merchant && known.currency === currency && known.refundMinor === refundMinor;
        return isSame ? 'counted' : 'differs';
      }
      const hour = Math.floor(nowMs / HOUR_MS);
      const inHour = (one: Outflow) => Math.floor(one.nowMs / HOUR_MS) === hour && one.currency === currency;
      const ofMerchant = sumOf((one) => inHour(one) && one.merchant === merchant) + refundMinor;
      if (merchantMaxMinor !== undefined && ofMerchant > merchantMaxMinor) return 'beyond-cap';
      if (totalMaxMinor !== undefined && sumOf(inHour) + refundMinor > totalMaxMinor) return 'beyond-cap';
      counted.set(name, outflow);
      return 'counted';
    },
  };
}
