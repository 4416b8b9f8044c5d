import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryIncidentStore } from '../../../adapters/memory/incident-store.ts';
import { alertSchema } from '../../../core/alerts/alert.ts';
import type { RecordChange } from '../../../core/alerts/notify.ts';
import type { IncidentStore } from '../../../core/incidents/incident-store.ts';
import { addTotals, NOTHING, totalsOf } from '../../../core/incidents/totals.ts';
import { MINUTE, START_MS } from '../../fixtures/charges.ts';
import { wait } from '../../fixtures/flags.ts';
import { newTown, ofKind, passMinutes, type Town } from '../alerts/town.ts';
import { CaseHistory } from './histories.ts';

/** How a case goes on after it opened. */
const FATES = ['open', 'refund', 'hold', 'fail', 'unknown', 'hold-then-refund'] as const;

const caseArbitrary = fc.record({
  merchant: fc.constantFrom('m_1', 'm_2', 'm_3'),
  source: fc.constantFrom('/processors/wallet', '/processors/bank'),
  duplicates: fc.integer({ min: 1, max: 3 }),
  currency: fc.constantFrom('CNY', 'JPY'),
  fate: fc.constantFrom(...FATES),
  round: fc.nat({ max: 3 }),
});
type CaseDrawn = typeof caseArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const historyArbitrary = fc.record({
  cases: fc.array(caseArbitrary, { minLength: 1, maxLength: 14 }),
  /** Which batches are delivered a second time, and which are killed first after so many messages. */
  again: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  kills: fc.array(fc.option(fc.nat({ max: 2 }), { nil: undefined }), { minLength: 12, maxLength: 12 }),
  pauses: fc.array(fc.constantFrom(1_000, 20_000, MINUTE, 3 * MINUTE), { minLength: 4, maxLength: 4 }),
});

function historyOf(drawn: CaseDrawn, n: number, atMs: number): CaseHistory {
  const history = new CaseHistory({ n, ...drawn, atMs });
  for (let at = 0; at < drawn.duplicates; at++) {
    switch (drawn.fate) {
      case 'open':
        break;
      case 'refund':
        history.refund(at, atMs);
        break;
      case 'hold':
        history.change(at, { status: 'held', wait: wait({ waitsFor: ['review'] }) }, atMs);
        break;
      case 'fail':
        history.change(at, { status: 'refunding', refundMinor: 1 }, atMs).change(at, { status: 'failed' }, atMs);
        break;
      case 'unknown':
        history.change(at, { status: 'refunding', refundMinor: 1 }, atMs).change(at, { unanswered: true }, atMs);
        break;
      case 'hold-then-refund':
        history
          .change(at, { status: 'held', wait: wait({ waitsFor: ['limit'] }) }, atMs)
          .change(at, { status: 'approved' }, atMs);
        history.refund(at, atMs);
        break;
    }
  }
  return history;
}

/** Every call of the store yields to others, in an order that fast-check chooses. */
function scheduled(store: IncidentStore, scheduler: fc.Scheduler): IncidentStore {
  return {
    noteChargesProcessed: scheduler.scheduleFunction((count) => store.noteChargesProcessed(count)),
    chargesProcessedSince: scheduler.scheduleFunction((from, now) => store.chargesProcessedSince(from, now)),
    noteOpened: scheduler.scheduleFunction((cases) => store.noteOpened(cases)),
    openedBetween: scheduler.scheduleFunction((from, to) => store.openedBetween(from, to)),
    liveIncidents: scheduler.scheduleFunction(() => store.liveIncidents()),
    openIncident: scheduler.scheduleFunction((incident) => store.openIncident(incident)),
    readIncident: scheduler.scheduleFunction((id) => store.readIncident(id)),
    saveIncident: scheduler.scheduleFunction((incident) => store.saveIncident(incident)),
    unfinishedIncidents: scheduler.scheduleFunction(() => store.unfinishedIncidents()),
    listIncidents: scheduler.scheduleFunction((page) => store.listIncidents(page)),
    noteMembers: scheduler.scheduleFunction((id, members) => store.noteMembers(id, members)),
    membersOf: scheduler.scheduleFunction((id) => store.membersOf(id)),
    claimOnce: scheduler.scheduleFunction((name, owner, now) => store.claimOnce(name, owner, now)),
  };
}

/** Tells all cases in rounds of workers and runs that interleave, and lets every incident end. */
async function play(
  { cases, again, kills, pauses }: typeof historyArbitrary extends fc.Arbitrary<infer Drawn> ? Drawn : never,
  scheduler: fc.Scheduler,
): Promise<{ town: Town; store: IncidentStore; histories: readonly CaseHistory[] }> {
  const store = createMemoryIncidentStore();
  const town = newTown({ store: scheduled(store, scheduler) });
  const histories: CaseHistory[] = [];
  for (const [round, pause] of pauses.entries()) {
    const notified = cases.flatMap((drawn, n) => (drawn.round === round ? [historyOf(drawn, n, town.nowMs())] : []));
    histories.push(...notified);
    // Cases are spread over three workers: a record's changes stay in their order, as on a shard of the stream.
    const batches = [0, 1, 2].map((worker) =>
      notified.filter((_, n) => n % 3 === worker).flatMap(({ changes }) => changes),
    );
    const work = batches.map(async (batch, worker) => {
      const at = round * 3 + worker;
      await deliver(town, batch, kills[at]);
      if (again[at]) await deliver(town, batch, undefined);
    });
    await scheduler.waitFor(Promise.all([...work, town.keep(kills[round]), town.keep()]));
    town.pass(pause);
  }
  await scheduler.waitFor(passMinutes(town, 40));
  return { town, store, histories };
}

/** What fails is delivered again, until it goes through. */
async function deliver(town: Town, batch: readonly RecordChange[], sends: number | undefined): Promise<void> {
  if (batch.length === 0) return;
  if (sends !== undefined && (await town.work(batch, sends)) === 'done') return;
  await town.work(batch);
}

describe('the arithmetic of alerts', () => {
  it('holds for any interleaving of cases, workers, repetitions and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, fc.scheduler(), async (drawn, scheduler) => {
        const { town, store, histories } = await play(drawn, scheduler);
        for (const alert of town.sent) expect(alertSchema.safeParse(alert).success).toBe(true);
        const { items } = await store.listIncidents({ limit: 100 });
        expect(new Set(ofKind(town, 'incident.opened').map(({ alertId }) => alertId)).size).toBe(items.length);

        const folded = new Set<string>();
        for (const incident of items) {
          expect(incident.status).toBe('closed');
          const mine = <Alert extends { incidentId: string }>(alerts: readonly Alert[]) =>
            alerts.filter(({ incidentId }) => incidentId === incident.id);
          const closings = mine(ofKind(town, 'incident.closed'));
          expect(new Set(closings.map(({ alertId }) => alertId)).size).toBe(1);
          const digests = [
            ...new Map(mine(ofKind(town, 'incident.digest')).map((one) => [one.number, one])).values(),
          ].toSorted((a, b) => a.number - b.number);
          expect(digests.map(({ number }) => number)).toEqual(digests.map((_, at) => at + 1));
          let sum = NOTHING;
          for (const record of [...digests, closings[0]!]) {
            // one closing, as seen above
            sum = addTotals(sum, record.changes);
            expect(record.totals).toEqual(sum);
          }
          const members = await store.membersOf(incident.id);
          expect(totalsOf(members)).toEqual(closings[0]?.totals);
          for (const { kind, id } of members) if (kind === 'case') folded.add(id);
        }
        const opened = new Set(ofKind(town, 'case.opened').map(({ caseId }) => caseId));
        for (const { id } of histories) expect(opened.has(id) || folded.has(id)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('has one opening and one closing for a burst at many workers at once, and no single alert is said twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 6, max: 20 }), async (scheduler, workers) => {
        const store = createMemoryIncidentStore();
        const town = newTown({ store: scheduled(store, scheduler) });
        const histories = Array.from({ length: workers }, (_, n) =>
          new CaseHistory({ n, atMs: START_MS }).refund(0, START_MS),
        );
        const all = [...histories.map(({ changes }) => town.work(changes)), town.keep(), town.keep()];
        await scheduler.waitFor(Promise.all(all));
        await scheduler.waitFor(passMinutes(town, 40));
        const ids = town.sent.map(({ alertId }) => alertId);
        expect(ids).toHaveLength(new Set(ids).size);
        expect(ofKind(town, 'incident.opened')).toHaveLength(1);
        expect(ofKind(town, 'incident.opened')[0]?.scope).toEqual({ kind: 'merchant', merchant: 'm_1' });
        const [closing, ...more] = ofKind(town, 'incident.closed');
        expect(more).toEqual([]);
        expect(closing?.totals).toMatchObject({ cases: workers, charges: workers, resolved: workers });
        expect(closing?.totals.money.CNY?.refundedMinor).toBe(
          histories.reduce((sum, { case: { refundedMinor } }) => sum + refundedMinor, 0),
        );
      }),
      { numRuns: 60 },
    );
  });
});
