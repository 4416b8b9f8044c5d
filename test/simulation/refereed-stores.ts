import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryCharges } from '../../adapters/memory/charges.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { Charges } from './charges.ts';
import { unreadableChange, unreadableRecord, unreadableWindow } from './readable.ts';
import type { Referee } from './referee.ts';

const READABLE = 'what is written can be read';

/** The stores, with the referee checking each write at the moment of the write. */
export function refereedCharges(charges: MemoryCharges, referee: Referee, nowMs: () => number): Charges {
  const { records, windows, claims } = charges;
  const recordBefore = (id: string) => alive(records.all().find((each) => each.id === id));
  const windowBefore = (key: string) => alive(windows.all().find((each) => each.fingerprint === key));
  const alive = <Item extends { readonly expiresAtMs: number }>(item: Item | undefined) =>
    item !== undefined && item.expiresAtMs > nowMs() ? item : undefined;
  const wroteRecord = (before: ChargeRecord | undefined, after: ChargeRecord, isGrant = false) => {
    const fault = unreadableRecord(after);
    if (fault !== undefined) referee.break(READABLE, fault);
    referee.onRecord({ before, after }, isGrant);
  };
  const wroteWindow = (before: ChargeWindow | undefined, after: ChargeWindow) => {
    const fault = unreadableWindow(after);
    if (fault !== undefined) referee.break(READABLE, fault);
    referee.onWindow({ before, after });
  };
  return {
    records: {
      readRecords: records.readRecords,
      insertRecords: async (all) => {
        const outcomes = await records.insertRecords(all);
        for (const [at, after] of all.entries()) if (outcomes[at] === 'inserted') wroteRecord(undefined, after);
        return outcomes;
      },
      replaceRecord: async (after, expectedVersion) => {
        const before = recordBefore(after.id);
        const outcome = await records.replaceRecord(after, expectedVersion);
        if (outcome === 'replaced') wroteRecord(before, after);
        return outcome;
      },
    },
    windows: {
      readWindows: windows.readWindows,
      insertWindows: async (all) => {
        const outcomes = await windows.insertWindows(all);
        for (const [at, after] of all.entries()) if (outcomes[at] === 'inserted') wroteWindow(undefined, after);
        return outcomes;
      },
      replaceWindow: async (after, expectedVersion) => {
        const before = windowBefore(after.fingerprint);
        const outcome = await windows.replaceWindow(after, expectedVersion);
        if (outcome === 'replaced') wroteWindow(before, after);
        return outcome;
      },
    },
    claims: {
      readReservation: claims.readReservation,
      grant: async (grant) => {
        const before = recordBefore(grant.record.id);
        const outcome = await claims.grant(grant);
        if (outcome === 'granted') {
          wroteRecord(before, grant.record, true);
          referee.onGrant(grant);
        }
        return outcome;
      },
    },
  };
}

/** The same for flags; each that was written goes to the outbox. */
export function refereedCases(store: MemoryCaseStore, referee: Referee, onFlag: (flag: Flag) => void): CaseStore {
  return {
    ...store,
    commit: async (change) => {
      const before = new Map(store.allFlags().map((flag) => [flag.id, flag]));
      const outcome = await store.commit(change);
      if (outcome === 'committed') {
        const fault = unreadableChange(change);
        if (fault !== undefined) referee.break(READABLE, fault);
        referee.onCommit(change, before);
        for (const flag of change.flags) onFlag(flag);
      }
      return outcome;
    },
  };
}
