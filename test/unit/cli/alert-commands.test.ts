import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeStatus, type Status } from '../../../cli/commands/status-command.ts';
import { changeView, describeChange, FlagFeed } from '../../../cli/commands/tail-command.ts';
import { describeWaiting, firstWaiting } from '../../../cli/commands/waiting-command.ts';
import { asFlagId } from '../../../core/brands.ts';
import type { Flag, FlagStatus } from '../../../core/cases/flag.ts';
import { charge, START_MS, WALLET } from '../../fixtures/charges.ts';
import { flag, type Shows, wait } from '../../fixtures/flags.ts';
import { range } from '../incidents/histories.ts';

const STATUSES = ['open', 'refunding', 'refunding', 'refunded'] as const;

function seen(n: number, version: number, shows: Shows = {}): Flag {
  return flag<FlagStatus>({
    status: STATUSES[version - 1] ?? 'refunded',
    charge: charge({ chargeId: `ch_${n}` }),
    id: asFlagId(`flag ${n}`),
    version,
    updatedAtMs: START_MS + version * 1_000,
    ...shows,
  });
}

describe('the feed of `tail`', () => {
  it('says each status of a flag once, whatever is read how often and in which order', () => {
    const all = range(5).flatMap((n) => range(4).map((at) => seen(n, at + 1)));
    fc.assert(
      fc.property(fc.array(fc.subarray(all, { minLength: 1 }), { minLength: 1, maxLength: 8 }), (polls) => {
        const feed = new FlagFeed();
        const lines = polls.flatMap((poll) => feed.take(poll)).map(({ id, status }) => `${id} ${status}`);
        expect(lines).toHaveLength(new Set(lines).size);
      }),
    );
  });

  it('follows what may move on, and no more', () => {
    const feed = new FlagFeed();
    feed.take([seen(1, 1), seen(2, 2), seen(3, 4), seen(4, 2, { status: 'dismissed' })]);
    expect(feed.following).toEqual(['flag 1', 'flag 2']);
    expect(feed.take([seen(1, 3), seen(2, 4)]).map(({ id }) => id)).toEqual(['flag 1', 'flag 2']);
    expect(feed.following).toEqual(['flag 1']);
  });

  it.each([
    [seen(1, 1), '16:00:01  flagged          CNY 129.00  m_1  ch_1 (same-order, original ch_original)'],
    [
      seen(1, 4, { refundMinor: 9_900, processorReference: 're_1' }),
      '16:00:04  refunded          CNY 99.00  m_1  ch_1 (same-order, original ch_original)  re_1  The sources of both charges attested that an order is charged once.',
    ],
    [
      seen(1, 2, {
        status: 'held',
        wait: wait({ waitsFor: ['limit', 'stale'] }),
        charge: charge({ chargeId: 'ch_1', currency: 'JPY' }),
      }),
      '16:00:02  held             JPY 12,900  m_1  ch_1 (same-order, original ch_original)  waits: No limit allows JPY 12,900 to go automatically. The event came later than its detector remembers charges.',
    ],
    [
      seen(1, 5, { status: 'refunded-in-error', refundMinor: 9_900 }),
      '16:00:05  refunded-in-error         CNY 99.00  m_1  ch_1 (same-order, original ch_original)',
    ],
  ])('is one line a change', (changed, line) => {
    expect(describeChange(changed)).toBe(line);
  });

  it('is with --json what the change is about, without what only the machinery needs', () => {
    expect(JSON.parse(JSON.stringify(changeView(seen(1, 4, { refundMinor: 9_900 }))))).toEqual({
      id: 'flag 1',
      version: 4,
      status: 'refunded',
      charge: { source: WALLET, chargeId: 'ch_1', merchant: 'm_1', amountMinor: 12_900, currency: 'CNY' },
      original: { source: WALLET, chargeId: 'ch_original' },
      detector: 'same-order',
      updatedAtMs: START_MS + 4_000,
      refundMinor: 9_900,
      processorReference: expect.any(String),
      reasons: [],
      grounds: [{ ground: 'single-charge', sentence: { en: expect.any(String), zh: expect.any(String) } }],
    });
  });
});

describe('`status`', () => {
  const status: Status = {
    at: '2024-11-11T00:10:00.000Z',
    chargesProcessedLastHour: 12_345,
    lagMs: 420,
    lastJudgedAt: '2024-11-11T00:09:55.000Z',
    flagged: 7,
    flags: { open: 0, held: 2, refunded: 5 },
    incidents: [],
  };

  it('says the figures that an operator asks for first', () => {
    expect(describeStatus(status).split('\n')).toEqual([
      'processed   12,345 charges in the last hour',
      'lag         0.4 s at the last batch, 5 s ago',
      'flagged     7',
      '  held      2',
      '  refunded  5',
      'incidents   none',
    ]);
  });

  it('shows incidents, a freeze, and that nothing was judged', () => {
    const { lagMs: _lag, lastJudgedAt: _at, ...quiet } = status;
    const incident = { id: 'i', scope: 'merchant#m_9', status: 'open', openedAt: '2024-11-11T00:00:00.000Z' };
    const text = describeStatus({
      ...quiet,
      incidents: [{ ...incident, cases: 1_979, resolved: 12, held: 3 }],
      frozen: { by: 'ann', reason: 'a bad release', since: '2024-11-11T00:05:00.000Z' },
    });
    expect(text).toContain('unknown: nothing was judged');
    expect(text).toMatch(/merchant#m_9 +open since 2024-11-11T00:00:00.000Z: 1,979 cases, 12 resolved, 3 held/);
    expect(text).toMatch(/refunds +frozen since 2024-11-11T00:05:00.000Z by ann: a bad release/);
  });
});

describe('a line of the waiting list', () => {
  const held = flag({
    status: 'held',
    charge: charge({ chargeId: 'ch_1', instrument: 'tok_1', amountMinor: 12_937 }),
    wait: wait({ waitsFor: ['limit'], facts: { limit: { limitMinor: 10_000 } }, asked: { sinceMs: START_MS } }),
  });

  it('has the score, the amount and each reason as a sentence', () => {
    const [line = '', reason] = describeWaiting(held).split('\n');
    expect(line).toMatch(
      /^ \d{2} +CNY 129\.37 {2}m_1 {2}ch_1 {2}held since 2024-11-10T16:00:00\.000Z {2}flag [0-9a-f]{32}$/,
    );
    expect(reason).toBe('     CNY 129.37 is above the limit of CNY 100.00.');
  });

  it('is read over as many pages as it takes, and no more', async () => {
    let reads = 0;
    const cases = { waitingFlags: async () => ({ items: [held, held], cursor: `after ${++reads}` }) };
    expect(await firstWaiting(cases, 5)).toHaveLength(5);
    expect(reads).toBe(3);
  });
});
