import type { Ms } from '../brands.ts';
import type { Attestation, Source, SourceCatalog } from '../events/source.ts';

/** One statement of a source for one merchant. */
export interface AttestationOf {
  readonly source: string;
  readonly merchant: string;
  readonly attestation: Attestation;
}

/** Facts of one order that an attestation cannot be true with. */
export interface Contradiction extends AttestationOf {
  readonly order: string;
  /** The event time of the newest of these facts. */
  readonly atMs: Ms;
}

/** An attestation that counts for nothing until an operator restores it. */
export interface Suspension extends Contradiction {
  readonly sinceMs: Ms;
  readonly isAlerted: boolean;
}

/** What an operator asks for. */
export interface Restoring extends AttestationOf {
  readonly by: string;
  readonly reason: string;
}

/**
 * Keeps the attestations that are suspended: one item for source, merchant and attestation. Every write is atomic and
 * every read strongly consistent. Methods reject only when the store cannot be reached or an item cannot be read.
 */
export interface SuspensionStore {
  /**
   * Suspends the attestation. Idempotent: the first contradiction stays. After a restoration only a contradiction with a
   * newer fact than the restoration suspends again: the operator has seen the older ones.
   */
  suspend(contradiction: Contradiction, nowMs: Ms): Promise<'suspended' | 'known'>;
  /** Returns what is suspended for a merchant. */
  suspensionsOf(merchant: string): Promise<readonly Suspension[]>;
  /** Returns all that is suspended. */
  allSuspensions(): Promise<readonly Suspension[]>;
  /** Notes that the alert of the suspension was sent. A suspension that has ended or begun anew stays as it is. */
  markAlerted(suspension: Suspension): Promise<void>;
  /** Ends the suspension and keeps who restored it and why, in one transaction. A repeated request is `not-suspended`. */
  restore(request: Restoring, nowMs: Ms): Promise<'restored' | 'not-suspended'>;
}

/** Returns the catalog without the suspended attestations. They are of one merchant, whose refund is judged. */
export function withoutSuspended<Catalog extends SourceCatalog>(
  catalog: Catalog,
  suspensions: readonly AttestationOf[],
): Catalog {
  if (suspensions.length === 0) return catalog;
  const sourceOf = (id: string): Source | undefined => {
    const source = catalog.sourceOf(id);
    const suspended = new Set(suspensions.filter((each) => each.source === id).map(({ attestation }) => attestation));
    if (source === undefined) return undefined;
    return { ...source, attests: new Set([...source.attests].filter((attestation) => !suspended.has(attestation))) };
  };
  return { ...catalog, sourceOf };
}
