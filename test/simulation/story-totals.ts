import type { Charge, Money } from '../../core/events/payment-event.ts';
import type { Random } from '../../scenario/random.ts';

/** What the events of one order say that it is to cost. */
export interface ToldTotals {
  /** On the capture of a charge; undefined where it names none. */
  readonly onCapture: (of: Charge) => number | undefined;
  readonly onClosing: () => Money | undefined;
}

export const NO_TOTALS: ToldTotals = { onCapture: () => undefined, onClosing: () => undefined };

/**
 * An order's total: of one charge, of several, or of none of them. In some orders the later charges name another one, which
 * is raised or lowered; a closing may name less than one charge, or another currency.
 */
export function drawTotals(charges: readonly Charge[], random: Random): ToldTotals {
  const first = charges[0]?.amountMinor ?? 100;
  const second = charges[1]?.amountMinor ?? 0;
  const anyTotal = () => random.pick([first, first, first, first + second, first + second, 150, 300]);
  const total = anyTotal();
  const changed = random.chance(0.25) ? { total: anyTotal(), from: random.integer(1, 3) } : undefined;
  const chance = random.pick([0, 0.5, 1]);
  return {
    onCapture: (of) => {
      if (!random.chance(chance)) return undefined;
      const isLater =
        changed !== undefined && charges.findIndex(({ chargeId }) => chargeId === of.chargeId) >= changed.from;
      // An event whose total is below its own charge is refused.
      return Math.max(of.amountMinor, isLater ? changed.total : total);
    },
    onClosing: () => {
      if (random.chance(0.4)) return undefined;
      const amountMinor = random.pick([total, total, changed?.total ?? total, anyTotal(), 50]);
      return { amountMinor, currency: random.chance(0.05) ? 'USD' : 'CNY' };
    },
  };
}
