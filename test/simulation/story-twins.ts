import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import type { Random } from '../../scenario/random.ts';
import { BANK, SECOND, WALLET } from '../fixtures/charges.ts';

/** The charge with the processor's id of its money movement. */
export function paidAs(of: Charge): Charge {
  return { ...of, payment: `pay_${of.chargeId}` };
}

/** The same money told under another id, at times by another source. */
export function twinOf(of: Charge, random: Random): Charge {
  const source = of.source === WALLET && random.chance(0.3) ? BANK : of.source;
  return { ...of, chargeId: `${of.chargeId}_intent`, source };
}

/** The events of a charge, under its own id, its twin's, or both. */
export function toldOfBoth(events: readonly PaymentEvent[], twin: Charge, random: Random): readonly PaymentEvent[] {
  return events.flatMap<PaymentEvent>((event) => {
    if (event.kind === 'order.closed') return [event];
    if (event.kind === 'charge.captured') {
      const charge = { ...event.charge, source: twin.source, chargeId: twin.chargeId };
      const timeMs = event.timeMs + random.pick([0, 0, 1, 3]) * SECOND;
      return [event, { ...event, eventId: `${event.eventId}-twin`, charge, timeMs }];
    }
    const again = {
      ...event,
      eventId: `${event.eventId}-twin`,
      charge: { ...event.charge, source: twin.source, chargeId: twin.chargeId },
    };
    return random.pick([[event], [again], [event, again]]);
  });
}
