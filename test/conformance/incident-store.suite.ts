import { beforeEach, describe, expect, it } from 'vitest';
import { asCaseId, asFlagId, asIncidentId } from '../../core/brands.ts';
import { asNotified, closed, type Incident, looked, newIncident } from '../../core/incidents/incident.ts';
import type { IncidentStore, OpenedCase } from '../../core/incidents/incident-store.ts';
import type { Scope } from '../../core/incidents/scope.ts';
import { type Member, NOTHING } from '../../core/incidents/totals.ts';
import { pages } from '../../core/pages.ts';
import { MINUTE, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

function incident(scope: Scope, atMs = START_MS): Incident {
  return newIncident({ scope, cases: 25, usual: 1.5, threshold: 20 }, { nowMs: atMs, windowMs: 5 * MINUTE });
}

function member(n: number, shows: Partial<Extract<Member, { kind: 'case' }>> = {}): Member {
  return {
    kind: 'case',
    id: asCaseId(digests.hash128(`case ${n}`)),
    version: 1,
    merchant: 'm_1',
    source: '/wallet',
    currency: 'CNY',
    charges: 1,
    atStakeMinor: 100,
    refundedMinor: 0,
    resolved: false,
    openedAtMs: START_MS,
    changedAtMs: START_MS,
    ...shows,
  };
}

function opened(n: number, openedAtMs = START_MS): OpenedCase {
  return {
    caseId: asCaseId(digests.hash128(`case ${n}`)),
    merchant: 'm_1',
    source: '/wallet',
    openedAtMs,
    member: member(n),
  };
}

const look = { atMs: START_MS, totals: NOTHING, merchants: [], orders: [], isCalm: false, isAbsorbed: true } as const;

/** What every store of incidents must do. */
export function incidentStoreSuite(name: string, create: () => Promise<IncidentStore>): void {
  describe(`the incident store ${name}`, () => {
    let store: IncidentStore;
    beforeEach(async () => {
      store = await create();
    });

    it('finds nothing where nothing is', async () => {
      expect(await store.liveIncidents()).toEqual([]);
      expect(await store.unfinishedIncidents()).toEqual([]);
      expect(await store.listIncidents({ limit: 5 })).toEqual({ items: [] });
      expect(await store.readIncident(asIncidentId('no'))).toBeUndefined();
      expect(await store.membersOf(asIncidentId('no'))).toEqual([]);
      expect(await store.openedBetween(0, START_MS)).toEqual([]);
      expect((await store.chargesProcessedSince(START_MS, START_MS)).charges).toBe(0);
    });

    it('opens one incident a scope, whoever is first of many', async () => {
      const scopes: readonly Scope[] = [
        { kind: 'all' },
        { kind: 'merchant', merchant: 'm_1' },
        { kind: 'processor', source: '/processors/wallet' },
      ];
      for (const scope of scopes) {
        const tries = Array.from({ length: 8 }, (_, n) => store.openIncident(incident(scope, START_MS + n)));
        const outcomes = await Promise.all(tries);
        expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
      }
      const live = await store.liveIncidents();
      expect(live.map(({ scope }) => scope)).toEqual(expect.arrayContaining([...scopes]));
      expect(live).toHaveLength(3);
      expect((await store.listIncidents({ limit: 10 })).items).toHaveLength(3);
    });

    it('saves on the version before, and only that', async () => {
      const first = incident({ kind: 'all' });
      await store.openIncident(first);
      const notified = asNotified(first);
      expect(await store.saveIncident(notified)).toBe('saved');
      expect(await store.saveIncident(notified)).toBe('conflict');
      expect(await store.saveIncident({ ...notified, version: 7 })).toBe('conflict');
      expect(await store.readIncident(first.id)).toEqual(notified);
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => store.saveIncident({ ...notified, version: notified.version + 1 })),
      );
      expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
    });

    it('takes a closing one off the live ones at once, and off the unfinished ones when its report is sent', async () => {
      const first = incident({ kind: 'all' });
      await store.openIncident(first);
      const closing = looked(asNotified(first), look, 0);
      await store.saveIncident(asNotified(first));
      expect(await store.saveIncident(closing)).toBe('saved');
      expect(await store.liveIncidents()).toEqual([]);
      expect((await store.unfinishedIncidents()).map(({ id }) => id)).toEqual([first.id]);

      const successor = incident({ kind: 'all' }, START_MS + MINUTE);
      expect(await store.openIncident(successor)).toBe('opened');
      const report = closed(closing, look);
      expect(await store.saveIncident(report)).toBe('saved');
      expect((await store.unfinishedIncidents()).map(({ id }) => id).sort()).toEqual([first.id, successor.id].sort());
      expect(await store.saveIncident(asNotified(report))).toBe('saved');
      expect((await store.unfinishedIncidents()).map(({ id }) => id)).toEqual([successor.id]);
      expect((await store.liveIncidents()).map(({ id }) => id)).toEqual([successor.id]);
      expect((await store.listIncidents({ limit: 10 })).items.map(({ id }) => id)).toEqual([successor.id, first.id]);
    });

    it('lists the newest first, page by page', async () => {
      const incidents = Array.from({ length: 5 }, (_, n) =>
        incident({ kind: 'merchant', merchant: `m_${n}` }, START_MS + n * MINUTE),
      );
      for (const one of incidents) await store.openIncident(one);
      const ids: string[] = [];
      for await (const { items } of pages((place) => store.listIncidents({ limit: 2, ...place }))) {
        expect(items.length).toBeLessThanOrEqual(2);
        ids.push(...items.map(({ id }) => id));
      }
      expect(ids).toEqual(incidents.map(({ id }) => id).toReversed());
    });

    it('keeps the newest version of each member, in whatever order they come', async () => {
      const id = asIncidentId('i');
      const versions = [2, 3, 1, 3, 2].map((version) => member(1, { version, charges: version }));
      await store.noteMembers(id, versions.slice(0, 2));
      await Promise.all(versions.slice(2).map((one) => store.noteMembers(id, [one])));
      await store.noteMembers(
        id,
        Array.from({ length: 40 }, (_, n) => member(n + 10)),
      );
      await store.noteMembers(asIncidentId('another'), [member(1)]);
      const flag = { kind: 'flag', id: asFlagId(digests.hash128('case 1')), version: 1, currency: 'CNY' } as const;
      await store.noteMembers(id, [{ ...flag, waits: 'held', amountMinor: 5 }]);
      const members = await store.membersOf(id);
      expect(members).toHaveLength(42);
      expect(members).toContainEqual(member(1, { version: 3, charges: 3 }));
    });

    it('counts an opened case once, however often it is noted, and finds it by its time', async () => {
      const cases = Array.from({ length: 60 }, (_, n) => opened(n, START_MS + n));
      await Promise.all([store.noteOpened(cases), store.noteOpened(cases), store.noteOpened(cases.slice(5))]);
      const found = await store.openedBetween(START_MS + 10, START_MS + 19);
      expect(found.toSorted((a, b) => a.openedAtMs - b.openedAtMs)).toEqual(cases.slice(10, 20));
      expect(await store.openedBetween(START_MS, START_MS + MINUTE)).toHaveLength(60);
    });

    it('adds up the charges processed by minute, processor and merchant', async () => {
      const count = (atMs: number, charges: number, source: string) =>
        store.noteChargesProcessed({
          charges,
          atMs,
          lagMs: 5,
          bySource: new Map([[source, charges]]),
          acceptedBySource: new Map([[source, 2 * charges]]),
          byMerchant: new Map([['m 1#odd.name', 256]]),
        });
      await Promise.all([
        count(START_MS, 3, '/processors/wallet'),
        count(START_MS + 1_000, 4, '/processors/bank'),
        count(START_MS + MINUTE, 5, '/processors/wallet'),
        count(START_MS + 9 * MINUTE, 100, '/processors/wallet'),
      ]);
      const processed = await store.chargesProcessedSince(START_MS + 30_000, START_MS + 2 * MINUTE);
      expect(processed.charges).toBe(12);
      expect(Object.fromEntries(processed.bySource)).toEqual({ '/processors/wallet': 8, '/processors/bank': 4 });
      expect(Object.fromEntries(processed.acceptedBySource)).toEqual({
        '/processors/wallet': 16,
        '/processors/bank': 8,
      });
      expect(processed.byMerchant.get('m 1#odd.name')).toBe(3 * 256);
      expect(processed.newest).toEqual({ atMs: START_MS + MINUTE, lagMs: 5 });
    });

    it('gives a name to one owner, who may ask again', async () => {
      const owners = ['a', 'b', 'c', 'd'];
      const answers = await Promise.all(owners.map((owner) => store.claimOnce('budget', owner, START_MS)));
      expect(answers.filter((answer) => answer === 'yours')).toHaveLength(1);
      const owner = owners[answers.indexOf('yours')] ?? '';
      expect(await store.claimOnce('budget', owner, START_MS)).toBe('yours');
      expect(await store.claimOnce('budget', 'e', START_MS)).toBe('others');
      expect(await store.claimOnce('another', 'e', START_MS)).toBe('yours');
    });
  });
}
