import type { Ms } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import type { Random } from '../retry.ts';
import type { Scope } from './scope.ts';

/** Charges judged for the first time: what a number of duplicates is compared with. */
export interface ProcessedCharges {
  readonly charges: number;
  readonly bySource: ReadonlyMap<string, number>;
  /** Events of any type that were judged, again or for the first time: what a number of refusals is compared with. */
  readonly acceptedBySource: ReadonlyMap<string, number>;
  /** Estimated from a sample: a merchant of few charges may be missing. */
  readonly byMerchant: ReadonlyMap<string, number>;
}

/** What one flush of a meter writes: one update of one item. */
export interface ProcessedCount extends ProcessedCharges {
  readonly atMs: Ms;
  /** How long the newest batch had been on the stream when it was judged. */
  readonly lagMs: Ms;
}

/** Merchants are many, and each name counted makes the counter's item larger: one charge in so many is looked at. */
export const MERCHANT_SAMPLE = 256;
/** At most so often an execution environment writes, however many batches it judges. */
const FLUSH_MS = 1_000;
/** A batch that is not full (lib/settings.ts) means that the stream is drained: what is counted is written at once. */
const FULL_BATCH = 200;
/** An update expression may be 4 KB long. A sample beyond these many merchants a second is dropped. */
const MERCHANTS_MAX = 40;

/** What a meter counts of one batch. */
export interface JudgedBatch {
  readonly charges: readonly Charge[];
  readonly acceptedBySource: ReadonlyMap<string, number>;
  readonly records: number;
  readonly lagMs: Ms;
}

export interface ChargeMeter {
  count(batch: JudgedBatch): Promise<void>;
}

/**
 * Counts processed charges over the batches of one execution environment, so that the common path of detection pays
 * nothing per charge and one small write a second at most. What an environment that is ended had not written is not
 * counted: the count is what a rate is compared with, not money.
 */
export function createChargeMeter({
  note,
  nowMs,
  random,
}: {
  readonly note: (count: ProcessedCount) => Promise<void>;
  readonly nowMs: () => Ms;
  readonly random: Random;
}): ChargeMeter {
  let charges = 0;
  let bySource = new Map<string, number>();
  let acceptedBySource = new Map<string, number>();
  let byMerchant = new Map<string, number>();
  let flushedMs = Number.NEGATIVE_INFINITY;

  return {
    async count(batch) {
      charges += batch.charges.length;
      for (const [source, events] of batch.acceptedBySource) add(acceptedBySource, source, events);
      for (const { source, merchant } of batch.charges) {
        add(bySource, source, 1);
        if (random() * MERCHANT_SAMPLE >= 1) continue;
        if (byMerchant.has(merchant) || byMerchant.size < MERCHANTS_MAX) add(byMerchant, merchant, MERCHANT_SAMPLE);
      }
      const atMs = nowMs();
      if (atMs - flushedMs < FLUSH_MS && batch.records >= FULL_BATCH) return;
      const counted = { charges, bySource, acceptedBySource, byMerchant, atMs, lagMs: batch.lagMs };
      charges = 0;
      bySource = new Map();
      acceptedBySource = new Map();
      byMerchant = new Map();
      flushedMs = atMs;
      await note(counted);
    },
  };
}

/** The charges processed in a scope. */
export function processedIn({ charges, bySource, byMerchant }: ProcessedCharges, scope: Scope): number {
  switch (scope.kind) {
    case 'all':
      return charges;
    case 'processor':
      return bySource.get(scope.source) ?? 0;
    case 'merchant':
      return byMerchant.get(scope.merchant) ?? 0;
  }
}

export function addProcessed(counts: Iterable<ProcessedCharges>): ProcessedCharges {
  let charges = 0;
  const bySource = new Map<string, number>();
  const acceptedBySource = new Map<string, number>();
  const byMerchant = new Map<string, number>();
  for (const count of counts) {
    charges += count.charges;
    for (const [source, number] of count.bySource) add(bySource, source, number);
    for (const [source, number] of count.acceptedBySource) add(acceptedBySource, source, number);
    for (const [merchant, number] of count.byMerchant) add(byMerchant, merchant, number);
  }
  return { charges, bySource, acceptedBySource, byMerchant };
}

function add(counts: Map<string, number>, key: string, number: number): void {
  counts.set(key, (counts.get(key) ?? 0) + number);
}
