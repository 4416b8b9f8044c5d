import { recordsOf } from '../adapters/s3/bundled-records.ts';
import type { QuarantineIndex } from '../core/redrive/quarantine-index.ts';
import { QUARANTINE_STATUSES, type QuarantinedItem } from '../core/redrive/quarantined-item.ts';

interface CounterPorts {
  /** How many items the index has: where it is as before, nothing is listed anew. */
  readonly countItems: () => Promise<number>;
  readonly index: Pick<QuarantineIndex, 'list'>;
  readonly bytesOf: (item: QuarantinedItem) => Promise<Uint8Array>;
}

/**
 * Returns what counts the refused records of a run: each once, whether it has an item of its own or is stored together with
 * others. What was read of an item is remembered: its records never change.
 */
export function createQuarantineCounter({ countItems, index, bytesOf }: CounterPorts): () => Promise<number> {
  const idsByItem = new Map<string, readonly string[]>();
  let items = 0;
  return async () => {
    const now = await countItems();
    if (now !== items) {
      for await (const item of index.list({ statuses: QUARANTINE_STATUSES })) {
        if (!idsByItem.has(item.id)) idsByItem.set(item.id, await idsOf(item, bytesOf));
      }
      items = now;
    }
    return new Set([...idsByItem.values()].flat()).size;
  };
}

async function idsOf(item: QuarantinedItem, bytesOf: CounterPorts['bytesOf']): Promise<readonly string[]> {
  if (item.records === undefined) return [item.id];
  return recordsOf(item, await bytesOf(item)).map((record) => record.item.id);
}
