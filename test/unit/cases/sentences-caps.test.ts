import { expect, it } from 'vitest';
import type { ReasonToWait } from '../../../core/cases/flag.ts';
import type { JudgedFacts } from '../../../core/cases/judged-facts.ts';
import { reasonsOf } from '../../../core/cases/sentences.ts';
import { charge, WALLET } from '../../fixtures/charges.ts';
import { flag, wait } from '../../fixtures/flags.ts';

it.each<[ReasonToWait, JudgedFacts | undefined, string, string]>([
  [
    'above-cap',
    { 'above-cap': { capMinor: 10_000 } },
    'USD 129.00 is above the hourly cap of USD 100.00: raise the cap, then approve again.',
    'USD 129.00 超过每小时上限 USD 100.00：请先提高上限，再重新批准。',
  ],
  [
    'above-cap',
    { 'above-cap': {} },
    `The registry does not name USD for ${WALLET}: add it with its caps, then approve again.`,
    `来源登记中 ${WALLET} 未列出币种 USD：请先登记币种及其上限，再重新批准。`,
  ],
  [
    'above-cap',
    undefined,
    'No hour has room for USD 129.00: raise the cap, then approve again.',
    '任何一小时的上限都容不下 USD 129.00：请先提高上限，再重新批准。',
  ],
  [
    'budget',
    { budget: { hour: '2024-11-11T01', of: 'all-refunds', totalMaxMinor: 500_000 } },
    'The cap of all refunds of the hour 2024-11-11T01 (UTC) is spent: at most USD 5,000.00 in all, unless it was raised.',
    '2024-11-11T01（UTC）这一小时的全部退款上限已用完：总上限 USD 5,000.00（除非已提高）。',
  ],
  [
    'budget',
    { budget: { hour: '2024-11-11T01', ramp: { source: '/processors/new', day: '2024-11-11', maxMinor: 50_000 } } },
    'The first week of an attestation of /processors/new bounds its automatic refunds: USD 500.00 of the day 2024-11-11 (UTC) are spent.',
    '/processors/new 的声明处于首周，其 2024-11-11（UTC）的自动退款额度 USD 500.00 已用完。',
  ],
])('%s with %j is one sentence with its facts', (reason, facts, en, zh) => {
  const duplicate = charge({ chargeId: 'two', currency: 'USD' });
  const waiting = wait({ waitsFor: [reason], ...(facts && { facts }) });
  const [stated] = reasonsOf(flag({ charge: duplicate, status: 'held', wait: waiting }), 'shown');
  expect(stated?.sentence).toEqual({ en, zh });
});
