import type { Ms } from '../brands.ts';
import type { PaymentEvent } from '../events/payment-event.ts';
import { contentionLost } from '../fault.ts';
import { backoffMs, type Random, type Sleep } from '../retry.ts';
import type { CapturedRecord, ChargeRecord } from './charge-record.ts';
import type { DuplicateVerdict, Verdict } from './charge-window.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import type { Digests } from './fingerprint.ts';
import type { RecordStore } from './record-store.ts';
import type { SourceNamespaces } from './source-namespaces.ts';
import type { WindowStore } from './window-store.ts';

/** One event of a batch, in stream order. */
export interface Arrival {
  readonly event: PaymentEvent;
  /** When it reached the stream, ms since the epoch. */
  readonly arrivedMs: Ms;
}

export type Judgement =
  | {
      readonly kind: 'judged';
      readonly verdict?: Verdict;
      readonly replay: boolean;
      readonly late: boolean;
      /** The event's facts wait in its charge's record for the capture. */
      readonly isUncaptured?: true;
    }
  | { readonly kind: 'quarantined'; readonly reason: 'conflict' | 'overflow'; readonly detail: string }
  /** Nothing is known: the record must come again. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface JudgeContext {
  readonly configuration: DetectorCatalog & {
    /** What becomes of events that are older than a detector remembers. */
    readonly history: 'hold' | 'judge';
  };
  readonly digests: Digests;
  readonly namespaces: SourceNamespaces;
  readonly records: RecordStore;
  readonly windows: WindowStore;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** How far one event of the batch has come. */
export interface Progress {
  readonly arrival: Arrival;
  /** The capture as its record has it: windows file that, not what this telling says. */
  filing?: { readonly record: CapturedRecord; readonly isKnown: boolean };
  /** The record that a lifecycle event has changed or confirmed. */
  touched?: ChargeRecord;
  decided?: DuplicateVerdict;
  replay: boolean;
  late: boolean;
  ended?: Judgement;
}

/** 32 workers on one item each lose most races; the batch's time-out, not this, is the usual end. */
const CONTENTION = { triesMax: 60, baseMs: 8, capMs: 400 };
/** Bounds the slow path's open requests; the client's socket pool holds 50. */
const SLOW_PATH_PARALLEL = 16;

/** Runs `tryOnce` until it has an answer, with waits between: undefined means that another worker wrote first. */
export async function untilWritten<Answer>(
  what: string,
  tryOnce: () => Promise<Answer | undefined>,
  { sleep, random }: Pick<JudgeContext, 'sleep' | 'random'>,
): Promise<Answer> {
  for (let attempt = 0; attempt < CONTENTION.triesMax; attempt++) {
    const answer = await tryOnce();
    if (answer !== undefined) return answer;
    await sleep(backoffMs(attempt, CONTENTION, random));
  }
  throw contentionLost(what, CONTENTION.triesMax);
}

/** Works on many items at once, but not on all. */
export async function inParts<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += SLOW_PATH_PARALLEL) {
    await Promise.all(items.slice(from, from + SLOW_PATH_PARALLEL).map(work));
  }
}

export function fail(all: readonly Progress[], error: unknown): void {
  for (const progress of all) progress.ended = { kind: 'failed', error };
}
