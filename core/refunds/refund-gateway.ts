import type { Minor } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';

export interface ReversalRequest {
  readonly charge: Charge;
  /** What to give back: at most the amount, less others' partial refunds. Minor units of the charge's currency. */
  readonly refundMinor: Minor;
  /** Names flag and attempt. The processor must act at most once for it, however often it is asked. */
  readonly idempotencyKey: string;
  /** Given to the processor as our reference, which its events echo. */
  readonly reference: string;
}

export type ReversalOutcome =
  | { readonly kind: 'refunded'; readonly processorReference: string }
  /** Others refunded the charge, or it was voided: there is nothing left to reverse. */
  | { readonly kind: 'reversed-externally' }
  /**
   * Refused for good: under this key no money has moved. A processor may forget that it refused; the charge's record does
   * not, and no run asks under this key again. An approver reads `reason`.
   */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The processor works on it: ask again. */
  | { readonly kind: 'pending' }
  /** No answer, or one that says nothing: the money may have moved. Ask again with the same key. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** The processor's own record of a charge, not what its events have told. A field that the processor does not know is absent. */
export interface ProcessorRecord {
  /** The processor's id of the money movement: charges that share it are one payment, told twice. */
  readonly movement: string;
  readonly merchant?: string | undefined;
  readonly order?: string | undefined;
  readonly payer?: string | undefined;
  /** As the processor has captured it. */
  readonly amountMinor: Minor;
  readonly currency: string;
  /** What a refund can return now: nothing of a charge that is voided, refunded or disputed. */
  readonly refundableMinor: Minor;
}

export type Lookup =
  | ({ readonly kind: 'found' } & ProcessorRecord)
  | { readonly kind: 'not-found' }
  /** This gateway cannot read the processor's record. */
  | { readonly kind: 'unsupported' }
  /** No answer, or one that cannot be read. Ask again. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Reads and reverses charges at one processor.
 *
 * `reverse` uses the cheapest means that the charge's state allows (a void before
 * settlement, else a refund). Asking twice with one idempotency key gives the outcome of the first time: so asking again
 * is also how a pending or unknown outcome becomes known. Moves money only where the processor knows the charge by the
 * same amount and currency.
 *
 * `lookup` reads the record as it is at that moment. It moves no money and writes nothing; asking again is harmless.
 *
 * Never throws for what a processor answers; no answer carries a key or a signature.
 *
 * @throws {Fault} when the processor was not asked, because its secret could not be read just now
 */
export interface RefundGateway {
  reverse(request: ReversalRequest): Promise<ReversalOutcome>;
  lookup(charge: Charge): Promise<Lookup>;
}

/** The gateway of a charge's source. */
export type GatewayOf = (source: string) => RefundGateway;

/** An outcome after which the gateway is not asked again. */
export type FinalOutcome = Exclude<ReversalOutcome, { kind: 'pending' | 'unknown' }>;
