import { expect, it } from 'vitest';
import type { JudgedFacts } from '../../../core/cases/judged-facts.ts';
import { reasonsOf } from '../../../core/cases/sentences.ts';
import { BANK, charge, WALLET } from '../../fixtures/charges.ts';
import { flag, wait } from '../../fixtures/flags.ts';

const AT = '2024-11-11T00:30:00.000Z';
const AT_MS = Date.parse(AT);
const of = { sinceMs: AT_MS, order: 'o_3' } as const;

it.each<['may-split' | 'closing', JudgedFacts, string, string]>([
  [
    'may-split',
    { 'may-split': { sources: [WALLET], suspended: [{ source: WALLET, attestation: 'single-charge', ...of }] } },
    `The attestation single-charge of ${WALLET} is suspended since ${AT} because of the order o_3, so the order may be paid in equal parts.`,
    `来源 ${WALLET} 的声明 single-charge 自 ${AT} 起暂停，因与订单 o_3 矛盾：可能是等额分付。`,
  ],
  [
    'closing',
    {
      closing: {
        source: BANK,
        atMs: AT_MS,
        doubt: 'unattested',
        unattestedBy: [BANK],
        suspended: [{ source: BANK, attestation: 'closings', ...of }],
      },
    },
    `The attestation closings of ${BANK} is suspended since ${AT} because of the order o_3, so the closing proves nothing.`,
    `来源 ${BANK} 的声明 closings 自 ${AT} 起暂停，因与订单 o_3 矛盾：关单不能作为依据。`,
  ],
])('%s names the suspended attestation, since when and by which order', (reason, facts, english, chinese) => {
  const held = flag({
    charge: charge({ chargeId: 'two', order: 'o_7' }),
    status: 'held',
    wait: wait({ waitsFor: [reason], facts }),
  });
  expect(reasonsOf(held, 'shown').map(({ sentence }) => sentence)).toEqual([{ en: english, zh: chinese }]);
});
