import { describe, expect, test } from 'vitest';
import type { FlagRow } from '../../../local/case-items.ts';
import { LOST_MS, type Snapshot, STUCK_MS, untilEnded } from '../../../local/until-ended.ts';

const FLAG: FlagRow = {
  source: '/p',
  chargeId: 'ch_2',
  original: 'ch_1',
  originalSource: '/p',
  detector: 'same-order',
  action: 'refund',
  status: 'refunded',
  currency: 'CNY',
  refundedMinor: 1,
  waitsFor: [],
};

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return { remembered: 5, quarantined: 1, alerts: 2, incidents: 0, cases: 1, flags: [FLAG], ...changes };
}

/** Plays one snapshot a second; the last one stays. */
async function wait(history: readonly Snapshot[], forgotten: () => number = () => 0, readMs = 0) {
  let nowMs = 0;
  const ended = await untilEnded({
    read: async () => {
      const seen = history[Math.min(Math.floor(nowMs / 1_000), history.length - 1)] ?? snapshot();
      nowMs += readMs;
      return seen;
    },
    countForgotten: async () => forgotten(),
    quarantinedMin: 1,
    note: () => {},
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  });
  return { ended, nowMs };
}

describe('waiting for refunds', () => {
  test('ends soon after the last change', async () => {
    const { nowMs } = await wait([snapshot({ remembered: 1 }), snapshot({ remembered: 3 }), snapshot()]);
    expect(nowMs).toBe(8_000);
  });

  test('waits longer for a last change where each look takes long', async () => {
    const late = Array.from({ length: 25 }, () => snapshot({ alerts: 1 }));
    const { ended } = await wait([...late, snapshot()], () => 0, 1_000);
    expect(ended.alerts).toBe(2);
  });

  test('goes on while a refund is on its way', async () => {
    const pending = Array.from({ length: 60 }, () => snapshot({ flags: [{ ...FLAG, status: 'refunding' }] }));
    const { nowMs, ended } = await wait([...pending, snapshot()]);
    expect(nowMs).toBe(66_000);
    expect(ended.flags[0]?.status).toBe('refunded');
  });

  test('goes on while a broken record is not in quarantine', async () => {
    const early = Array.from({ length: 20 }, () => snapshot({ quarantined: 0 }));
    expect((await wait([...early, snapshot()])).nowMs).toBe(26_000);
  });

  test('goes on while a charge is not remembered', async () => {
    let asked = 0;
    const { ended, nowMs } = await wait([snapshot()], () => (asked++ < 2 ? 3 : 0));
    expect(ended.lost).toBe(0);
    expect(nowMs).toBe(26_000);
  });

  test('gives up on lost charges, and counts them', async () => {
    const { ended, nowMs } = await wait([snapshot()], () => 4);
    expect(ended.lost).toBe(4);
    expect(nowMs).toBe(LOST_MS);
  });

  test('does not call a charge lost that detection quarantined', async () => {
    expect((await wait([snapshot({ quarantined: 3 })], () => 2)).ended.lost).toBe(0);
  });

  test('gives up on a flag that never moves', async () => {
    const { nowMs } = await wait([snapshot({ flags: [{ ...FLAG, status: 'open' }] })]);
    expect(nowMs).toBe(STUCK_MS);
  });
});
