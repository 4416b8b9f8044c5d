import type { Fingerprint, Ms } from '../../core/brands.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { FoundWindow, InsertOutcome, Replacement, WindowStore } from '../../core/detection/window-store.ts';
import { bug } from '../../core/fault.ts';

/** Charge windows in this process, under the same conditions as in DynamoDB. For tests and the simulator. */
export interface MemoryWindowStore extends WindowStore {
  /** Every item that is there, expired or not. */
  all(): readonly ChargeWindow[];
  /** What DynamoDB's time to live does at some moment after the expiry: the item is gone. */
  deleteExpired(nowMs: Ms): void;
}

export function createMemoryWindowStore(): MemoryWindowStore {
  const items = new Map<Fingerprint, ChargeWindow>();
  const versionOf = (fingerprint: Fingerprint): number => items.get(fingerprint)?.version ?? 0;

  const insert = (window: ChargeWindow): InsertOutcome => {
    if (items.has(window.fingerprint)) return 'exists';
    items.set(window.fingerprint, window);
    return 'inserted';
  };
  const find = (fingerprint: Fingerprint, nowMs: Ms): FoundWindow => {
    const item = items.get(fingerprint);
    const isAlive = item !== undefined && item.expiresAtMs > nowMs;
    return { window: isAlive ? item : undefined, version: item?.version ?? 0 };
  };
  const replaceAll = (replacements: readonly Replacement[]): 'replaced' | 'conflict' => {
    assertDistinct(replacements.map(({ window }) => window.fingerprint));
    if (replacements.some(({ window, expectedVersion }) => versionOf(window.fingerprint) !== expectedVersion)) {
      return 'conflict';
    }
    for (const { window } of replacements) items.set(window.fingerprint, window);
    return 'replaced';
  };
  return {
    insertAll: async (windows) => {
      assertDistinct(windows.map(({ fingerprint }) => fingerprint));
      return windows.map(insert);
    },
    read: async (fingerprints, nowMs) => fingerprints.map((fingerprint) => find(fingerprint, nowMs)),
    replaceAll: async (replacements) => replaceAll(replacements),
    all: () => [...items.values()],
    deleteExpired: (nowMs) => {
      for (const [fingerprint, { expiresAtMs }] of items) if (expiresAtMs <= nowMs) items.delete(fingerprint);
    },
  };
}

/** DynamoDB refuses two statements, or two members of a transaction, for one item. */
function assertDistinct(fingerprints: readonly Fingerprint[]): void {
  if (new Set(fingerprints).size < fingerprints.length) throw bug('one window twice in one write');
}
