import type { Minor, Ms } from '../brands.ts';
import { HOUR_MS, SECOND_MS } from '../clock-units.ts';
import type { ViewedCharge } from '../detection/charge-view.ts';
import type { Charge } from '../events/payment-event.ts';
import { bug, Fault } from '../fault.ts';
import {
  type Confirmation,
  type Counted,
  countedWhole,
  judgeLookups,
  type LookedUp,
  unconfirmed,
} from './confirmation.ts';
import type { GatewayOf, Lookup } from './refund-gateway.ts';

export interface ConfirmContext {
  readonly gatewayOf: GatewayOf;
  readonly nowMs: () => Ms;
}

/** What a refund counts on, and since when it has tried to go. */
export interface InQuestion {
  readonly refundMinor: Minor;
  /** The charges that its claim counts on; `none` where they are fewer than must stand. */
  readonly survivors: readonly ViewedCharge[] | 'none';
  /** When the step could ask for the first time; `unknown` where it must not wait for an answer. */
  readonly sinceMs: Ms | 'unknown';
}

/** An outage of a processor is mostly over by then. After it an approver can decide without the record. */
const ANSWER_WITHIN_MS = HOUR_MS;
/** Requests at once: processors bound the rate of an account, and most refunds ask for two records. */
const LOOKUPS_PARALLEL = 8;
/** No lookup begins later than this: the step's task lasts a minute, and `reverse` calls the gateway after it. */
const LOOKUPS_MS_MAX = 10 * SECOND_MS;

/**
 * Asks the gateways for their own records of the charge and of the survivors that its claim counts on, and judges them.
 * Reads only. A gateway without an answer is asked again by the step's retry for an hour; then its silence is the fact.
 *
 * @throws {Fault} while a gateway without an answer is to be asked again
 */
export async function confirm(
  charge: Charge,
  { refundMinor, survivors, sinceMs }: InQuestion,
  context: ConfirmContext,
): Promise<Confirmation> {
  if (survivors === 'none') return unconfirmed('no-survivor', charge);
  const counted = [{ charge, atLeastMinor: refundMinor }, ...survivors.map(countedWhole)] as const;
  const [own, ...others] = await lookUpAll(counted, context);
  if (own === undefined) throw bug('a lookup of the charge itself');
  const confirmation = judgeLookups(own, others);
  const isSilent = confirmation.kind === 'unconfirmed' && confirmation.fact === 'no-answer';
  if (isSilent && sinceMs !== 'unknown' && context.nowMs() - sinceMs < ANSWER_WITHIN_MS) {
    throw new Fault('dependency-unavailable', `no answer what the processor knows of ${confirmation.chargeId}`);
  }
  return confirmation;
}

/** Looks the charges up a few at a time, in their order. The first silence, or too long a time, ends it: the rest has no answer. */
async function lookUpAll(
  counted: readonly Counted[],
  { gatewayOf, nowMs }: ConfirmContext,
): Promise<readonly LookedUp[]> {
  const startMs = nowMs();
  const found: LookedUp[] = [];
  while (found.length < counted.length) {
    const isOver = nowMs() - startMs > LOOKUPS_MS_MAX || found.some(({ lookup }) => lookup.kind === 'unknown');
    if (isOver) break;
    const next = counted.slice(found.length, found.length + LOOKUPS_PARALLEL);
    const answers = next.map(async (one) => ({
      ...one,
      lookup: await gatewayOf(one.charge.source).lookup(one.charge),
    }));
    found.push(...(await Promise.all(answers)));
  }
  const unasked = counted.slice(found.length).map((one) => ({ ...one, lookup: UNASKED }));
  return [...found, ...unasked];
}

const UNASKED: Lookup = { kind: 'unknown', reason: 'not asked' };
