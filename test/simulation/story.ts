import type { Charge, PaymentEvent, ToldCharge } from '../../core/events/payment-event.ts';
import type { Random } from '../../scenario/random.ts';
import {
  ACME,
  adjusted,
  BANK,
  captured,
  charge,
  DAY,
  type DisputeState,
  disputed,
  failed,
  HOUR,
  MINUTE,
  orderClosed,
  refunded,
  refundedOnce,
  SECOND,
  START_MS,
  voided,
  WALLET,
} from '../fixtures/charges.ts';
import { drawTotals, NO_TOTALS, type ToldTotals } from './story-totals.ts';
import { paidAs, toldOfBoth, twinOf } from './story-twins.ts';

/** One thing that happens at a processor, and when each telling of it reaches the stream. */
export interface Happening {
  readonly event: PaymentEvent;
  /** Books change and the event's time is told. */
  readonly atMs: number;
  /** At least one; more where it is told again. */
  readonly arrivalsMs: readonly number[];
}

/** What the stories of a night have more of than those of another: the chance of each, for one order. */
export interface Plot {
  readonly totals: number;
  /** For one charge: its money is told under two ids. */
  readonly twins: number;
  /** How far the clock of a source is ahead, milliseconds. */
  readonly skewMs: Readonly<Record<string, number>>;
}

/** Happenings of at least this many events, by chance: few payers, merchants and amounts, so that charges meet in every way. */
export function drawStories(random: Random, events: number, plot: Plot): readonly Happening[] {
  const happenings: Happening[] = [];
  let orders = 0;
  while (happenings.length < events) {
    const startMs = START_MS + random.integer(0, 20) * MINUTE;
    const charges = random.chance(0.3) ? crossing(random, ++orders) : attempts(random, ++orders);
    orders += 2;
    const totals = random.chance(plot.totals) ? drawTotals(charges, random) : NO_TOTALS;
    const story: Happening[] = [];
    for (const [at, of] of charges.entries()) {
      const atMs = startMs + at * random.integer(0, 90) * SECOND;
      const isTwin = random.chance(plot.twins);
      const life = lifeOf(isTwin ? paidAs(of) : of, { atMs, totals }, random);
      const told = isTwin ? toldOfBoth(life, twinOf(of, random), random) : life;
      story.push(...told.map((event) => happening(event, random)));
    }
    story.push(...closingsOf(charges, { startMs, totals }, random));
    // A processor exports a day once more: all of it, when half the windows have been forgotten.
    happenings.push(...(random.chance(0.03) ? story.map((one) => deliveredAgain(one, random)) : story));
  }
  return happenings.map((each) => skewed(each, plot)).toSorted((a, b) => a.atMs - b.atMs);
}

/** One order that is paid again and again: by one payer or two, at one processor or two, in one part or two. */
function attempts(random: Random, n: number): readonly Charge[] {
  const merchant = random.pick(['m_1', 'm_1', 'm_2', 'm_3']);
  const order = random.chance(0.85) ? `o_${n}` : undefined;
  return Array.from({ length: random.integer(1, 5) }, (_, at) =>
    charge({
      chargeId: `ch_${n}_${at}`,
      source: random.pick([WALLET, WALLET, BANK, ACME]),
      payer: random.chance(0.8) ? 'p_1' : 'p_2',
      part: random.chance(0.1) ? 'deposit' : undefined,
      mcc: random.chance(0.2) ? random.pick(['4111', '5812']) : undefined,
      amountMinor: random.pick([100, 100, 100, 200]),
      merchant,
      order,
    }),
  );
}

/** Two orders of one payer and one amount: both detectors meet, each over another pair. */
function crossing(random: Random, n: number): readonly Charge[] {
  const [one, other] = [`o_${n}`, `o_${n + 1}`];
  const orders = random.shuffled([one, one, other, ...(random.chance(0.5) ? [other] : [])]);
  return orders.map((order, at) => {
    const payer = random.chance(0.9) ? 'p_1' : 'p_2';
    return charge({ chargeId: `ch_${n}_${at}`, order, payer, merchant: 'm_1', amountMinor: 100 });
  });
}

interface When {
  readonly atMs: number;
  readonly totals: ToldTotals;
}

function lifeOf(of: Charge, { atMs, totals }: When, random: Random): readonly PaymentEvent[] {
  const soon = () => atMs + random.pick([0, 5, 20, 60, 400]) * SECOND + random.integer(0, 999);
  const tell = (told: Charge, timeMs: number) => captured(told, { timeMs, orderTotalMinor: totals.onCapture(told) });
  const life: PaymentEvent[] = [tell(of, atMs)];
  // A try that was declined before, told whenever; or the capture told anew, which overrules a void before it.
  if (random.chance(0.08)) life.push(failed(of, { timeMs: atMs - random.integer(1, 120) * SECOND }));
  // Now and then with another amount, which is a tip; or the tip is told by itself.
  const tipped = { ...of, amountMinor: random.pick([60, 110, 200]) };
  if (random.chance(0.08)) life.push(tell(random.pick([of, tipped]), soon() + 1));
  if (random.chance(0.1)) life.push(adjusted(tipped, { timeMs: soon() }));
  if (random.chance(0.12)) life.push(voided(of, { timeMs: soon() }));
  else if (random.chance(0.04)) life.push(failed(of, { timeMs: atMs }));
  if (random.chance(0.1)) {
    for (const [at, refundMinor] of random
      .pick([[30], [30, 40], [60, 0], [of.amountMinor], [of.amountMinor, 0]])
      .entries()) {
      // A refund of nothing is the one before it, which has failed.
      const refundId = refundMinor === 0 ? 'r_0' : `r_${at}`;
      life.push(refundedOnce(of, { refundId, refundMinor, timeMs: soon() + at }));
    }
  } else if (random.chance(0.15)) {
    for (const total of random.pick([
      [30],
      [30, 60],
      [30, 60, of.amountMinor],
      [of.amountMinor],
      [60, 30],
      [of.amountMinor, 30],
    ])) {
      life.push(refunded(of, total, { timeMs: soon() }));
    }
  }
  if (random.chance(0.15)) {
    const openedMs = soon();
    const states: readonly DisputeState[] = random.pick([
      ['open'],
      ['open', 'merchant'],
      ['open', 'payer'],
      ['merchant'],
    ]);
    for (const [at, state] of states.entries()) {
      life.push(disputed(of, state, { timeMs: openedMs + at * random.pick([0, 1, 60, 600]) * SECOND }));
    }
  }
  return life;
}

function closingsOf(
  charges: readonly Charge[],
  { startMs, totals }: { readonly startMs: number; readonly totals: ToldTotals },
  random: Random,
): readonly Happening[] {
  const [first] = charges;
  if (first?.order === undefined || !random.chance(0.35)) return [];
  const { source, merchant, order } = first;
  const outcomes = random.pick<readonly ('paid' | 'unpaid')[]>([
    ['paid'],
    ['unpaid'],
    ['unpaid', 'paid'],
    ['paid', 'unpaid'],
  ]);
  const atMs = startMs + random.pick([0, 1, 5, 30]) * MINUTE;
  return outcomes.map((outcome, at) => {
    const timeMs = atMs + at * random.pick([0, 1, 300]) * SECOND;
    return happening(orderClosed(outcome, { timeMs, source, merchant, order, total: totals.onClosing() }), random);
  });
}

/** It happens when it does; the event tells another time. */
function skewed({ event, ...when }: Happening, { skewMs }: Plot): Happening {
  const { source } = event.kind === 'order.closed' ? event : event.charge;
  return { ...when, event: { ...event, timeMs: event.timeMs + (skewMs[source] ?? 0) } };
}

function deliveredAgain({ arrivalsMs, ...what }: Happening, random: Random): Happening {
  return { ...what, arrivalsMs: [...arrivalsMs, what.event.timeMs + 16 * DAY + random.integer(0, 60) * SECOND] };
}

/** What other events than the capture repeat of the charge is often left out or wrong. */
function perhapsWrong(event: PaymentEvent, random: Random): PaymentEvent {
  if (event.kind === 'order.closed' || event.kind === 'charge.captured' || !random.chance(0.3)) return event;
  const { charge: of } = event;
  const { source, chargeId } = of;
  const wrong = random.pick<Partial<ToldCharge>>([
    { order: undefined },
    { amountMinor: 99, currency: 'CNY' },
    { order: 'o_2', payer: 'p_2' },
  ]);
  return { ...event, charge: random.chance(0.3) ? { source, chargeId } : { ...of, ...wrong } };
}

function happening(event: PaymentEvent, random: Random): Happening {
  const lag = () => random.pick([0, 0, 1, 3, 10, 60, 300, (2 * HOUR) / SECOND]) * SECOND;
  const arrivalsMs = [event.timeMs + lag()];
  if (random.chance(0.2)) arrivalsMs.push(event.timeMs + lag());
  // Told again after half the windows have been forgotten, or told for the first time when it is stale.
  if (random.chance(0.02)) arrivalsMs.push(event.timeMs + random.pick([26 * HOUR, 16 * DAY]));
  if (random.chance(0.01)) arrivalsMs.splice(0, 1, event.timeMs + 16 * DAY);
  return { event: perhapsWrong(event, random), atMs: event.timeMs, arrivalsMs };
}
