import type { FileEntry } from '../adapters/files/event-file.ts';
import type { Minor, Ms } from '../core/brands.ts';
import type { Charge, PaymentEvent } from '../core/events/payment-event.ts';

/** What the sandbox processor knows of a charge, in its own words. */
export interface BookEntry {
  /** As its first capture told it. */
  readonly charge: Charge;
  readonly refundedMinor: Minor;
  readonly state: 'captured' | 'voided' | 'disputed';
}

interface Facts {
  captured: Charge | undefined;
  capturedMs: Ms;
  releasedMs: Ms;
  refundedMinor: Minor;
  dispute: { timeMs: Ms; open: boolean; wonByPayer: boolean } | undefined;
}

/**
 * Derives a processor's books from the events that it would have sent, in any order: each charge that was ever captured,
 * as it stands when all has been said. Memory grows with the charges of the file.
 */
export class SandboxBooks {
  readonly #charges = new Map<string, Facts>();

  static async read(file: AsyncIterable<FileEntry>): Promise<readonly BookEntry[]> {
    const books = new SandboxBooks();
    for await (const entry of file) {
      if (entry.kind === 'record' && entry.parsed.kind === 'event') books.note(entry.parsed.event);
    }
    return books.entries();
  }

  note(event: PaymentEvent): void {
    if (event.kind === 'order.closed') return;
    const key = JSON.stringify([event.charge.source, event.charge.chargeId]);
    const facts: Facts = this.#charges.get(key) ?? {
      captured: undefined,
      capturedMs: Number.NEGATIVE_INFINITY,
      releasedMs: Number.NEGATIVE_INFINITY,
      refundedMinor: 0,
      dispute: undefined,
    };
    this.#charges.set(key, facts);
    switch (event.kind) {
      case 'charge.captured':
        // The first capture is the truth; one that comes again with another amount is a conflict.
        facts.captured ??= event.charge;
        facts.capturedMs = Math.max(facts.capturedMs, event.timeMs);
        return;
      case 'charge.failed':
      case 'charge.voided':
        facts.releasedMs = Math.max(facts.releasedMs, event.timeMs);
        return;
      case 'charge.refunded':
        facts.refundedMinor = Math.max(facts.refundedMinor, event.refundedTotalMinor);
        return;
      case 'charge.disputed':
        noteDispute(facts, { timeMs: event.timeMs, open: event.open, wonByPayer: event.wonBy === 'payer' });
    }
  }

  entries(): readonly BookEntry[] {
    return [...this.#charges.values()].flatMap(({ captured, ...facts }) =>
      captured === undefined ? [] : [toEntry(captured, facts)],
    );
  }
}

/** The latest event time holds, on a tie `open`: the design's rule for disputes. */
function noteDispute(facts: Facts, dispute: NonNullable<Facts['dispute']>): void {
  const known = facts.dispute;
  const isLater = known === undefined || dispute.timeMs > known.timeMs;
  if (isLater || (dispute.timeMs === known.timeMs && dispute.open)) facts.dispute = dispute;
}

function toEntry(
  charge: Charge,
  { capturedMs, releasedMs, dispute, refundedMinor }: Omit<Facts, 'captured'>,
): BookEntry {
  // Of capture, void and failure the latest holds, on a tie the void or failure: a declined attempt may be paid afterwards.
  const isReleased = releasedMs >= capturedMs;
  const isGone = isReleased || (dispute?.open === false && dispute.wonByPayer);
  const state = isGone ? 'voided' : dispute?.open ? 'disputed' : 'captured';
  return { charge, refundedMinor: Math.min(refundedMinor, charge.amountMinor), state };
}
