import type { PaymentEvent, TokenField } from './payment-event.ts';
import type { Signatures } from './signatures.ts';

export const EVENT_KINDS = [
  'charge.captured',
  'charge.failed',
  'charge.voided',
  'charge.adjusted',
  'charge.refunded',
  'charge.disputed',
  'order.closed',
] as const satisfies readonly PaymentEvent['kind'][];
export type EventKind = (typeof EVENT_KINDS)[number];

/** Statements of the processor about its events: one charge per order and part, right totals, final closings. */
export const ATTESTATIONS = ['single-charge', 'totals', 'closings'] as const;
export type Attestation = (typeof ATTESTATIONS)[number];

/** In what a copy may differ from its original and still be a copy. */
export const COPY_DIFFERENCES = ['other-payer', 'other-instrument', 'other-source'] as const;
export type CopyDifference = (typeof COPY_DIFFERENCES)[number];

/** A sender of payment events and what it may say: one entry of the source registry. */
export interface Source {
  readonly id: string;
  /** Sources of one namespace give payer, merchant and order the same meaning. Charges meet only within it. */
  readonly namespace: string;
  /** The kinds of event that it may send. */
  readonly tells: ReadonlySet<EventKind>;
  /** The merchants of which it may speak. */
  readonly merchants: ReadonlySet<string> | 'all';
  /** The currencies whose refunds it may cause unasked; undefined where the registry names none. */
  readonly currencies: ReadonlySet<string> | undefined;
  /** What it attests for each of its merchants. */
  readonly attests: ReadonlySet<Attestation>;
  readonly copies: ReadonlySet<CopyDifference>;
  /** What its automatic refunds of a day (UTC) may sum up to, by currency, in the first week of an attestation. */
  readonly refundedPerDayMax?: Readonly<Record<string, number>> | undefined;
  /** `required`: its events count only with its signature. `stream`: every writer of the stream speaks for it. */
  readonly signing: 'required' | 'stream';
  /** Whole-token formats that look like card numbers and are not. */
  readonly tokenFormats: { readonly [token in TokenField]?: RegExp | undefined };
  /** `day`: its event times are dates. */
  readonly precision: 'instant' | 'day';
  /** False where no gateway returns its charges: they are only monitored. */
  readonly isReversible: boolean;
}

export interface SourceCatalog {
  /** Returns the registered source; undefined when the registry has no such entry. */
  sourceOf(id: string): Source | undefined;
}

/** All that decides what an event says and whether it may be said. */
export interface EventRules extends SourceCatalog {
  /** Returns true for a token that stands for a missing value. */
  isPlaceholder(token: string): boolean;
  /** Without it no event of a signed source is authentic. */
  readonly signatures?: Signatures | undefined;
}

/** Returns true when the source attests it for the merchant. */
export function attests(source: Source | undefined, attestation: Attestation, merchant: string): boolean {
  return source?.attests.has(attestation) === true && maySpeakOf(source, merchant);
}

/** Returns true when the source may speak of the merchant. */
export function maySpeakOf({ merchants }: Source, merchant: string): boolean {
  return merchants === 'all' || merchants.has(merchant);
}
