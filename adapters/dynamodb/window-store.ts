import type { WindowStore } from '../../core/detection/window-store.ts';
import { type ChargesTable, insertItems, replaceItem } from './charge-items.ts';
import { getItems } from './get-items.ts';
import { decodeWindow, encodeWindow } from './window-item.ts';

/** Charge windows in the Charges table, one item each under the window's fingerprint. */
export function createWindowStore(table: ChargesTable): WindowStore {
  return {
    insertWindows: (windows) => insertItems(windows.map(encodeWindow), table),
    async readWindows(fingerprints, nowMs) {
      const keys = [...new Set(fingerprints)].map((pk) => ({ pk: { S: pk } }));
      const items = new Map((await getItems(table, keys)).map((item) => [item.pk?.S, item]));
      return fingerprints.map((pk) => {
        const item = items.get(pk);
        return item === undefined ? { window: undefined, version: 0 } : decodeWindow(item, nowMs);
      });
    },
    replaceWindow: (window, expectedVersion) => replaceItem(encodeWindow(window), expectedVersion, table),
  };
}
