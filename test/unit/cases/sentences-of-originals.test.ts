import { expect, it } from 'vitest';
import type { ReasonToWait } from '../../../core/cases/flag.ts';
import type { JudgedFacts } from '../../../core/cases/judged-facts.ts';
import type { Told } from '../../../core/cases/sentence-words.ts';
import { reasonsOf, type Sentence } from '../../../core/cases/sentences.ts';
import { BANK, charge, WALLET } from '../../fixtures/charges.ts';
import { flag, wait } from '../../fixtures/flags.ts';

const original = charge({ chargeId: 'one', source: WALLET, payer: 'p_12', instrument: 'tok_1' });

/** What the flag of an original that is one too many says. */
function said(reason: ReasonToWait, facts: JudgedFacts | undefined, tokens: Told['tokens']): Sentence | undefined {
  const held = flag({
    status: 'held',
    charge: original,
    original: { source: WALLET, chargeId: 'one' },
    originalCharge: original,
    wait: wait({ waitsFor: [reason], ...(facts && { facts }) }),
  });
  return reasonsOf(held, tokens)[0]?.sentence;
}

it.each<[ReasonToWait, JudgedFacts, Sentence]>([
  [
    'other-payer',
    { 'other-payer': { payer: 'p_77' } },
    {
      en: 'Another payer paid the copy that would remain: p_77; the original was paid by p_12.',
      zh: '付款人不同：原始扣款由 p_12 支付，将保留的重复扣款由 p_77 支付。',
    },
  ],
  [
    'other-instrument',
    { 'other-instrument': {} },
    {
      en: 'The original was paid with tok_1; the copy that would remain with an unknown card or account.',
      zh: '原始扣款使用 tok_1，将保留的重复扣款使用 未知的卡或账户。',
    },
  ],
  [
    'other-source',
    { 'other-source': { source: BANK } },
    { en: `${BANK} captured the copy that would remain.`, zh: `将保留的重复扣款来自 ${BANK}。` },
  ],
])('%s of an original that is one too many is about the copy that would remain', (reason, facts, sentence) => {
  expect(said(reason, facts, 'shown')).toEqual(sentence);
});

it.each<[ReasonToWait, JudgedFacts | undefined, Sentence]>([
  [
    'other-payer',
    { 'other-payer': { payer: 'p_77' } },
    { en: 'Another payer paid the copy that would remain.', zh: '将保留的重复扣款由另一位付款人支付。' },
  ],
  [
    'other-instrument',
    { 'other-instrument': { instrument: 'tok_2' } },
    {
      en: 'The copy that would remain was paid with another card or account.',
      zh: '将保留的重复扣款使用了另一张卡或另一个账户。',
    },
  ],
  [
    'other-source',
    undefined,
    { en: 'Another source captured the copy that would remain.', zh: '将保留的重复扣款来自另一来源。' },
  ],
  [
    'payer-unknown',
    undefined,
    {
      en: 'The payer of the original or of the copy that would remain is not known.',
      zh: '原始扣款或将保留的重复扣款的付款人未知。',
    },
  ],
])('%s is true without facts, and outside without tokens', (reason, facts, sentence) => {
  expect(said(reason, facts, 'hidden')).toEqual(sentence);
});
