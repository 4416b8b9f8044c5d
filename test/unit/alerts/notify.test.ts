import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../core/cases/flag.ts';
import { DAY, MINUTE } from '../../fixtures/charges.ts';
import { wait } from '../../fixtures/flags.ts';
import { thaw } from '../../fixtures/thaws.ts';
import { CaseHistory, range } from '../incidents/histories.ts';
import { newTown, ofKind, passMinutes } from './town.ts';

describe('a case', () => {
  it('of 22 charges is one case and two alerts', async () => {
    const town = newTown();
    const history = new CaseHistory({ n: 1, duplicates: 21 });
    for (const at of range(21)) history.refund(at);
    for (const changes of history.changes) await town.work([changes]);
    expect(town.sent.map(({ kind }) => kind)).toEqual(['case.opened', 'case.resolved']);
    expect(town.sent[1]).toMatchObject({
      alertId: `${history.id}:resolved:1`,
      severity: 'info',
      action: 'refund',
      flags: 21,
      unresolved: 0,
      refundedMinor: history.case.atStakeMinor,
      link: `https://console.example/cases/${history.id}`,
    });
  });

  it.each([
    { action: 'monitor', severity: 'info' },
    { action: 'review', severity: 'warning' },
    { action: 'refund', severity: 'info' },
  ] as const)('of a detector that says $action opens with severity $severity', async ({ action, severity }) => {
    const town = newTown();
    await town.work(new CaseHistory({ n: 1, action }).changes);
    expect(town.sent[0]).toMatchObject({ kind: 'case.opened', action, severity });
  });

  it('whose deadline is near or past is notified once each time it was opened, also in an incident', async () => {
    const town = newTown();
    for (const n of range(6)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    expect(await town.incidents.liveIncidents()).toHaveLength(1);
    const { deadlineAtMs = 0 } = new CaseHistory({ n: 7 }).case;
    const near = new CaseHistory({ n: 7 }).change(0, { urgentSinceMs: deadlineAtMs - 10 * DAY });
    const past = new CaseHistory({ n: 8 }).change(0, { urgentSinceMs: deadlineAtMs });
    await town.work([...near.change(0, { status: 'held' }).changes, ...past.refund(0).changes]);
    const deadlineAt = new Date(deadlineAtMs).toISOString();
    expect(ofKind(town, 'case.deadline')).toMatchObject([
      { alertId: `${near.id}:deadline:1`, severity: 'warning', deadlineAt, unresolved: 1 },
      { alertId: `${past.id}:deadline:1`, severity: 'critical', deadlineAt },
    ]);
  });

  it('whose refund does not match the report of a processor is notified once for each refund, also in an incident', async () => {
    const town = newTown();
    for (const n of range(6)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    const discrepancy = { what: 'not-listed', detail: 'not there', foundAtMs: town.nowMs() } as const;
    const history = new CaseHistory({ n: 7, duplicates: 2 }).refund(0).refund(1);
    history.change(0, { discrepancy }).change(1, { discrepancy });
    history.change(0, { discrepancy: { ...discrepancy, resolved: true } });
    await town.work(history.changes);
    const notified = ofKind(town, 'refund.unreconciled');
    expect(notified.map(({ unreconciled, severity }) => [unreconciled, severity])).toEqual([
      [1, 'critical'],
      [2, 'critical'],
    ]);
    expect(new Set(notified.map(({ alertId }) => alertId)).size).toBe(2);
  });

  it('that is notified again sends the same under the same alert ids', async () => {
    const town = newTown();
    const { changes } = new CaseHistory({ n: 1 }).refund(0);
    await town.work(changes);
    await town.work(changes);
    expect(town.sent.slice(0, 2)).toEqual(town.sent.slice(2));
  });
});

describe('a refund that needs people', () => {
  it.each([
    { what: 'was refused', change: { status: 'failed', failure: 'account closed' }, kind: 'refund.failed' },
    { what: 'is disputed', change: { contested: true }, kind: 'refund.contested' },
    { what: 'left its order short', change: { short: { sinceMs: 0, why: 'ch_1 is disputed' } }, kind: 'short-order' },
    { what: 'has no known outcome', change: { unanswered: true }, kind: 'refund.unknown' },
  ] as const)('because it $what is notified at once, and once', async ({ change, kind }) => {
    const town = newTown();
    const history = new CaseHistory({ n: 1 });
    history.change(0, { status: 'refunding', refundMinor: 90 }).change(0, change);
    history.change(0, { refundMinor: 1 });
    await town.work(history.changes);
    expect(ofKind(town, kind)).toMatchObject([
      { severity: 'critical', caseId: history.id, flagId: history.flags[0]?.id, amountMinor: 90, currency: 'CNY' },
    ]);
  });

  it('and that has no decision is notified again when it escalates and when it expires, once for a case', async () => {
    const town = newTown();
    const history = new CaseHistory({ n: 1, duplicates: 3 });
    const sinceMs = town.nowMs() - DAY;
    const waits = (asked: Asked) => ({ status: 'held', wait: wait({ waitsFor: ['review'], asked }) }) as const;
    for (const at of range(3)) history.change(at, waits({ sinceMs }), sinceMs);
    for (const at of range(3)) history.change(at, waits({ sinceMs, escalatedAtMs: town.nowMs() }), town.nowMs());
    for (const at of range(3)) history.change(at, { status: 'expired' }, town.nowMs());
    for (const changes of history.changes) await town.work([changes]);
    const waited = { severity: 'critical', caseId: history.id, waitsFor: ['review'], since: iso(sinceMs) };
    expect(ofKind(town, 'hold.escalated')).toMatchObject([{ ...waited, expiresAt: iso(sinceMs + 7 * DAY) }]);
    expect(ofKind(town, 'hold.expired')).toMatchObject([waited]);
  });

  it('for a spent budget is notified once for merchant, currency and hour', async () => {
    const town = newTown({ minCases: 100 });
    const waiting = (n: number, merchant: string, currency = 'CNY', atMs = town.nowMs()) =>
      new CaseHistory({ n, merchant, currency, atMs }).change(
        0,
        { status: 'held', wait: wait({ waitsFor: ['budget'] }) },
        atMs,
      ).changes;
    await Promise.all(range(30).map((n) => town.work(waiting(n, 'm_1'))));
    await town.work(waiting(30, 'm_2'));
    await town.work(waiting(31, 'm_1', 'JPY'));
    await town.work(waiting(32, 'm_1', 'CNY', town.nowMs() + 60 * MINUTE));
    const notified = ofKind(town, 'budget.spent').map(({ alertId }) => alertId);
    expect(notified.toSorted()).toEqual([
      'budget:m_1:CNY:2024-11-10T16',
      'budget:m_1:CNY:2024-11-10T17',
      'budget:m_1:JPY:2024-11-10T16',
      'budget:m_2:CNY:2024-11-10T16',
    ]);
  });

  it('for a spent budget is notified again after a crash that took the message', async () => {
    const town = newTown();
    const { changes } = new CaseHistory({ n: 1 }).change(0, { status: 'held', wait: wait({ waitsFor: ['budget'] }) });
    expect(await town.work(changes, 1)).toBe('killed');
    await town.work(changes);
    expect(ofKind(town, 'budget.spent')).toHaveLength(1);
  });
});

describe('an incident', () => {
  it('folds what it covers, and leaves others alone', async () => {
    const town = newTown();
    const burst = range(6).map((n) => new CaseHistory({ n, merchant: 'm_1', atMs: town.nowMs() }));
    for (const { changes } of burst.slice(0, 4)) await town.work(changes);
    expect(ofKind(town, 'incident.opened')).toMatchObject([
      { scope: { kind: 'merchant', merchant: 'm_1' }, cases: 4, threshold: 4, severity: 'critical' },
    ]);
    const singles = ofKind(town, 'case.opened').length;
    expect(singles).toBeLessThan(4);
    const failing = burst[4]!.change(0, { status: 'refunding', refundMinor: 1 }).change(0, { status: 'failed' }); // six
    await town.work([...failing.changes, ...burst[5]!.changes, ...burst[0]!.refund(0, town.nowMs()).changes.slice(2)]); // six
    await town.work(new CaseHistory({ n: 7, merchant: 'm_2' }).changes);
    expect(ofKind(town, 'case.opened').slice(singles)).toMatchObject([{ merchant: 'm_2' }]);
    expect([...ofKind(town, 'case.resolved'), ...ofKind(town, 'refund.failed')]).toEqual([]);

    await passMinutes(town, 1);
    const [digest] = ofKind(town, 'incident.digest');
    expect(digest).toMatchObject({
      number: 1,
      severity: 'critical',
      merchants: [{ merchant: 'm_1', cases: 6 }],
      totals: { cases: 6, resolved: 1, charges: 6, failed: 1, held: 0 },
    });
    expect(digest?.changes).toEqual(digest?.totals);
    await passMinutes(town, 2);
    expect(ofKind(town, 'incident.digest')).toHaveLength(1);
  });

  it('notifies of a contested refund at once all the same', async () => {
    const town = newTown();
    for (const n of range(4)) await town.work(new CaseHistory({ n }).changes);
    const contested = new CaseHistory({ n: 5 }).change(0, { status: 'refunding', refundMinor: 1 });
    await town.work(contested.change(0, { contested: true }).changes);
    expect(ofKind(town, 'refund.contested')).toHaveLength(1);
  });

  it('is found in an outbox that is read late, and does not end while it is still being read', async () => {
    const town = newTown();
    const late = town.nowMs() - 20 * MINUTE;
    for (const n of range(4)) await town.work(new CaseHistory({ n, atMs: late }).changes);
    expect(ofKind(town, 'incident.opened')).toHaveLength(1);
    for (const minute of range(20)) {
      await town.work(range(3).flatMap((n) => new CaseHistory({ n: 10 + minute * 3 + n, atMs: late }).changes));
      await passMinutes(town, 1);
    }
    expect(ofKind(town, 'incident.closed')).toEqual([]);
    await passMinutes(town, 15);
    expect(ofKind(town, 'incident.opened')).toHaveLength(1);
    expect(ofKind(town, 'incident.closed')).toMatchObject([{ totals: { cases: 64 } }]);
  });

  it('is over after a quiet period, with a report, and its scope can have another', async () => {
    const town = newTown();
    for (const n of range(4)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    await passMinutes(town, 14);
    expect(ofKind(town, 'incident.closed')).toEqual([]);
    await passMinutes(town, 6);
    expect(ofKind(town, 'incident.closed')).toMatchObject([{ reason: 'quiet', digests: 1, totals: { cases: 4 } }]);
    for (const n of range(4)) await town.work(new CaseHistory({ n: n + 10, atMs: town.nowMs() }).changes);
    await passMinutes(town, 30);
    expect(new Set(ofKind(town, 'incident.opened').map(({ alertId }) => alertId)).size).toBe(2);
    expect(ofKind(town, 'incident.closed')).toHaveLength(2);
  });

  it('reports what a worker folded that had seen it open, up to its time-out', async () => {
    const town = newTown();
    for (const n of range(4)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    const live = await town.incidents.liveIncidents();
    const late = new CaseHistory({ n: 5, atMs: town.nowMs() });
    while ((await town.incidents.liveIncidents()).length > 0) await passMinutes(town, 1);
    town.pass(29_000);
    await town.keep();
    await town.notifyLate(late.changes, live);
    await passMinutes(town, 3);
    expect(ofKind(town, 'case.opened').map(({ caseId }) => caseId)).not.toContain(late.id);
    expect(ofKind(town, 'incident.closed')).toMatchObject([{ totals: { cases: 5 } }]);
  });

  it('goes on while cases go on, and while refunds are frozen, and records who froze and thawed', async () => {
    const town = newTown();
    for (const n of range(4)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    await passMinutes(town, 1);
    const order = { by: 'ann', reason: 'a bad release' };
    await town.freezes.issue({ ...order, frozen: true, atMs: town.nowMs() });
    await passMinutes(town, 40);
    expect(ofKind(town, 'incident.closed')).toEqual([]);
    await thaw(order, town);
    await passMinutes(town, 30);
    const [report] = ofKind(town, 'incident.closed');
    expect(report?.orders).toMatchObject([
      { ...order, frozen: true },
      { ...order, frozen: false },
    ]);
  });

  it('is absorbed by a broader one that covers it', async () => {
    const town = newTown();
    for (const n of range(4)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
    const others = range(12).map((n) => new CaseHistory({ n: n + 10, merchant: `m_${n + 2}`, source: `/p_${n % 3}` }));
    await town.work(others.flatMap(({ changes }) => changes));
    await passMinutes(town, 4);
    expect(ofKind(town, 'incident.opened').map(({ scope }) => scope.kind)).toEqual(['merchant', 'all']);
    expect(ofKind(town, 'incident.closed')).toMatchObject([{ reason: 'absorbed', scope: { kind: 'merchant' } }]);
  });

  it('whose opening was lost with its worker is notified by the next run', async () => {
    const town = newTown();
    const changes = range(4).flatMap((n) => new CaseHistory({ n, atMs: town.nowMs() }).changes);
    expect(await town.work(changes, 0)).toBe('killed');
    expect(town.sent).toEqual([]);
    await passMinutes(town, 1);
    expect(town.sent.map(({ kind }) => kind)).toEqual(['incident.opened']);
    await town.work(changes);
    await passMinutes(town, 1);
    expect(ofKind(town, 'incident.digest')).toMatchObject([{ totals: { cases: 4 } }]);
  });
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
