import { expect, it } from 'vitest';
import type { JudgedFacts } from '../../../core/cases/judged-facts.ts';
import { reasonsOf } from '../../../core/cases/sentences.ts';
import { UNCONFIRMED_FACTS } from '../../../core/cases/unconfirmed.ts';
import { flag, wait } from '../../fixtures/flags.ts';

function said(facts?: JudgedFacts) {
  const held = flag({ status: 'held', wait: wait({ waitsFor: ['unconfirmed'], ...(facts && { facts }) }) });
  return reasonsOf(held, 'hidden')[0]?.sentence;
}

it('says that the record does not confirm the refund, where the fact is not known', () => {
  expect(said()).toEqual({
    en: "The processor's own record does not confirm the refund.",
    zh: '支付机构自己的记录未能证实这笔退款。',
  });
});

it('names one movement of money', () => {
  expect(said({ unconfirmed: { fact: 'one-movement', chargeId: 'ch_1' } })).toEqual({
    en: 'The processor has one movement of money for this charge and ch_1.',
    zh: '支付机构的记录中，本笔扣款与 ch_1 是同一笔资金。',
  });
});

it.each(UNCONFIRMED_FACTS)('names the charge of %s in both languages', (fact) => {
  const sentence = said({ unconfirmed: { fact, chargeId: 'ch_1' } });
  expect(sentence?.en).toMatch(/^[A-Z].*ch_1.*\.$|^[A-Z].*ch_1\.$/);
  expect(sentence?.zh).toMatch(/ch_1.*。$/);
});
