import { beforeAll, describe, expect, it } from 'vitest';
import { asFingerprint } from '../../core/brands.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { RecordStore } from '../../core/detection/record-store.ts';
import { recordClaim, release } from '../../core/detection/record-transitions.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { ClaimStore, Grant, ReservationReader } from '../../core/refunds/claim-store.ts';
import { charge, START_MS } from '../fixtures/charges.ts';
import { claimIn } from '../fixtures/claims.ts';
import {
  claimed,
  closedAs,
  disputedAs,
  keptAfter,
  refundedByOthers,
  totalled,
  viewed,
  viewOf,
  voidedAt,
} from '../fixtures/views.ts';
import { versionedItemsSuite } from './versioned-items.suite.ts';

export interface ChargeStores {
  readonly records: RecordStore;
  readonly windows: WindowStore;
  readonly claims: ClaimStore & ReservationReader;
}

const NOW = START_MS;
let named = 0;

/** A pair of charges that no other test has: window and records. */
function pair() {
  const n = ++named;
  const [one, two] = [charge({ chargeId: `a_${n}`, part: 'deposit' }), charge({ chargeId: `b_${n}`, part: 'deposit' })];
  const view = viewOf([one, two]);
  const window: ChargeWindow = { ...view.window, fingerprint: asFingerprint(`same-order#k1#${n}`) };
  return { window, original: viewed(view, one).record, copy: viewed(view, two).record };
}

function totalOn(window: ChargeWindow): ChargeWindow {
  return totalled(12_900)({ window, records: new Map() }).window;
}

function recordWithAllFacts(): ChargeRecord {
  const of = charge({ chargeId: `all_${++named}`, instrument: 'tok_1', mcc: '5311' });
  const facts = [voidedAt(of), refundedByOthers(of, 7), disputedAs(of, 'merchant'), keptAfter(of, NOW)];
  return viewed(viewOf([of], ...facts, claimed(of, claimIn('failed'))), of).record;
}

/** What every store of records, windows and claims must do. */
export function chargesSuite(name: string, create: () => Promise<ChargeStores>): void {
  versionedItemsSuite<ChargeRecord>(`the record store ${name}`, async () => {
    const { records } = await create();
    return {
      insertAll: records.insertRecords,
      replace: records.replaceRecord,
      read: async (items, nowMs) => {
        const all = await records.readRecords(
          items.map(({ id }) => id),
          nowMs,
        );
        return all.map(({ record, version }) => ({ item: record, version }));
      },
      fresh: recordWithAllFacts,
    };
  });

  versionedItemsSuite<ChargeWindow>(`the window store ${name}`, async () => {
    const { windows } = await create();
    return {
      insertAll: windows.insertWindows,
      replace: windows.replaceWindow,
      read: async (items, nowMs) => {
        const all = await windows.readWindows(
          items.map(({ fingerprint }) => fingerprint),
          nowMs,
        );
        return all.map(({ window, version }) => ({ item: window, version }));
      },
      fresh: () => pair().window,
    };
  });

  describe(`the claim store ${name}`, () => {
    let stores: ChargeStores;
    beforeAll(async () => {
      stores = await create();
    });

    /** A pair that is written, and the claim that it allows. */
    async function written() {
      const { window, original, copy } = pair();
      await stores.windows.insertWindows([window]);
      await stores.records.insertRecords([original, copy]);
      const { source, chargeId } = copy;
      const grant: Grant = {
        record: recordClaim(copy, claimIn('claimed'), NOW),
        expectedVersion: copy.version,
        window: { fingerprint: window.fingerprint, decisiveVersion: window.decisiveVersion },
        survivors: [{ id: original.id, version: original.version }],
        reservation: {
          flagId: copy.id,
          attempt: 0,
          charge: { source, chargeId },
          amountMinor: 12_900,
          currency: 'CNY',
        },
      };
      return { window, original, copy, grant };
    }

    async function claimOf({ id }: ChargeRecord) {
      return (await stores.records.readRecords([id], NOW))[0]?.record?.ours;
    }

    it('writes claim and reservation together', async () => {
      const { copy, grant } = await written();
      expect(await stores.claims.readReservation(grant.reservation)).toBeUndefined();
      expect(await stores.claims.grant(grant)).toBe('granted');
      expect(await claimOf(copy)).toEqual(claimIn('claimed'));
      expect(await stores.claims.readReservation(grant.reservation)).toEqual(grant.reservation);
      expect(await stores.claims.readReservation({ ...grant.reservation, attempt: 1 })).toBeUndefined();
    });

    it.each<[string, (all: Awaited<ReturnType<typeof written>>) => Promise<unknown>]>([
      [
        'the own record has changed',
        ({ copy }) => stores.records.replaceRecord(release(copy, { timeMs: NOW, nowMs: NOW }), copy.version),
      ],
      [
        'the survivor has changed',
        ({ original }) =>
          stores.records.replaceRecord(release(original, { timeMs: NOW, nowMs: NOW }), original.version),
      ],
      [
        'the order was closed',
        ({ window }) => {
          const closed = closedAs('paid')({ window, records: new Map() }).window;
          return stores.windows.replaceWindow(closed, window.version);
        },
      ],
      ['the total has changed', ({ window }) => stores.windows.replaceWindow(totalOn(window), window.version)],
    ])('writes nothing when %s', async (_, happen) => {
      const all = await written();
      await happen(all);
      const before = await claimOf(all.copy);
      expect(await stores.claims.grant(all.grant)).toBe('conflict');
      expect(await claimOf(all.copy)).toEqual(before);
      expect(await stores.claims.readReservation(all.grant.reservation)).toBeUndefined();
    });

    it.each<[string, (grant: Grant) => Grant]>([
      ['window', (grant) => ({ ...grant, window: { ...grant.window, fingerprint: asFingerprint('gone') } })],
      ['survivor', (grant) => ({ ...grant, survivors: [{ id: recordWithAllFacts().id, version: NOW }] })],
    ])('writes nothing when the %s is gone', async (_, change) => {
      const { grant, copy } = await written();
      expect(await stores.claims.grant(change(grant))).toBe('conflict');
      expect(await claimOf(copy)).toBeUndefined();
    });

    it('writes nothing when the total of the order has changed, where another detector decides', async () => {
      const { copy, grant } = await written();
      const { window: order } = pair();
      await stores.windows.insertWindows([order]);
      const orderWindow = { fingerprint: order.fingerprint, decisiveVersion: order.decisiveVersion };
      await stores.windows.replaceWindow(totalOn(order), order.version);
      expect(await stores.claims.grant({ ...grant, orderWindow })).toBe('conflict');
      expect(await claimOf(copy)).toBeUndefined();
      const decisiveVersion = totalOn(order).decisiveVersion;
      expect(await stores.claims.grant({ ...grant, orderWindow: { ...orderWindow, decisiveVersion } })).toBe('granted');
    });

    it('does not mind a window that has only more charges', async () => {
      const { window, grant } = await written();
      await stores.windows.replaceWindow({ ...window, version: window.version + 1 }, window.version);
      expect(await stores.claims.grant(grant)).toBe('granted');
    });

    it('never grants an attempt that has a reservation', async () => {
      const { copy, grant } = await written();
      await stores.claims.grant(grant);
      const [found] = await stores.records.readRecords([copy.id], NOW);
      const again = { ...grant, expectedVersion: found?.version ?? 0 };
      expect(await stores.claims.grant(again)).toBe('conflict');
    });

    it('grants exactly one of many at once', async () => {
      const { grant } = await written();
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => stores.claims.grant(grant)));
      const granted = outcomes.filter((one) => one.status === 'fulfilled' && one.value === 'granted');
      expect(granted).toHaveLength(1);
      expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
    });
  });
}
