import { describe, expect, test } from 'vitest';
import type { FlagRow } from '../../../local/case-items.ts';
import { brokenPromises, printSummary, type SummaryInput, summarize } from '../../../local/summary.ts';

function flag(status: string, refundedMinor = 0, currency = 'CNY'): FlagRow {
  const names = { source: '/p', chargeId: 'ch_2', original: 'ch_1', originalSource: '/p' };
  return { ...names, detector: 'same-order', action: 'refund', status, currency, refundedMinor, waitsFor: [] };
}

function input(changes: Partial<SummaryInput> = {}): SummaryInput {
  return {
    sent: 10,
    charges: 8,
    quarantined: 1,
    flags: [],
    cases: 2,
    lost: 0,
    alerts: 3,
    incidents: 0,
    skipped: new Map(),
    unsendable: 0,
    troubleLines: 1,
    steps: { replay: 0.5 },
    seconds: 12.3,
    ...changes,
  };
}

describe('a summary', () => {
  test('counts flags by status and adds up refunds by currency', () => {
    const flags = [
      flag('refunded', 500),
      flag('refunded', 700),
      flag('refunded', 9, 'USD'),
      flag('held'),
      flag('dismissed'),
    ];
    expect(summarize(input({ flags }))).toMatchObject({
      events: 10,
      charges: 8,
      quarantined: 1,
      flags: 5,
      cases: 2,
      alerts: 3,
      seconds: 12.3,
      refunded: 3,
      held: 1,
      dismissed: 1,
      failed: 0,
      pending: 0,
      refundedMinor: { CNY: 1200, USD: 9 },
    });
  });

  test('counts what is open, approved or refunding as pending', () => {
    const flags = [flag('open'), flag('approved'), flag('refunding'), flag('held')];
    expect(summarize(input({ flags })).pending).toBe(3);
  });

  test.each([
    ['nothing pending', {}, []],
    ['a flag left open', { flags: [flag('open')] }, [/1 flags are still pending/]],
    ['a failed refund', { flags: [flag('failed')] }, [/1 refunds failed/]],
    ['a lost charge', { lost: 2 }, [/2 charges were lost/]],
  ])('with %s names each promise that broke', (_, changes, breaches) => {
    const found = brokenPromises(summarize(input(changes)));
    expect(found).toEqual(breaches.map((breach) => expect.stringMatching(breach)));
  });

  test('prints money in major units', () => {
    const table = printSummary(summarize(input({ flags: [flag('refunded', 129_900)] })));
    expect(table).toMatch(/refunded in CNY\s+CNY 1,299\.00/);
  });

  test.each([
    ['HUF', '129.00'],
    ['IDR', '129.00'],
    ['COP', '129.00'],
    ['IQD', '12.900'],
  ])('prints %s with the digits of ISO 4217', (currency, amount) => {
    const table = printSummary(summarize(input({ flags: [flag('refunded', 12_900, currency)] })));
    expect(table).toContain(`${currency} ${amount}`);
  });
});
