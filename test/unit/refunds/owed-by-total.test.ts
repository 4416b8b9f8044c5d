import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { captured, charge, MINUTE, orderClosed, refunded, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const NUM_RUNS = Number(process.env.ONECHARGE_PROPERTY_RUNS ?? 2_000);
const IDS = ['ch_1', 'ch_2', 'ch_3', 'ch_4', 'ch_5'] as const;

const step = fc.record({
  kind: fc.constantFrom('capture', 'capture', 'capture', 'void', 'return', 'total'),
  which: fc.nat(IDS.length - 1),
  totalMinor: fc.constantFrom(undefined, 100, 200, 250, 300),
});
const charges = fc.tuple(
  ...IDS.map((chargeId) =>
    fc.record({
      chargeId: fc.constant(chargeId),
      amountMinor: fc.constantFrom(100, 100, 50),
      payment: fc.constantFrom(undefined, undefined, 'pi_1'),
      part: fc.constantFrom(undefined, undefined, 'deposit'),
    }),
  ),
);
const attests = fc.constantFrom<readonly string[]>(['single-charge'], ['totals'], ['single-charge', 'totals']);

/** What is known of one charge, kept apart from the product. */
interface Known {
  readonly amountMinor: number;
  readonly payment: string | undefined;
  readonly part: string | undefined;
  /** A capture that is sent again later overrules it. */
  voided?: boolean;
  ours?: boolean;
  returnedMinor: number;
}

/** The order as a bookkeeper has it: events come in the order of their times, so the last word holds. */
class Books {
  readonly #known = new Map<string, Known>();
  totalMinor: number | undefined;

  capture(id: string, { amountMinor, payment, part }: Pick<Known, 'amountMinor' | 'payment' | 'part'>): void {
    const known = this.#known.get(id) ?? { amountMinor, payment, part, returnedMinor: 0 };
    this.#known.set(id, { ...known, voided: false });
  }

  change(id: string, change: (known: Known) => void): void {
    const known = this.#known.get(id);
    if (known !== undefined) change(known);
  }

  /** What would stand without one charge, one payment told under several ids once. */
  without(id: string): readonly Known[] {
    const payments = new Set<string>();
    const own = this.#known.get(id);
    if (own?.payment !== undefined) payments.add(own.payment);
    return [...this.#known].flatMap(([other, known]) => {
      if (other === id || (known.payment !== undefined && payments.has(known.payment))) return [];
      if (known.payment !== undefined) payments.add(known.payment);
      const twins = [...this.#known.values()].filter(
        (one) => one === known || (known.payment && one.payment === known.payment),
      );
      const returnedMinor = Math.max(...twins.map((one) => one.returnedMinor));
      const isGone = twins.some((one) => one.voided || one.ours) || returnedMinor >= known.amountMinor;
      return isGone ? [] : [{ ...known, amountMinor: known.amountMinor - returnedMinor }];
    });
  }

  of(id: string): Known | undefined {
    return this.#known.get(id);
  }
}

it('never leaves an order below its total, nor a cluster without a charge, and refunds each charge once', async () => {
  await fc.assert(
    fc.asyncProperty(
      charges,
      attests,
      fc.array(step, { minLength: 3, maxLength: 14 }),
      async (all, attested, steps) => {
        const entry = { gateway: 'sandbox', tells: ['charge.*', 'order.closed'], merchants: 'all', signing: 'stream' };
        const world = refundWorld(
          configuration({ sources: { '/processors/wallet': { ...entry, attests: attested } } }),
        );
        const books = new Books();
        for (const [at, { kind, which, totalMinor }] of steps.entries()) {
          const of = charge(all[which]!); // `which` is an index of them
          const timeMs = START_MS + at * MINUTE;
          world.clock.nowMs = timeMs;
          await world.deliver(...eventsOf(kind, { of, timeMs, totalMinor }));
          if (kind === 'capture')
            books.capture(of.chargeId, { amountMinor: of.amountMinor, payment: of.payment, part: of.part });
          if (kind === 'void') books.change(of.chargeId, (known) => Object.assign(known, { voided: true }));
          if (kind === 'return') books.change(of.chargeId, (known) => Object.assign(known, { returnedMinor: 30 }));
          if ((kind === 'capture' || kind === 'total') && totalMinor !== undefined) {
            if (kind === 'total' || totalMinor >= of.amountMinor) books.totalMinor = totalMinor;
          }
          await refundAll(world, books);
        }
      },
    ),
    { numRuns: NUM_RUNS },
  );
}, 600_000);

function eventsOf(
  kind: string,
  { of, timeMs, totalMinor }: { of: ReturnType<typeof charge>; timeMs: number; totalMinor: number | undefined },
): readonly PaymentEvent[] {
  if (kind === 'void') return [voided(of, { timeMs })];
  if (kind === 'return') return [refunded(of, 30, { timeMs })];
  if (kind === 'total') {
    if (totalMinor === undefined) return [];
    return [orderClosed('paid', { timeMs, total: { amountMinor: totalMinor, currency: of.currency } })];
  }
  const event = captured(of, { timeMs });
  const isPossible = totalMinor !== undefined && totalMinor >= of.amountMinor;
  return [event.kind === 'charge.captured' && isPossible ? { ...event, orderTotalMinor: totalMinor } : event];
}

/** Works every open flag, and checks each refund against the books as they are then. */
async function refundAll(world: RefundWorld, books: Books): Promise<void> {
  for (const flag of world.cases.allFlags()) {
    if (flag.status !== 'open' && flag.status !== 'approved') continue;
    const { chargeId } = flag.charge;
    const before = world.refunds.size;
    await world.work(chargeId);
    if (world.refunds.size === before) continue;
    const own = books.of(chargeId);
    const others = books.without(chargeId);
    expect([own?.voided, own?.ours]).toEqual([false, undefined]);
    expect([...world.refunds.values()].at(-1)).toBe((own?.amountMinor ?? 0) - (own?.returnedMinor ?? 0));
    expect(others.some(({ part }) => part === own?.part)).toBe(true);
    const leftMinor = others.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    expect(leftMinor).toBeGreaterThanOrEqual(books.totalMinor ?? 0);
    books.change(chargeId, (known) => Object.assign(known, { ours: true }));
  }
}
