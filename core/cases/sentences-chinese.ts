import type { Minor, Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import { formatMoney } from '../events/format-money.ts';
import type { Flag } from './flag.ts';
import type { ClosingDoubt, JudgedFacts } from './judged-facts.ts';
import {
  apartMs,
  bothInstruments,
  bothPayers,
  isOriginal,
  type Payers,
  remainingInstruments,
  remainingPayers,
  type SentenceWords,
  type Suspended,
  unitsOf,
  unknownPayer,
} from './sentence-words.ts';
import type { Unconfirmed } from './unconfirmed.ts';

export const CHINESE_SENTENCES: SentenceWords = {
  reasons: {
    'may-split': ({ facts }) => {
      const { sources = [], suspended = [] } = facts['may-split'] ?? {};
      if (suspended.length > 0) return `${suspendedIn(suspended)}：可能是等额分付。`;
      const who = sources.length === 0 ? '并非所有来源都声明' : `来源 ${list(sources)} 未声明`;
      return `${who}每个订单只扣款一次：可能是等额分付。`;
    },
    'other-payer': (told) => {
      if (isOriginal(told.flag)) {
        const found = remainingPayers(told);
        if (found === undefined) return '将保留的重复扣款由另一位付款人支付。';
        return `付款人不同：原始扣款由 ${found.original} 支付，将保留的重复扣款由 ${found.copy} 支付。`;
      }
      const payers = bothPayers(told);
      if (payers === undefined) return '原始扣款由另一位付款人支付。';
      return `付款人不同：重复扣款由 ${payers.duplicate} 支付，原始扣款由 ${payers.original} 支付。`;
    },
    'other-instrument': (told) => {
      if (isOriginal(told.flag)) {
        const found = remainingInstruments(told);
        if (found === undefined) return '将保留的重复扣款使用了另一张卡或另一个账户。';
        const { original = UNKNOWN_CARD, copy = UNKNOWN_CARD } = found;
        return `原始扣款使用 ${original}，将保留的重复扣款使用 ${copy}。`;
      }
      const found = bothInstruments(told);
      if (found === undefined) return '原始扣款使用了另一张卡或另一个账户。';
      const { duplicate = UNKNOWN_CARD, original = UNKNOWN_CARD } = found;
      return `重复扣款使用 ${duplicate}，原始扣款使用 ${original}。`;
    },
    'other-source': ({ flag: { charge, original }, facts }) =>
      charge.source === original.source
        ? `将保留的重复扣款来自${facts['other-source'] === undefined ? '另一来源' : ` ${facts['other-source'].source}`}。`
        : `重复扣款来自 ${charge.source}，原始扣款来自 ${original.source}。`,
    'payer-unknown': ({ flag }) => UNKNOWN_PAYERS[unknownPayer(flag)],
    late: ({ facts: { late } }) =>
      late === undefined
        ? '扣款事件发送过晚，超出检测规则允许的时间。'
        : `扣款事件在发生 ${span(late.lateMs)}后才送达，规则最多允许 ${span(late.latenessMs)}。`,
    'late-copy': ({ flag, facts }) => {
      const windowMs = facts['late-copy']?.windowMs;
      const apart = apartMs(flag);
      if (windowMs === undefined || apart === undefined) return '重复扣款与原始扣款相隔达到或超过一个窗口。';
      return `重复扣款与原始扣款相隔 ${span(apart)}，仅 ${span(windowMs)}以内可自动退款。`;
    },
    'near-amount': ({ flag: { charge, originalCharge } }) =>
      originalCharge === undefined
        ? '金额相近但不相等。'
        : `金额相近但不相等：${money(charge.amountMinor, charge)} 与 ${money(originalCharge.amountMinor, originalCharge)}。`,
    'amount-changed': ({ flag: { charge }, facts }) => {
      const found = facts['amount-changed'];
      if (found === undefined) return '本笔扣款或与其重复的扣款，金额有变动。';
      const { amountMinor, otherMinor, otherChargeId } = found;
      return `实扣金额已不一致：本笔 ${money(amountMinor, charge)}，${otherChargeId} ${money(otherMinor, charge)}。`;
    },
    mismatch: ({ facts: { mismatch } }) => {
      if (mismatch === undefined) return '本笔扣款或将保留的扣款，其事件内容前后不一致。';
      const { chargeId, about } = mismatch;
      if (about === 'twin') return `扣款 ${chargeId} 的同一笔支付另有编号，其金额或事件内容不一致。`;
      if (about === 'void') return `扣款 ${chargeId} 撤销后又收到扣款事件。`;
      if (about === 'failure') return `扣款 ${chargeId} 失败后又收到扣款事件。`;
      return `扣款 ${chargeId} 的后续事件与扣款事件不符：${FIELD_NAMES[about]}。`;
    },
    'total-disagrees': ({ flag, facts }) => {
      const found = facts['total-disagrees'];
      if (found === undefined) return '退回本笔扣款后，订单所付将低于其总额。';
      return `${found.source} 称${orderOf(flag, '该订单').trimEnd()}总额为 ${money(found.totalMinor, flag.charge)}：退回本笔扣款后所付将低于该总额。`;
    },
    overpaid: ({ flag, facts: { overpaid } }) =>
      overpaid === undefined
        ? '所付超过订单总额，而本笔扣款并非现存扣款的重复。'
        : `${orderOf(flag, '该订单').trimEnd()}总额为 ${money(overpaid.totalMinor, flag.charge)}，已付 ${money(overpaid.paidMinor, flag.charge)}；本笔扣款并非现存扣款的重复。`,
    stale: ({ flag: { detector, timeMs }, facts: { stale } }) =>
      stale === undefined
        ? '事件到达过晚，超出检测规则的记忆期限。'
        : `${iso(timeMs)} 的扣款到达过晚，超出规则 ${detector} 的记忆期限 ${span(stale.retainMs)}。`,
    recurring: ({ facts: { recurring } }) => {
      if (recurring === undefined) return '等额扣款按固定周期出现：可能是订阅或分期。';
      const { charges, periodMs, of } = recurring;
      const period = `以 ${span(periodMs)}的固定周期`;
      return of === 'order' ? `该订单${period}扣款 ${charges} 次。` : `等额扣款${period}出现 ${charges} 次。`;
    },
    'common-order': ({ flag, facts }) => {
      const { payers, spanMs } = facts['common-order'] ?? {};
      const order = orderOf(flag, '订单号').trimEnd();
      const again = spanMs === undefined ? undefined : `相隔 ${span(spanMs)}后再次出现`;
      if (payers !== undefined) {
        return `${payersOf(payers)}共用${order}${again === undefined ? '' : `，且该订单号${again}`}。`;
      }
      return again === undefined ? `多位付款人共用${order}，或该订单号隔很久再次出现。` : `${order} ${again}。`;
    },
    'partly-returned': ({ flag: { charge }, facts }) => {
      const { returnedMinor, remaining } = facts['partly-returned'] ?? {};
      const rest = remaining === undefined ? undefined : `须保留的扣款中有 ${remaining} 笔已部分退款`;
      if (returnedMinor !== undefined) {
        const of = `${money(charge.amountMinor, charge)} 中已退回 ${money(returnedMinor, charge)}`;
        return rest === undefined ? `${of}。` : `${of}，${rest}。`;
      }
      return rest === undefined ? '本笔扣款或须保留的扣款已被部分退款。' : `${rest}。`;
    },
    closing: ({ flag, facts: { closing } }) => {
      if (closing === undefined) return '订单以未支付关闭，但这不能证明本笔扣款不应收取。';
      const { suspended = [] } = closing;
      if (suspended.length > 0) return `${suspendedIn(suspended)}：关单不能作为依据。`;
      return `${closing.source} 于 ${iso(closing.atMs)} 将${orderOf(flag, '订单')}以未支付关闭，${doubtOf(closing, flag)}。`;
    },
    unconfirmed: ({ facts: { unconfirmed } }) =>
      unconfirmed === undefined ? '支付机构自己的记录未能证实这笔退款。' : `${unconfirmedOf(unconfirmed)}。`,
    'payer-often': ({ flag: { charge }, facts, tokens }) => {
      const found = facts['payer-often'];
      if (found === undefined) return '该付款人 24 小时内退款的订单数超过可自动退款的上限。';
      const payer = tokens === 'shown' && charge.payer !== undefined ? `付款人 ${charge.payer} ` : '该付款人';
      return `${payer}过去 24 小时内已有另外 ${found.otherCases} 个订单退款，最多自动退款 ${found.casesMax} 个。`;
    },
    'empties-order': ({ flag }) => `退款后${orderOf(flag, '订单')}将不再有任何扣款，或其他扣款未知。`,
    'configuration-changed': ({ flag: { detector, action }, facts }) => {
      const { action: now, change } = facts['configuration-changed'] ?? {};
      if (change === 'exempt') return `检测规则 ${detector} 发现本笔扣款后，已将其豁免。`;
      if (change === 'rule') return `检测规则 ${detector} 发现本笔扣款后，判定条件已变更。`;
      if (now === undefined) return `发现本笔扣款的检测规则 ${detector} 已被移除或减弱。`;
      if (now === 'none') return `检测规则 ${detector} 不再检测本笔扣款。`;
      return `检测规则 ${detector} 发现本笔扣款时的动作为 ${ACTIONS[action]}，现为 ${ACTIONS[now]}。`;
    },
    review: ({ flag: { detector, action }, facts: { review } }) => {
      if (review?.because === 'unreconciled') return '支付渠道的退款清单与我们的记录不一致。';
      if (review?.because === 'kept-before') return '订单以未支付关闭之前，审批人曾保留本笔扣款。';
      if (action === 'refund') return '本笔扣款须由审批人决定。';
      return `检测规则 ${detector} 要求审批人决定。`;
    },
    limit: ({ flag: { charge }, facts: { limit } }) => {
      const amount = money(charge.amountMinor, charge);
      if (limit === undefined) return `没有限额允许自动退回 ${amount}。`;
      if (limit.limitMinor === undefined) return `来源登记中 ${charge.source} 未列出币种 ${charge.currency}。`;
      return `${amount} 超过限额 ${money(limit.limitMinor, charge)}。`;
    },
    'above-cap': ({ flag: { charge }, facts }) => {
      const amount = money(charge.amountMinor, charge);
      const cap = facts['above-cap'];
      if (cap === undefined) return `任何一小时的上限都容不下 ${amount}：请先提高上限，再重新批准。`;
      if (cap.capMinor === undefined)
        return `来源登记中 ${charge.source} 未列出币种 ${charge.currency}：请先登记币种及其上限，再重新批准。`;
      return `${amount} 超过每小时上限 ${money(cap.capMinor, charge)}：请先提高上限，再重新批准。`;
    },
    suspect: ({ facts: { suspect } }) =>
      suspect === undefined
        ? '同组付款人或扣款过多：可能是规则有误或订单号为空。'
        : `同组有 ${payersOf(suspect.payers)}和 ${suspect.standing} 笔有效扣款：可能是规则有误。`,
    frozen: ({ flag }) => `商户 ${flag.charge.merchant} 的退款已冻结。`,
    behind: ({ flag: { detector } }) => `检测进度落后于事件流，超出规则 ${detector} 的等待期；检测追平后退款自动继续。`,
    silent: ({ facts: { silent } }) =>
      silent === undefined
        ? '支付机构尚未答复查询；系统会自动再次查询。'
        : `支付机构自 ${iso(silent.sinceMs)} 起未答复 ${silent.chargeId} 的查询；系统会自动再次查询。`,
    budget: ({ flag: { charge }, facts: { budget } }) => {
      if (budget === undefined) return '本小时的退款预算已用完。';
      if (budget.ramp !== undefined) {
        const { source, day, maxMinor } = budget.ramp;
        return `${source} 的声明处于首周，其 ${day}（UTC）的自动退款额度 ${money(maxMinor, charge)} 已用完。`;
      }
      const { hour, merchantMaxMinor, totalMaxMinor } = budget;
      const bounds = [
        ...(merchantMaxMinor === undefined ? [] : [`商户 ${charge.merchant} 上限 ${money(merchantMaxMinor, charge)}`]),
        ...(totalMaxMinor === undefined ? [] : [`总上限 ${money(totalMaxMinor, charge)}`]),
      ];
      const what = budget.of === undefined ? '退款预算' : '全部退款上限';
      return `${hour}（UTC）这一小时的${what}已用完${bounds.length === 0 ? '' : `：${bounds.join('，')}${budget.of === undefined ? '' : '（除非已提高）'}`}。`;
    },
  },
  grounds: {
    'single-charge': ({ facts }) => {
      const sources = facts['single-charge']?.sources ?? [];
      return `${sources.length === 0 ? '两笔扣款的来源' : `来源 ${list(sources)} `}已声明每个订单只扣款一次。`;
    },
    totals: ({ flag, facts: { totals } }) =>
      totals === undefined
        ? '来源声明的订单总额低于已付金额。'
        : `${totals.source} 声明${orderOf(flag, '该订单').trimEnd()}总额为 ${money(totals.totalMinor, flag.charge)}，已付 ${money(totals.paidMinor, flag.charge)}。`,
    closings: ({ flag, facts: { closings } }) => {
      if (closings === undefined) return '经声明可信的关单表明订单以未支付关闭。';
      const { source, atMs, sources } = closings;
      const attestors = sources.length === 0 ? '其来源' : `来源 ${list(sources)} `;
      return `${source} 于 ${iso(atMs)} 将${orderOf(flag, '订单')}以未支付关闭，${attestors}已声明关单可信。`;
    },
    approval: ({ flag: { approvals } }) =>
      approvals.length === 0 ? '审批人已批准。' : `${list(approvals.map(({ by }) => by))} 已批准。`,
  },
};

const FIELD_NAMES = {
  merchant: '商户',
  payer: '付款人',
  order: '订单',
  part: '分项',
  instrument: '支付工具',
  channel: '渠道',
  mcc: '商户类别代码',
  payment: '支付编号',
  amount: '金额',
  currency: '币种',
} as const;
const UNKNOWN_CARD = '未知的卡或账户';
const UNKNOWN_PAYERS = {
  both: '重复扣款和原始扣款的付款人均未知。',
  duplicate: '重复扣款的付款人未知。',
  original: '原始扣款的付款人未知。',
  either: '重复扣款或原始扣款的付款人未知。',
  remaining: '原始扣款或将保留的重复扣款的付款人未知。',
} as const;
const ACTIONS = { monitor: '仅报告', review: '人工审批', refund: '自动退款' } as const;

function doubtOf({ doubt, unattestedBy }: NonNullable<JudgedFacts['closing']>, { timeMs }: Flag): string {
  const told: { readonly [name in ClosingDoubt]: string } = {
    unattested: unattestedBy.length === 0 ? '但关单未经声明' : `但来源 ${list(unattestedBy)} 未声明关单可信`,
    'after-paid': '但此前曾以已支付关闭',
    stale: '但该关闭事件送达过晚，超出规则的记忆期限',
    'before-charge': `早于本笔扣款的 ${iso(timeMs)}`,
    'too-late': `距本笔扣款的 ${iso(timeMs)} 过久`,
    'after-our-refund': '但此前我们已在该订单中退款',
    'record-gone': '但该订单另一笔扣款的记录已过期，我们可能已退还该笔',
  };
  return told[doubt];
}

function unconfirmedOf({ fact, chargeId }: Unconfirmed): string {
  const told: { readonly [name in Unconfirmed['fact']]: string } = {
    'one-movement': `支付机构的记录中，本笔扣款与 ${chargeId} 是同一笔资金`,
    'counted-twice': `支付机构的记录中，${chargeId} 与另一笔须保留的扣款是同一笔资金`,
    'not-found': `支付机构的记录中没有 ${chargeId}`,
    'other-amount': `支付机构的记录中，${chargeId} 的金额或币种不同`,
    'other-merchant': `支付机构的记录中，${chargeId} 的商户不同`,
    'merchant-unknown': `支付机构的记录中，${chargeId} 没有商户`,
    'other-order': `支付机构的记录中，${chargeId} 的订单不同`,
    'other-payer': `支付机构的记录中，${chargeId} 的付款人不同`,
    'nothing-to-compare': `${chargeId} 的订单和付款人均无法与支付机构的记录核对`,
    'too-little-left': `支付机构的记录中，${chargeId} 的可退金额不足`,
    'no-survivor': `${chargeId} 之外没有其他有效扣款`,
    'cannot-look-up': `${chargeId} 的网关不支持查询`,
    'no-answer': `支付机构尚未答复 ${chargeId} 的查询`,
  };
  return told[fact];
}

function suspendedIn(suspended: Suspended): string {
  const each = suspended.map(
    ({ attestation, source, sinceMs, order }) =>
      `来源 ${source} 的声明 ${attestation} 自 ${iso(sinceMs)} 起暂停，因与订单 ${order} 矛盾`,
  );
  return each.join('；');
}

function payersOf({ known, unknown }: Payers): string {
  const guests = `${unknown} 笔付款人未知的扣款`;
  if (unknown === 0) return `${known} 位付款人`;
  return known === 0 ? guests : `${known} 位付款人和 ${guests}`;
}

function orderOf({ charge: { order } }: Flag, name: string): string {
  return order === undefined ? `该${name}` : `${name} ${order} `;
}

function span(ms: Ms): string {
  const names = { day: '天', hour: '小时', minute: '分钟', second: '秒' } as const;
  return unitsOf(ms)
    .map(({ unit, count }) => `${count} ${names[unit]}`)
    .join(' ');
}

function money(minor: Minor, { currency }: { readonly currency: string }): string {
  return formatMoney(minor, { currency, locale: 'zh-CN' });
}

function list(names: readonly string[]): string {
  return names.join('、');
}
