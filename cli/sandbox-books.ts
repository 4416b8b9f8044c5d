import type { FileEntry } from '../adapters/files/event-file.ts';
import { asFlagId, type Minor } from '../core/brands.ts';
import { capturedMinorOf, returnedByOthersMinor } from '../core/detection/charge-amounts.ts';
import { type ChargeRecord, emptyRecord, isCaptured } from '../core/detection/charge-record.ts';
import {
  adjust,
  capture,
  dispute,
  refundByOthers,
  refundOneByOthers,
  release,
} from '../core/detection/record-transitions.ts';
import type { Charge, ChargeEvent, PaymentEvent } from '../core/events/payment-event.ts';

/** What the sandbox processor knows of a charge, in its own words. */
export interface BookEntry {
  /** As its first capture told it, with the amount that is captured at the end. */
  readonly charge: Charge;
  readonly refundedMinor: Minor;
  readonly state: 'captured' | 'voided' | 'disputed';
}

/** A processor forgets nothing, and files nothing in windows. */
const TOLD = { arrivedMs: 0, windows: [], history: 'judge' } as const;

/**
 * Derives a processor's books from the events that it would have sent, in any order: each charge that was ever captured,
 * as it stands when all has been said. Memory grows with the charges of the file.
 */
export class SandboxBooks {
  readonly #records = new Map<string, ChargeRecord>();

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
    const known = this.#records.get(key) ?? emptyRecord(asFlagId(key), event.charge);
    this.#records.set(key, noted(known, event));
  }

  entries(): readonly BookEntry[] {
    return [...this.#records.values()].flatMap(toEntry);
  }
}

/** The rules of charge records: the latest event time holds. */
function noted(record: ChargeRecord, event: ChargeEvent): ChargeRecord {
  const when = { timeMs: event.timeMs, nowMs: 0 };
  switch (event.kind) {
    case 'charge.captured':
      // The first capture is the truth: what contradicts it leaves the record as it is.
      return capture(record, { ...TOLD, ...when, charge: event.charge }).record;
    case 'charge.adjusted':
      return adjust(record, { ...event.adjusted, atMs: event.timeMs }, 0);
    case 'charge.failed':
    case 'charge.voided':
      return release(record, when);
    case 'charge.refunded':
      return event.refundId === undefined
        ? refundByOthers(record, { ...when, totalMinor: event.refundedTotalMinor })
        : refundOneByOthers(record, { ...when, id: event.refundId, minor: event.refundMinor });
    case 'charge.disputed':
      return dispute(record, { ...when, open: event.open, wonBy: event.wonBy });
  }
}

function toEntry(record: ChargeRecord): readonly BookEntry[] {
  if (!isCaptured(record)) return [];
  const { capture: captured, dispute: disputed, releasedMs } = record;
  const amountMinor = capturedMinorOf(record);
  const isVoided = releasedMs !== undefined && releasedMs >= captured.latestMs;
  const isGone = isVoided || disputed?.wonBy === 'payer';
  const state = isGone ? 'voided' : disputed?.open ? 'disputed' : 'captured';
  const refundedMinor = Math.min(returnedByOthersMinor(record), amountMinor);
  return [{ charge: { ...captured.charge, amountMinor }, refundedMinor, state }];
}
