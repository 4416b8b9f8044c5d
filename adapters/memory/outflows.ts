import { HOUR_MS } from '../../core/clock-units.ts';
import { isSameRefund, type Outflow, type Outflows } from '../../core/refunds/outflow.ts';

export type MemoryOutflows = Outflows & { all(): readonly Outflow[] };

/** Outflows in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryOutflows(): MemoryOutflows {
  const counted = new Map<string, Outflow>();
  const answerTo = (outflow: Outflow) => {
    const { name, merchant, currency, refundMinor, ...of } = outflow;
    const known = counted.get(name);
    if (known !== undefined) return isSameRefund(known, outflow) ? 'counted' : 'differs';
    const hour = Math.floor(of.nowMs / HOUR_MS);
    const inHour = (one: Outflow) => Math.floor(one.nowMs / HOUR_MS) === hour && one.currency === currency;
    const ofMerchant = sumOf((one) => inHour(one) && one.merchant === merchant) + refundMinor;
    const isBeyond =
      ofMerchant > (of.merchantMaxMinor ?? Number.POSITIVE_INFINITY) ||
      sumOf(inHour) + refundMinor > (of.totalMaxMinor ?? Number.POSITIVE_INFINITY);
    return isBeyond ? 'beyond-cap' : 'room';
  };
  const sumOf = (isSame: (one: Outflow) => boolean) =>
    [...counted.values()].filter(isSame).reduce((sum, { refundMinor }) => sum + refundMinor, 0);
  return {
    all: () => [...counted.values()],
    isCounted: async (outflow) => answerTo(outflow) === 'counted',
    hasRoom: async (outflow) => answerTo(outflow) !== 'beyond-cap',
    countOutflow: async (outflow) => {
      const answer = answerTo(outflow);
      if (answer !== 'room') return answer;
      counted.set(outflow.name, outflow);
      return 'counted';
    },
  };
}
