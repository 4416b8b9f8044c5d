import { describe, expect, it } from 'vitest';
import type { ReasonToWait } from '../../../core/cases/flag.ts';
import type { JudgedFacts } from '../../../core/cases/judged-facts.ts';
import { groundsOf, reasonsOf } from '../../../core/cases/sentences.ts';
import type { Ground } from '../../../core/detection/charge-record.ts';
import { BANK, charge, DAY, HOUR, START_MS, WALLET } from '../../fixtures/charges.ts';
import { flag, type Shows, wait } from '../../fixtures/flags.ts';

const USD = { amountMinor: 12_900, currency: 'USD', order: 'o_7', merchant: 'm_9', source: WALLET } as const;
const duplicate = charge({ ...USD, chargeId: 'two', payer: 'p_77', instrument: 'tok_2' });
const original = charge({ ...USD, chargeId: 'one', payer: 'p_12', instrument: 'tok_1' });
const AT = '2024-11-11T00:30:00.000Z';
const AT_MS = Date.parse(AT);
const HELD: Shows<'held'> = {
  charge: duplicate,
  originalCharge: original,
  original: { source: BANK, chargeId: 'one' },
  timeMs: Date.parse('2024-11-11T00:00:00.000Z'),
};

function held(reason: ReasonToWait, facts: JudgedFacts | undefined, shows: Shows<'held'> = {}) {
  return flag({ ...HELD, ...shows, status: 'held', wait: wait({ waitsFor: [reason], ...(facts && { facts }) }) });
}

function said(reason: ReasonToWait, facts: JudgedFacts | undefined, shows: Shows<'held'> = {}) {
  const [told] = reasonsOf(held(reason, facts, shows), 'shown');
  return [told?.sentence.en, told?.sentence.zh];
}

function proved(ground: Ground, facts: JudgedFacts | undefined, shows: Shows<'refunded'> = {}) {
  const refunded = flag({
    charge: duplicate,
    originalCharge: original,
    status: 'refunded',
    restsOn: [ground],
    ...(facts && { facts }),
    ...shows,
  });
  const [told] = groundsOf(refunded, 'shown');
  return [told?.sentence.en, told?.sentence.zh];
}

describe('a reason to wait', () => {
  it.each<[ReasonToWait, JudgedFacts | undefined, string, string, Shows<'held'>?]>([
    [
      'may-split',
      { 'may-split': { sources: ['/a'] } },
      '/a does not attest that an order is charged once: it may be paid in equal parts.',
      '来源 /a 未声明每个订单只扣款一次：可能是等额分付。',
    ],
    [
      'may-split',
      { 'may-split': { sources: ['/a', '/b'] } },
      '/a and /b do not attest that an order is charged once: it may be paid in equal parts.',
      '来源 /a、/b 未声明每个订单只扣款一次：可能是等额分付。',
    ],
    [
      'other-payer',
      undefined,
      'Another payer paid the duplicate: p_77; the original was paid by p_12.',
      '付款人不同：重复扣款由 p_77 支付，原始扣款由 p_12 支付。',
    ],
    [
      'other-instrument',
      undefined,
      'The duplicate was paid with tok_2; the original with tok_1.',
      '重复扣款使用 tok_2，原始扣款使用 tok_1。',
    ],
    [
      'other-source',
      undefined,
      `${WALLET} captured the duplicate; ${BANK} captured the original.`,
      `重复扣款来自 ${WALLET}，原始扣款来自 ${BANK}。`,
    ],
    [
      'payer-unknown',
      undefined,
      'The payer of the duplicate is not known.',
      '重复扣款的付款人未知。',
      { charge: charge({ ...USD, chargeId: 'guest', payer: undefined }) },
    ],
    [
      'payer-unknown',
      undefined,
      'The payers of the duplicate and of the original are not known.',
      '重复扣款和原始扣款的付款人均未知。',
      {
        charge: charge({ ...USD, chargeId: 'guest', payer: undefined }),
        originalCharge: charge({ ...USD, chargeId: 'guest', payer: undefined }),
      },
    ],
    [
      'stale',
      { stale: { retainMs: 15 * DAY } },
      'The charge of 2024-11-11T00:00:00.000Z arrived later than 15 d, for which same-order remembers charges.',
      '2024-11-11T00:00:00.000Z 的扣款到达过晚，超出规则 same-order 的记忆期限 15 天。',
    ],
    [
      'recurring',
      { recurring: { charges: 3, periodMs: 24 * HOUR, of: 'order' } },
      'The order was charged 3 times at a steady period of 24 h.',
      '该订单以 24 小时的固定周期扣款 3 次。',
    ],
    [
      'recurring',
      { recurring: { charges: 4, periodMs: 30 * DAY + 2 * HOUR, of: 'key' } },
      '4 equal charges came at a steady period of 30 d 2 h.',
      '等额扣款以 30 天 2 小时的固定周期出现 4 次。',
    ],
    [
      'common-order',
      { 'common-order': { payers: { known: 4, unknown: 0 } } },
      '4 payers share the order number o_7.',
      '4 位付款人共用订单号 o_7。',
    ],
    [
      'common-order',
      { 'common-order': { payers: { known: 1, unknown: 2 }, spanMs: 36 * HOUR } },
      '1 payer and 2 charges without a payer share the order number o_7, and it came again 36 h later.',
      '1 位付款人和 2 笔付款人未知的扣款共用订单号 o_7，且该订单号相隔 36 小时后再次出现。',
    ],
    [
      'common-order',
      { 'common-order': { spanMs: 2 * DAY } },
      'The order number o_7 came again 2 d later.',
      '订单号 o_7 相隔 2 天后再次出现。',
    ],
    [
      'partly-returned',
      { 'partly-returned': { returnedMinor: 500 } },
      '5.00 of USD 129.00 was returned before.',
      'USD 129.00 中已退回 USD 5.00。',
    ],
    [
      'partly-returned',
      { 'partly-returned': { returnedMinor: 500, remaining: 1 } },
      '5.00 of USD 129.00 was returned before, and a part of a charge that must remain too.',
      'USD 129.00 中已退回 USD 5.00，须保留的扣款中有 1 笔已部分退款。',
    ],
    [
      'closing',
      { closing: { source: BANK, atMs: AT_MS, doubt: 'unattested', unattestedBy: [BANK] } },
      `${BANK} closed the order o_7 unpaid at ${AT}; ${BANK} does not attest closings.`,
      `${BANK} 于 ${AT} 将订单 o_7 以未支付关闭，但来源 ${BANK} 未声明关单可信。`,
    ],
    [
      'closing',
      { closing: { source: BANK, atMs: AT_MS, doubt: 'after-our-refund', unattestedBy: [] } },
      `${BANK} closed the order o_7 unpaid at ${AT}, after our own refund in it.`,
      `${BANK} 于 ${AT} 将订单 o_7 以未支付关闭，但此前我们已在该订单中退款。`,
    ],
    [
      'closing',
      { closing: { source: BANK, atMs: AT_MS, doubt: 'record-gone', unattestedBy: [] } },
      `${BANK} closed the order o_7 unpaid at ${AT}; the record of another charge in it has expired, so we may have refunded that charge.`,
      `${BANK} 于 ${AT} 将订单 o_7 以未支付关闭，但该订单另一笔扣款的记录已过期，我们可能已退还该笔。`,
    ],
    [
      'payer-often',
      { 'payer-often': { otherCases: 3, casesMax: 3 } },
      '3 other orders of the payer p_77 were refunded in the last 24 hours; at most 3 may go automatically.',
      '付款人 p_77 过去 24 小时内已有另外 3 个订单退款，最多自动退款 3 个。',
    ],
    [
      'payer-often',
      undefined,
      'More orders of this payer were refunded in 24 hours than may go automatically.',
      '该付款人 24 小时内退款的订单数超过可自动退款的上限。',
    ],
    [
      'empties-order',
      undefined,
      'The refund would leave the order o_7 without a charge, or its other charges are not known.',
      '退款后订单 o_7 将不再有任何扣款，或其他扣款未知。',
    ],
    [
      'configuration-changed',
      { 'configuration-changed': { action: 'none' } },
      'The detector same-order no longer judges this charge.',
      '检测规则 same-order 不再检测本笔扣款。',
    ],
    [
      'configuration-changed',
      { 'configuration-changed': { action: 'review' } },
      'The detector same-order had the action refund when it found this charge; now it has review.',
      '检测规则 same-order 发现本笔扣款时的动作为 自动退款，现为 人工审批。',
    ],
    [
      'review',
      { review: { because: 'unreconciled' } },
      "The processor's refund report does not match our record.",
      '支付渠道的退款清单与我们的记录不一致。',
    ],
    [
      'review',
      { review: { because: 'kept-before' } },
      'An approver kept this charge before its order was closed unpaid.',
      '订单以未支付关闭之前，审批人曾保留本笔扣款。',
    ],
    [
      'review',
      { review: { because: 'action' } },
      'The detector same-order asks for the decision of an approver.',
      '检测规则 same-order 要求审批人决定。',
      { action: 'review' },
    ],
    [
      'limit',
      { limit: { limitMinor: 10_000 } },
      'USD 129.00 is above the limit of USD 100.00.',
      'USD 129.00 超过限额 USD 100.00。',
    ],
    ['limit', { limit: {} }, `The registry does not name USD for ${WALLET}.`, `来源登记中 ${WALLET} 未列出币种 USD。`],
    [
      'suspect',
      { suspect: { payers: { known: 4, unknown: 0 }, standing: 70 } },
      'One cluster has 4 payers and 70 standing charges: perhaps a bad rule.',
      '同组有 4 位付款人和 70 笔有效扣款：可能是规则有误。',
    ],
    ['frozen', undefined, 'Refunds of the merchant m_9 are frozen.', '商户 m_9 的退款已冻结。'],
    [
      'budget',
      { budget: { hour: '2024-11-11T01', merchantMaxMinor: 100_000, totalMaxMinor: 500_000 } },
      'The refund budget of the hour 2024-11-11T01 (UTC) is spent: at most USD 1,000.00 for m_9 and USD 5,000.00 in all.',
      '2024-11-11T01（UTC）这一小时的退款预算已用完：商户 m_9 上限 USD 1,000.00，总上限 USD 5,000.00。',
    ],
  ])('%s with %j is one sentence with its facts', (reason, facts, english, chinese, shows = {}) => {
    expect(said(reason, facts, shows)).toEqual([english, chinese]);
  });

  it('hides the tokens of payers and instruments where it is told outside', () => {
    const both = {
      waitsFor: ['other-payer', 'other-instrument', 'payer-often'],
      facts: { 'payer-often': { otherCases: 1, casesMax: 1 } },
    } as const;
    const sentences = reasonsOf(flag({ ...HELD, status: 'held', wait: wait(both) }), 'hidden');
    expect(sentences.map(({ sentence }) => sentence.en)).toEqual([
      'Another payer paid the original.',
      'The original was paid with another card or account.',
      '1 other order of this payer was refunded in the last 24 hours; at most 1 may go automatically.',
    ]);
    expect(JSON.stringify(sentences)).not.toMatch(/p_77|p_12|tok_/);
  });
});

describe('what a refund rested on', () => {
  it.each<[Ground, JudgedFacts | undefined, string, string, Shows<'refunded'>?]>([
    [
      'single-charge',
      { 'single-charge': { sources: [WALLET, BANK] } },
      `${WALLET} and ${BANK} attested that an order is charged once.`,
      `来源 ${WALLET}、${BANK} 已声明每个订单只扣款一次。`,
    ],
    [
      'single-charge',
      undefined,
      'The sources of both charges attested that an order is charged once.',
      '两笔扣款的来源已声明每个订单只扣款一次。',
    ],
    [
      'closings',
      { closings: { source: BANK, atMs: AT_MS, sources: [BANK, WALLET] } },
      `${BANK} closed the order o_7 unpaid at ${AT}; ${BANK} and ${WALLET} attested closings.`,
      `${BANK} 于 ${AT} 将订单 o_7 以未支付关闭，来源 ${BANK}、${WALLET} 已声明关单可信。`,
    ],
    [
      'closings',
      undefined,
      'An attested closing says that the order was closed unpaid.',
      '经声明可信的关单表明订单以未支付关闭。',
    ],
    [
      'approval',
      undefined,
      'ann and kim approved it.',
      'ann、kim 已批准。',
      { approvals: ['ann', 'kim'].map((by) => ({ by, atMs: START_MS, reason: 'seen' })) },
    ],
    ['approval', undefined, 'An approver approved it.', '审批人已批准。'],
  ])('%s with %j is one sentence', (ground, facts, english, chinese, shows = {}) => {
    expect(proved(ground, facts, shows)).toEqual([english, chinese]);
  });
});
