import type { Fingerprint, FlagId, Minor } from '../brands.ts';
import type { ChargeRecord } from '../detection/charge-record.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import type { Attempt } from './attempt.ts';

/** The permission to refund one charge once, of which the gateway is asked for no more. */
export interface Reservation extends Attempt {
  readonly charge: ChargeRef;
  readonly amountMinor: Minor;
  readonly currency: string;
}

interface PinnedWindow {
  readonly fingerprint: Fingerprint;
  readonly decisiveVersion: number;
}

/** A claim, with everything that must still be as it was when the claim was decided. */
export interface Grant {
  /** The charge's own record with the claim in it. */
  readonly record: ChargeRecord;
  readonly expectedVersion: number;
  /** The deciding window: it is still there, and no closing, total or twin came. */
  readonly window: PinnedWindow;
  /** The window of the charge's order, where another detector decides: neither came there. */
  readonly orderWindow?: PinnedWindow;
  /** The records of the charges that must stand beside this one. */
  readonly survivors: readonly { readonly id: FlagId; readonly version: number }[];
  readonly reservation: Reservation;
}

/** Where claims are granted and reservations live. */
export interface ClaimStore {
  /**
   * Writes the record and the reservation in one transaction, all or nothing, on condition that the record, the windows'
   * decisive versions and each survivor are unchanged and that the attempt has no reservation yet. `conflict` when a
   * condition does not hold or another transaction is under way: read all again; a grant whose answer was lost is then in
   * the record. Throws for other faults.
   */
  grant(grant: Grant): Promise<'granted' | 'conflict'>;
}

export interface ReservationReader {
  /** Reads the attempt's reservation strongly consistently; undefined when there is none. */
  readReservation(attempt: Attempt): Promise<Reservation | undefined>;
}
