import { describe, expect, it } from 'vitest';
import { asCaseId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { ENTRIES_MAX, emptyWindow } from '../../../core/detection/charge-window.ts';
import { fingerprintOf } from '../../../core/detection/fingerprint.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { SWEEP_INTERVAL_MS } from '../../../core/refunds/freeze.ts';
import { sweep } from '../../../core/refunds/sweep.ts';
import { seededRandom } from '../../../scenario/random.ts';
import {
  AMOUNT_MINOR,
  arrival,
  captured,
  charge,
  DAY,
  HOUR,
  MINUTE,
  START_MS,
  voided,
} from '../../fixtures/charges.ts';
import { configuration, detector, digests, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { detectionContext } from '../../fixtures/contexts.ts';
import { flag, newFlag, opened, wait } from '../../fixtures/flags.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';
import { idOf } from '../../fixtures/views.ts';

const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const rules = { namespaceOf: configuration().namespaceOf, digests };

describe('flags that cannot get on', () => {
  const RUNS = 40;

  /** As many stuck flags as a run starts, and more, all older than one that has lost its workflow. */
  async function stuck(status: 'open' | 'approved', count: number): Promise<{ world: RefundWorld; lost: Flag }> {
    const world = refundWorld(configuration());
    for (let n = 0; n < count; n++) {
      await world.cases.commit(withChanges(undefined, [opened(newFlag({ status }))], digests));
    }
    const opening = { openedAtMs: START_MS + HOUR, updatedAtMs: START_MS + HOUR };
    const caseId = asCaseId(digests.hash128('lost'));
    const shows = { charge: charge({ chargeId: 'lost' }), caseId, ...opening };
    const lost: Flag = status === 'open' ? flag(shows) : flag({ ...shows, status, wait: wait({ token: 'lost' }) });
    await world.cases.commit(withChanges(undefined, [opened(lost)], digests));
    world.clock.nowMs = START_MS + 2 * HOUR;
    return { world, lost };
  }

  it.each([
    ['open', 400],
    ['open', 1_200],
    ['approved', 400],
  ] as const)('keep no younger lost one from the sweep: %s, %d of them', async (status, count) => {
    const { world, lost } = await stuck(status, count);
    let reached = new Set<string>();
    const workflows: RefundWorld['workflows'] = {
      start: async ({ flagId }) => {
        reached.add(flagId);
        return flagId === lost.id ? 'started' : 'already-started';
      },
      wake: async (token) => (token === 'lost' ? 'gone' : 'woken'),
    };
    const random = seededRandom(17);
    let runs = 0;
    while (!reached.has(lost.id) && runs++ < RUNS) {
      reached = new Set();
      await sweep({ ...world, workflows, random: () => random.fraction() });
      world.clock.nowMs += SWEEP_INTERVAL_MS;
    }
    expect(reached.has(lost.id)).toBe(true);
    expect(reached.size).toBeLessThanOrEqual(400);
  });
});

describe('a charge above the cap of a whole hour', () => {
  const capped = (budgetPerHourMinor: Readonly<Record<string, unknown>>) => ({ refunds: { budgetPerHourMinor } });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['of its merchant', { merchant: { CNY: AMOUNT_MINOR - 1 } }],
    ['of all merchants', { total: { CNY: AMOUNT_MINOR - 1 } }],
  ])('comes before an approver at once, and goes by an approval: %s', async (_, caps) => {
    const world = refundWorld(configuration(capped(caps)));
    await world.deliver(captured(one), captured(two));
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      wait: { waitsFor: ['limit'], facts: { limit: { limitMinor: AMOUNT_MINOR - 1 } }, asked: { sinceMs: START_MS } },
    });
    world.clock.nowMs += DAY;
    expect(await world.sweep()).toMatchObject({ escalated: 1, released: 0 });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'it is one too many' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('of exactly the cap goes automatically', async () => {
    const world = refundWorld(configuration(capped({ total: { CNY: AMOUNT_MINOR } })));
    await world.deliver(captured(one), captured(two));
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('waits for the next hour where only this hour is spent', async () => {
    const world = refundWorld(configuration(capped({ total: { CNY: AMOUNT_MINOR } })));
    await world.deliver(captured(one), captured(two), captured(charge({ chargeId: 'three' })));
    await world.work('two');
    expect(await world.work('three')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
    world.clock.nowMs += HOUR;
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('three')).toMatchObject({ status: 'refunded' });
  });
});

describe('a busy honest key', () => {
  it('never fills its window: a toll every half hour for 60 days, one of them voided', async () => {
    const context = detectionContext(configuration({ detectors: [RAPID_REPEAT] }));
    let most = 0;
    for (let n = 0; n < 60 * 48; n++) {
      const timeMs = START_MS + n * 30 * MINUTE;
      context.clock.nowMs = timeMs;
      const toll = charge({ chargeId: `toll_${n}`, order: undefined });
      const events = n === 10 ? [captured(toll, { timeMs }), voided(toll, { timeMs })] : [captured(toll, { timeMs })];
      const { judgements } = await judgeBatch(
        events.map((event) => arrival(event)),
        context,
      );
      expect(judgements.every(({ kind }) => kind === 'judged')).toBe(true);
      most = Math.max(most, ...context.windows.all().map(({ entries }) => entries.length));
    }
    expect(most).toBeLessThanOrEqual(25 * 2 + 1);
  });
});

describe('a full window of a weaker detector', () => {
  it('keeps no refund of the stronger one from its end', async () => {
    const world = refundWorld(configuration({ detectors: [SAME_ORDER, RAPID_REPEAT] }));
    const fingerprint = fingerprintOf(detector('rapid-repeat'), one, rules);
    const nowMs = world.nowMs();
    const entries = Array.from({ length: ENTRIES_MAX }, (_, seq) => ({
      id: idOf(charge({ chargeId: `toll_${seq}` })),
      seq,
      timeMs: nowMs,
      sinceMs: nowMs,
      same: 'another',
      payer: undefined,
      verdict: { kind: 'original' as const },
    }));
    const full = { ...emptyWindow('rapid-repeat', fingerprint), version: nowMs, expiresAtMs: nowMs + DAY, entries };
    await world.windows.insertWindows([full]);
    await world.deliver(captured(one), captured(two));
    expect(await world.work('two')).toMatchObject({ status: 'refunded', detector: 'same-order' });
    const weaker = world.windows.all().find((window) => window.fingerprint === fingerprint);
    expect(weaker?.entries).toHaveLength(ENTRIES_MAX);
  });
});

describe('a version names one state', () => {
  it('of a window: one that expired, was removed and was begun anew is not overwritten', async () => {
    const context = detectionContext(configuration({ detectors: [SAME_ORDER] }));
    await judgeBatch([arrival(captured(one))], context);
    context.clock.nowMs = START_MS + 16 * DAY;
    const timeMs = context.nowMs();
    const others = captured(charge({ chargeId: 'others' }), { timeMs });
    // Between read and write of this worker the store removes what has expired, and another worker begins anew.
    let isFirst = true;
    const readWindows: typeof context.windows.readWindows = async (fingerprints, nowMs) => {
      const found = await context.windows.readWindows(fingerprints, nowMs);
      if (isFirst) {
        isFirst = false;
        context.charges.deleteExpired(nowMs);
        await judgeBatch([arrival(others, timeMs)], context);
        context.clock.nowMs++;
      }
      return found;
    };
    const slow = { ...context, windows: { ...context.windows, readWindows } };
    await judgeBatch([arrival(captured(two, { timeMs }), timeMs)], slow);
    const [window] = context.windows.all();
    expect(window?.entries.map(({ id }) => id)).toEqual([idOf(charge({ chargeId: 'others' })), idOf(two)]);
  });

  it('of a record: facts that another worker began anew are not lost', async () => {
    const context = detectionContext(configuration());
    await judgeBatch([arrival(captured(one))], context);
    context.clock.nowMs = START_MS + 181 * DAY;
    const timeMs = context.nowMs();
    let isFirst = true;
    const readRecords: typeof context.records.readRecords = async (ids, nowMs) => {
      const found = await context.records.readRecords(ids, nowMs);
      if (isFirst) {
        isFirst = false;
        context.charges.deleteExpired(nowMs);
        await judgeBatch([arrival(voided(one, { timeMs }), timeMs)], context);
        context.clock.nowMs++;
      }
      return found;
    };
    await judgeBatch([arrival(captured(one), timeMs)], { ...context, records: { ...context.records, readRecords } });
    expect(context.records.all()).toMatchObject([{ releasedMs: timeMs, capture: { timeMs: START_MS } }]);
  });
});
