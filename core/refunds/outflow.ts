import type { Minor, Ms } from '../brands.ts';
import { isSameCharge } from '../detection/charge-record.ts';
import type { ChargeRef } from '../events/payment-event.ts';

/** What one attempt asks a gateway for. */
export interface Outflow {
  /** Names flag and attempt: asked again it counts once. */
  readonly name: string;
  readonly charge: ChargeRef;
  readonly merchant: string;
  readonly currency: string;
  readonly refundMinor: Minor;
  /** The caps of all refunds of the clock hour; an absent one does not bind. */
  readonly merchantMaxMinor: Minor | undefined;
  readonly totalMaxMinor: Minor | undefined;
  readonly nowMs: Ms;
}

/**
 * What gateways were asked for, per clock hour (UTC), merchant and currency. The step that calls the gateway alone writes
 * here: a role that writes claims, reservations, budgets and flags moves at most the caps too. Nothing is ever
 * subtracted: a call may move money whatever its answer.
 */
export interface Outflows {
  /** Returns true where the caps have room now, or the name is counted already. Writes nothing: another may take the room. */
  hasRoom(outflow: Outflow): Promise<boolean>;
  /** Returns true where this very attempt was counted: its first call had passed every check. */
  isCounted(outflow: Outflow): Promise<boolean>;
  /**
   * Counts an attempt before its first call, once a name. `beyond-cap`: a cap would be passed, and nothing is counted.
   * `differs`: the name was counted with another charge, amount, currency or merchant. Atomic; the same question gets the same answer.
   */
  countOutflow(outflow: Outflow): Promise<'counted' | 'beyond-cap' | 'differs'>;
}

/** Returns true where two outflows ask for the same refund of the same charge. */
export function isSameRefund(
  one: Pick<Outflow, 'charge' | 'merchant' | 'currency' | 'refundMinor'>,
  other: Pick<Outflow, 'charge' | 'merchant' | 'currency' | 'refundMinor'>,
): boolean {
  const { merchant, currency, refundMinor } = other;
  if (!isSameCharge(one.charge, other.charge)) return false;
  return one.merchant === merchant && one.currency === currency && one.refundMinor === refundMinor;
}
