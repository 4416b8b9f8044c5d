import { expect, it } from 'vitest';
import { describeCaps, describeRaises } from '../../../cli/commands/caps-command.ts';
import { HOUR, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';

const HOURLY = { budgetPerHourMinor: { total: { CNY: 100_00 } }, capPerHourMinor: { total: { CNY: 200_00, JPY: 50 } } };

it('prints each bound and the largest loss of each actor', () => {
  const sources = { [WALLET]: { ...SOURCE, currencies: ['CNY', 'JPY'] } };
  const lines = describeCaps(configuration({ sources, refunds: HOURLY })).split('\n');
  expect(lines).toContain('  each merchant                     no cap');
  expect(lines).toContain('  in total                          CNY 200.00, JPY 50');
  expect(lines).toContain('  producer /processors/wallet       CNY 100.00, JPY 50');
  expect(lines).toContain('  function alert                    CNY 100.00, JPY 50');
  expect(lines).toContain('  approver                          CNY 200.00, JPY 50');
});

it('names what is unbounded', () => {
  const sources = { [WALLET]: { ...SOURCE, currencies: ['CNY'] }, '/other': SOURCE };
  const lines = describeCaps(configuration({ sources })).split('\n');
  expect(lines).toContain('  operator                          CNY unbounded, any other currency unbounded');
});

it('names the secret of a processor', () => {
  const gateway = { kind: 'stripe', secret: 'processors/stripe' };
  const sources = { [WALLET]: { ...SOURCE, attests: [], gateway, currencies: ['CNY'] } };
  const bound = { CNY: 100_00 };
  const refunds = { ...HOURLY, limitMinor: bound, twoPeopleAboveMinor: bound, approverPerHourMinor: bound };
  const lines = describeCaps(configuration({ sources, refunds })).split('\n');
  expect(lines.find((line) => line.includes('function reverse'))).toContain("CNY up to the processor's own limit");
});

it('lists the raises that are not over, with their approvers', () => {
  const raise = {
    id: 'CNY-1',
    currency: 'CNY',
    maxMinor: 900_00,
    untilMs: START_MS + HOUR,
    reason: 'a night of outages',
    requested: { by: 'ann', atMs: START_MS },
  };
  const confirmed = { ...raise, id: 'CNY-2', merchant: 'm_1', confirmed: { by: 'bob', atMs: START_MS } };
  expect(describeRaises([raise, confirmed], START_MS).split('\n')).toEqual([
    'Raises that are not over:',
    '  in total up to CNY 900.00 until 2024-11-10T17:00:00.000Z, asked for by ann, not confirmed yet (CNY-1)',
    '  m_1 up to CNY 900.00 until 2024-11-10T17:00:00.000Z, asked for by ann, confirmed by bob (CNY-2)',
  ]);
  expect(describeRaises([raise, confirmed], START_MS + HOUR)).toBe('Raises that are not over:\n  none');
});
