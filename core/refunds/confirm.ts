import type { Minor, Ms } from '../brands.ts';
import { HOUR_MS } from '../clock-units.ts';
import type { CapturedRecord } from '../detection/charge-record.ts';
import type { Charge } from '../events/payment-event.ts';
import { Fault } from '../fault.ts';
import {
  type Confirmation,
  type Counted,
  countedWhole,
  judgeLookups,
  type LookedUp,
  unconfirmed,
} from './confirmation.ts';
import type { GatewayOf } from './refund-gateway.ts';

export interface ConfirmContext {
  readonly gatewayOf: GatewayOf;
  readonly nowMs: () => Ms;
}

/** What a refund counts on, and since when it has tried to go. */
export interface InQuestion {
  readonly refundMinor: Minor;
  /** The charges that its claim counts on, and how many must stand. */
  readonly survivors: readonly CapturedRecord[];
  readonly owed: number;
  /** When the step could ask for the first time; `unknown` where it must not wait for an answer. */
  readonly sinceMs: Ms | 'unknown';
}

/** An outage of a processor is mostly over by then. After it an approver can decide without the record. */
const ANSWER_WITHIN_MS = HOUR_MS;

/**
 * Asks the gateways for their own records of the charge and of the survivors that its claim counts on, and judges them.
 * Reads only. A gateway without an answer is asked again by the step's retry for an hour; then its silence is the fact.
 *
 * @throws {Fault} while a gateway without an answer is to be asked again
 */
export async function confirm(
  charge: Charge,
  { refundMinor, survivors, owed, sinceMs }: InQuestion,
  { gatewayOf, nowMs }: ConfirmContext,
): Promise<Confirmation> {
  if (survivors.length < owed) return unconfirmed('no-survivor', charge);
  const lookUp = async (counted: Counted): Promise<LookedUp> => ({
    ...counted,
    lookup: await gatewayOf(counted.charge.source).lookup(counted.charge),
  });
  const [own, ...others] = await Promise.all([
    lookUp({ charge, atLeastMinor: refundMinor }),
    ...survivors.map((survivor) => lookUp(countedWhole(survivor))),
  ]);
  const confirmation = judgeLookups(own, others);
  const isSilent = confirmation.kind === 'unconfirmed' && confirmation.fact === 'no-answer';
  if (isSilent && sinceMs !== 'unknown' && nowMs() - sinceMs < ANSWER_WITHIN_MS) {
    throw new Fault('dependency-unavailable', `no answer what the processor knows of ${confirmation.chargeId}`);
  }
  return confirmation;
}
