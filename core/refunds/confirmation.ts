import type { Minor } from '../brands.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import { remainingMinor, type ViewedCharge } from '../detection/charge-view.ts';
import { presentCharge } from '../detection/mismatches.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import type { Lookup, ProcessorRecord } from './refund-gateway.ts';

/** A charge that a refund counts on: the one to refund, or one that must stand after it. */
export interface Counted {
  readonly charge: Charge;
  /** What the processor must still hold of it, by our records. */
  readonly atLeastMinor: Minor;
}

export interface LookedUp extends Counted {
  readonly lookup: Lookup;
}

export type Confirmation = { readonly kind: 'confirmed' } | ({ readonly kind: 'unconfirmed' } & Unconfirmed);

/**
 * Judges whether the processor's own records confirm a refund. A pure function of the charge and of the survivors that
 * its claim counts on: each record must agree with the event that told the charge, and each must be a movement of its own.
 */
export function judgeLookups(own: LookedUp, survivors: readonly LookedUp[]): Confirmation {
  for (const { charge } of survivors) {
    const isOnePayment = own.charge.payment !== undefined && own.charge.payment === charge.payment;
    if (isOnePayment) return unconfirmed('one-movement', charge);
  }
  const differences = [own, ...survivors].flatMap(({ charge, lookup, atLeastMinor }) => {
    const fact = lookup.kind === 'found' ? differenceOf(charge, lookup, atLeastMinor) : FACT_OF[lookup.kind];
    return fact === undefined ? [] : [unconfirmed(fact, charge)];
  });
  // What a record shows is certain; a missing answer may still come.
  const [difference] = [...differences.filter(({ fact }) => fact !== 'no-answer'), ...differences];
  if (difference !== undefined) return difference;
  const counted = new Set<string | undefined>();
  for (const { charge, lookup } of survivors) {
    const movement = movementOf(lookup);
    if (movement === movementOf(own.lookup)) return unconfirmed('one-movement', charge);
    if (counted.has(movement)) return unconfirmed('counted-twice', charge);
    counted.add(movement);
  }
  return { kind: 'confirmed' };
}

/** Returns a survivor as the claim counts on it: with all that others have not returned. */
export function countedWhole(survivor: ViewedCharge): Counted {
  return { charge: presentCharge(survivor.record), atLeastMinor: remainingMinor(survivor) };
}

export function unconfirmed(
  fact: Unconfirmed['fact'],
  { chargeId }: ChargeRef,
): Extract<Confirmation, { kind: 'unconfirmed' }> {
  return { kind: 'unconfirmed', fact, chargeId };
}

const FACT_OF = { unsupported: 'cannot-look-up', 'not-found': 'not-found', unknown: 'no-answer' } as const;

function differenceOf(charge: Charge, record: ProcessorRecord, atLeastMinor: Minor): Unconfirmed['fact'] | undefined {
  const { merchant, order, payer, amountMinor, currency, refundableMinor } = record;
  if (amountMinor !== charge.amountMinor || currency !== charge.currency) return 'other-amount';
  if (merchant === undefined) return 'merchant-unknown';
  if (merchant !== charge.merchant) return 'other-merchant';
  const [isOrderKnown, isPayerKnown] = [areBothKnown(order, charge.order), areBothKnown(payer, charge.payer)];
  if (isOrderKnown && order !== charge.order) return 'other-order';
  if (isPayerKnown && payer !== charge.payer) return 'other-payer';
  if (!isOrderKnown && !isPayerKnown) return 'nothing-to-compare';
  return refundableMinor < atLeastMinor ? 'too-little-left' : undefined;
}

function areBothKnown(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined;
}

function movementOf(lookup: Lookup): string | undefined {
  return lookup.kind === 'found' ? lookup.movement : undefined;
}
