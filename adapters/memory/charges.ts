import type { Ms } from '../../core/brands.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { RecordStore } from '../../core/detection/record-store.ts';
import type { InsertOutcome, WindowStore } from '../../core/detection/window-store.ts';
import { bug } from '../../core/fault.ts';
import type { Attempt } from '../../core/refunds/attempt.ts';
import type { ClaimStore, Grant, Reservation, ReservationReader } from '../../core/refunds/claim-store.ts';
import type { ReservationWriter } from '../../core/refunds/migrate.ts';

/** Every item that is there, expired or not. */
interface Listed<Item> {
  all(): readonly Item[];
}

/** Charge records, windows and reservations in this process, under the same conditions as in DynamoDB. */
export interface MemoryCharges {
  readonly records: RecordStore & Listed<ChargeRecord>;
  readonly windows: WindowStore & Listed<ChargeWindow>;
  readonly claims: ClaimStore & ReservationReader & ReservationWriter & Listed<Reservation>;
  /** What DynamoDB's time to live does at some moment after the expiry: the items are gone. */
  deleteExpired(nowMs: Ms): void;
}

export function createMemoryCharges(): MemoryCharges {
  const records = versionedItems<string, ChargeRecord>(({ id }) => id);
  const windows = versionedItems<string, ChargeWindow>(({ fingerprint }) => fingerprint);
  return {
    records: {
      insertRecords: async (all) => records.insertAll(all),
      readRecords: async (ids, nowMs) =>
        ids.map((id) => {
          const { item, version } = records.read(id, nowMs);
          return { record: item, version };
        }),
      replaceRecord: async (record, expectedVersion) => records.replace(record, expectedVersion),
      all: records.all,
    },
    windows: {
      insertWindows: async (all) => windows.insertAll(all),
      readWindows: async (fingerprints, nowMs) =>
        fingerprints.map((fingerprint) => {
          const { item, version } = windows.read(fingerprint, nowMs);
          return { window: item, version };
        }),
      replaceWindow: async (window, expectedVersion) => windows.replace(window, expectedVersion),
      all: windows.all,
    },
    claims: claimsOver(records, windows),
    deleteExpired: (nowMs) => {
      records.deleteExpired(nowMs);
      windows.deleteExpired(nowMs);
    },
  };
}

type Records = ReturnType<typeof versionedItems<string, ChargeRecord>>;
type Windows = ReturnType<typeof versionedItems<string, ChargeWindow>>;

function claimsOver(records: Records, windows: Windows): MemoryCharges['claims'] {
  const reservations = new Map<string, Reservation>();
  const keyOf = ({ flagId, attempt }: Attempt) => `${flagId}-${attempt}`;
  const isPinned = (pinned: Grant['window']) =>
    windows.find(pinned.fingerprint)?.decisiveVersion === pinned.decisiveVersion;
  const holds = ({ record, expectedVersion, window, orderWindow, survivors, reservation }: Grant): boolean =>
    records.versionOf(record.id) === expectedVersion &&
    isPinned(window) &&
    (orderWindow === undefined || isPinned(orderWindow)) &&
    survivors.every(({ id, version }) => records.versionOf(id) === version) &&
    !reservations.has(keyOf(reservation));
  return {
    grant: async (grant) => {
      if (!holds(grant)) return 'conflict';
      records.replace(grant.record, grant.expectedVersion);
      reservations.set(keyOf(grant.reservation), grant.reservation);
      return 'granted';
    },
    insertReservation: async (reservation) => {
      if (reservations.has(keyOf(reservation))) return 'exists';
      reservations.set(keyOf(reservation), reservation);
      return 'inserted';
    },
    readReservation: async (attempt) => reservations.get(keyOf(attempt)),
    all: () => [...reservations.values()],
  };
}

function versionedItems<Key, Item extends { readonly version: number; readonly expiresAtMs: Ms }>(
  keyOf: (item: Item) => Key,
) {
  const items = new Map<Key, Item>();
  const versionOf = (key: Key): number => items.get(key)?.version ?? 0;
  return {
    versionOf,
    find: (key: Key) => items.get(key),
    insertAll: (all: readonly Item[]): readonly InsertOutcome[] => {
      // DynamoDB refuses two statements for one item.
      if (new Set(all.map(keyOf)).size < all.length) throw bug('one item twice in one write');
      return all.map((item) => {
        if (items.has(keyOf(item))) return 'exists';
        items.set(keyOf(item), item);
        return 'inserted';
      });
    },
    read: (key: Key, nowMs: Ms) => {
      const item = items.get(key);
      const isAlive = item !== undefined && item.expiresAtMs > nowMs;
      return { item: isAlive ? item : undefined, version: versionOf(key) };
    },
    replace: (item: Item, expectedVersion: number): 'replaced' | 'conflict' => {
      if (versionOf(keyOf(item)) !== expectedVersion) return 'conflict';
      items.set(keyOf(item), item);
      return 'replaced';
    },
    all: () => [...items.values()],
    deleteExpired: (nowMs: Ms) => {
      for (const [key, { expiresAtMs }] of items) if (expiresAtMs <= nowMs) items.delete(key);
    },
  };
}
