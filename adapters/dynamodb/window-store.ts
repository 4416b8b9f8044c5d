import type { InsertOutcome, WindowStore } from '../../core/detection/window-store.ts';
import { type ChargeItem, type ChargesTable, insertItems, replaceItem } from './charge-items.ts';
import { getItems } from './get-items.ts';
import { decodeWindow, encodeWindow } from './window-item.ts';

/** A refused insert costs a write unit for each KB of the item that refuses it: of the text, and of the key and versions beside it. */
const LARGE_BYTES = 900;
/** A few megabytes of keys; the oldest is forgotten, and then costs one refused insert. */
const LARGE_MAX = 50_000;

/**
 * Charge windows in the Charges table, one item each under the window's fingerprint. The store keeps in memory which large
 * windows it has met, and does not try to insert these: the read that must follow decides, also where one has gone since.
 */
export function createWindowStore(table: ChargesTable): WindowStore {
  const large = new Set<string>();
  const note = (pk: string, bytes: number) => {
    large.delete(pk);
    if (bytes < LARGE_BYTES) return;
    large.add(pk);
    const [oldest] = large;
    if (large.size > LARGE_MAX && oldest !== undefined) large.delete(oldest);
  };
  const noteItem = ({ pk, facts }: ChargeItem) => note(pk, facts.length);

  return {
    async insertWindows(windows) {
      const items = windows.filter(({ fingerprint }) => !large.has(fingerprint)).map(encodeWindow);
      const outcomes = await insertItems(items, table);
      const outcomeOf = new Map<string, InsertOutcome>();
      for (const [at, item] of items.entries()) {
        const outcome = outcomes[at];
        if (outcome === undefined) continue;
        outcomeOf.set(item.pk, outcome);
        if (outcome === 'inserted') noteItem(item);
      }
      return windows.map(({ fingerprint }) => outcomeOf.get(fingerprint) ?? 'exists');
    },
    async readWindows(fingerprints, nowMs) {
      const keys = [...new Set(fingerprints)].map((pk) => ({ pk: { S: pk } }));
      const items = new Map((await getItems(table, keys)).map((item) => [item.pk?.S, item]));
      return fingerprints.map((pk) => {
        const item = items.get(pk);
        note(pk, item?.f?.S?.length ?? 0);
        return item === undefined ? { window: undefined, version: 0 } : decodeWindow(item, nowMs);
      });
    },
    async replaceWindow(window, expectedVersion) {
      const item = encodeWindow(window);
      const outcome = await replaceItem(item, expectedVersion, table);
      if (outcome === 'replaced') noteItem(item);
      return outcome;
    },
  };
}
