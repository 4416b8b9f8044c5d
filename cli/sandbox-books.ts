import type { FileEntry } from '../adapters/files/event-file.ts';
import { asFlagId, type Minor, type Ms } from '../core/brands.ts';
import { capturedMinorOf, returnedByOthersMinor } from '../core/detection/charge-amounts.ts';
import { type ChargeRecord, emptyRecord, isCaptured } from '../core/detection/charge-record.ts';
import { adjust, capture, refundByOthers, refundOneByOthers } from '../core/detection/record-transitions.ts';
import type { Charge, PaymentEvent } from '../core/events/payment-event.ts';

/** What the sandbox processor knows of a charge, in its own words. */
export interface BookEntry {
  /** As its first capture told it, with the amount that is captured at the end. */
  readonly charge: Charge;
  readonly refundedMinor: Minor;
  readonly state: 'captured' | 'voided' | 'disputed';
}

interface Facts {
  /** Amounts and refunds follow the rules of charge records. */
  record: ChargeRecord;
  isReleased: boolean;
  dispute: { timeMs: Ms; open: boolean; wonByPayer: boolean } | undefined;
}

/** A processor forgets nothing, and files nothing in windows. */
const TOLD = { arrivedMs: 0, windows: [], history: 'judge' } as const;

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
    const empty = emptyRecord(asFlagId(key), event.charge);
    const facts: Facts = this.#charges.get(key) ?? { record: empty, isReleased: false, dispute: undefined };
    this.#charges.set(key, facts);
    const { record } = facts;
    const when = { timeMs: event.timeMs, nowMs: 0 };
    switch (event.kind) {
      case 'charge.captured':
        // The first capture is the truth: what contradicts it leaves the record as it is.
        facts.record = capture(record, { ...TOLD, ...when, charge: event.charge }).record;
        return;
      case 'charge.adjusted':
        facts.record = adjust(record, { ...event.adjusted, atMs: event.timeMs }, 0);
        return;
      case 'charge.failed':
      case 'charge.voided':
        facts.isReleased = true;
        return;
      case 'charge.refunded':
        facts.record =
          event.refundId === undefined
            ? refundByOthers(record, { ...when, totalMinor: event.refundedTotalMinor })
            : refundOneByOthers(record, { ...when, id: event.refundId, minor: event.refundMinor });
        return;
      case 'charge.disputed':
        noteDispute(facts, { timeMs: event.timeMs, open: event.open, wonByPayer: event.wonBy === 'payer' });
    }
  }

  entries(): readonly BookEntry[] {
    return [...this.#charges.values()].flatMap(toEntry);
  }
}

/** The latest event time holds, on a tie `open`: the design's rule for disputes. */
function noteDispute(facts: Facts, dispute: NonNullable<Facts['dispute']>): void {
  const known = facts.dispute;
  const isLater = known === undefined || dispute.timeMs > known.timeMs;
  if (isLater || (dispute.timeMs === known.timeMs && dispute.open)) facts.dispute = dispute;
}

function toEntry({ record, isReleased, dispute }: Facts): readonly BookEntry[] {
  if (!isCaptured(record)) return [];
  const amountMinor = capturedMinorOf(record);
  const isGone = isReleased || (dispute?.open === false && dispute.wonByPayer);
  const state = isGone ? 'voided' : dispute?.open ? 'disputed' : 'captured';
  const refundedMinor = Math.min(returnedByOthersMinor(record), amountMinor);
  return [{ charge: { ...record.capture.charge, amountMinor }, refundedMinor, state }];
}
