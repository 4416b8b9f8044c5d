import { formatMoney } from '../events/format-money.ts';
import type { AlertOf } from './alert.ts';
import {
  type IncidentRecord,
  type RefundAlert,
  reasonsOf,
  type SourceRefused,
  type Stakes,
  sentencesIn,
  signed,
  sums,
  type Words,
} from './email-words.ts';

export const CHINESE: Words = {
  sentences: 'zh',
  link: '查看：',
  id: '告警编号：',
  title: (alert) => {
    switch (alert.kind) {
      case 'case.opened':
        return `商户 ${alert.merchant} 出现重复扣款`;
      case 'case.resolved':
        return `已解决：商户 ${alert.merchant} 的重复扣款`;
      case 'case.deadline':
        return `期限 ${alert.deadlineAt.slice(0, 10)}：商户 ${alert.merchant} 的重复扣款尚未了结`;
      case 'refund.unreconciled':
        return `请立即处理：商户 ${alert.merchant} 的退款与支付渠道清单不符`;
      case 'refund.failed':
        return `请立即处理：商户 ${alert.merchant} 的一笔退款失败`;
      case 'refund.contested':
        return `请立即处理：商户 ${alert.merchant} 的已退款扣款又被拒付争议`;
      case 'short-order':
        return `立即处理：${alert.merchant} 的订单在我们退款后已无有效扣款`;
      case 'refund.unknown':
        return `请立即处理：商户 ${alert.merchant} 的一笔退款结果不明`;
      case 'refund.in-error':
        return `商户 ${alert.merchant} 的一笔退款属于误退`;
      case 'hold.escalated':
        return `请决定：商户 ${alert.merchant} 的一笔退款仍在等待人工处理`;
      case 'hold.expired':
        return `请决定：商户 ${alert.merchant} 的一笔退款无人处理，未予退款`;
      case 'budget.spent':
        return `商户 ${alert.merchant} 本小时的退款额度已用完`;
      case 'source-refused':
        return `${alert.severity === 'critical' ? '请立即处理：' : ''}${sourceInChinese(alert)}的事件被拒收（${alert.reason}）`;
      case 'attestation-suspended':
        return `请立即处理：商户 ${alert.merchant} 的声明 ${alert.attestation} 已暂停`;
      case 'incident.opened':
        return `事件：${scopeInChinese(alert.scope)}大量重复扣款`;
      case 'incident.digest':
        return `事件简报第 ${alert.number} 期，${scopeInChinese(alert.scope)}`;
      case 'incident.closed':
        return `事件结束，${scopeInChinese(alert.scope)}`;
    }
  },
  lines: (alert) => {
    switch (alert.kind) {
      case 'case.opened':
      case 'case.resolved':
        return [
          `同一笔付款多扣 ${alert.flags} 次，其中 ${alert.unresolved} 次尚未了结。`,
          stakesInChinese(alert),
          CHINESE_ACTIONS[alert.action],
          `保留的扣款：${alert.original.chargeId}（${alert.original.source}）。案件：${alert.caseId}`,
        ];
      case 'case.deadline':
        return [
          `多扣 ${alert.flags} 次中有 ${alert.unresolved} 次尚未了结，须在 ${alert.deadlineAt} 前了结。`,
          stakesInChinese(alert),
          `请处理暂缓的退款，并向支付渠道核实失败的退款。案件：${alert.caseId}`,
        ];
      case 'refund.unreconciled':
        return [
          `本案件有 ${alert.unreconciled} 笔退款与支付渠道的清单不一致。`,
          stakesInChinese(alert),
          `详情见案件审计记录。请向支付渠道核实，切勿手工退款。案件：${alert.caseId}`,
        ];
      case 'refund.failed':
        return [...refundInChinese(alert), `支付渠道最终拒绝：${alert.reason}`];
      case 'refund.contested':
        return [...refundInChinese(alert), '付款人可能收到两次退款：请答复争议，或停止退款。'];
      case 'short-order':
        return [...refundInChinese(alert), ...shortOrderInChinese(alert)];
      case 'refund.unknown':
        return [...refundInChinese(alert), '已连续询问多日。请向支付渠道核实结果，切勿手工退款。'];
      case 'refund.in-error':
        return [
          ...refundInChinese(alert),
          `${alert.by} 认定该扣款本属应收：${alert.reason}`,
          `依据：${alert.evidence}。系统不会自动重新扣款。`,
        ];
      case 'hold.escalated':
        return [
          ...refundInChinese(alert),
          `自 ${alert.since} 起等待人工处理。请批准退款，或保留该扣款。`,
          `如仍无人处理，等待将于 ${alert.expiresAt} 结束，款项不会退回。`,
        ];
      case 'hold.expired':
        return [
          ...refundInChinese(alert),
          `自 ${alert.since} 起无人处理。资金未动，也不会自动退回。`,
          '付款人仍被多扣：请批准退款，或保留该扣款。',
        ];
      case 'budget.spent':
        return [`${alert.currency} 退款将等到 ${alert.hour}（UTC）之后的下一小时，或经人工批准后继续。`];
      case 'source-refused':
        return refusedInChinese(alert);
      case 'attestation-suspended':
        return suspendedInChinese(alert);
      case 'incident.opened':
        return [
          `${alert.windowSeconds} 秒内新增 ${alert.cases} 个案件；通常约 ${alert.usual} 个，达到 ${alert.threshold} 个即为事件。`,
          '事件结束前，单个告警并入每分钟的简报。退款在额度内照常进行。',
        ];
      default:
        return recordInChinese(alert);
    }
  },
};

const CHINESE_ACTIONS = {
  monitor: '该规则仅报告，不动资金。',
  review: '退款等待人工决定。',
  refund: '款项将自动退回。',
} as const;

function suspendedInChinese(alert: AlertOf<'attestation-suspended'>): readonly string[] {
  return [
    `来源 ${alert.source} 声明 ${alert.attestation}，但订单 ${alert.order} 与之矛盾。`,
    '以该声明为依据的退款将等待审批人。请向支付机构核实该订单。',
    `恢复声明：${alert.command}`,
  ];
}

function shortOrderInChinese({ why, evidence }: AlertOf<'short-order'>): readonly string[] {
  return [
    `本笔已由我们退款，该订单所余扣款已不足其应付：${why}。`,
    `请通知商户。证据文件可用于答复争议：GET ${evidence}。`,
  ];
}

function refundInChinese(alert: RefundAlert): readonly string[] {
  const amount = formatMoney(alert.amountMinor, { currency: alert.currency, locale: 'zh-CN' });
  return [
    `扣款 ${alert.charge.chargeId}（${alert.charge.source}），${amount}。案件：${alert.caseId}`,
    ...sentencesIn('zh', alert),
  ];
}

function stakesInChinese({ atStakeMinor, refundedMinor, currency }: Stakes): string {
  return `涉及金额：${formatMoney(atStakeMinor, { currency, locale: 'zh-CN' })}；已退：${formatMoney(refundedMinor, { currency, locale: 'zh-CN' })}。`;
}

function refusedInChinese(alert: SourceRefused): readonly string[] {
  const { refused, accepted, hour, command } = alert;
  return [
    `自 ${hour}:00（UTC）起一小时内，${sourceInChinese(alert)}有 ${refused} 条事件被拒收，${accepted} 条已判定。`,
    `原因：${reasonsOf(alert)}。这些事件在隔离区等待处理，其中的重复扣款尚未查出。`,
    `查看或修复：${command}`,
  ];
}

function sourceInChinese({ source }: SourceRefused): string {
  return source === undefined ? '未登记来源' : `来源 ${source} `;
}

function scopeInChinese(scope: AlertOf<'incident.opened'>['scope']): string {
  if (scope.kind === 'all') return '全部商户';
  return scope.kind === 'merchant' ? `商户 ${scope.merchant} ` : `支付渠道 ${scope.source} `;
}

function recordInChinese(alert: IncidentRecord): readonly string[] {
  const { totals, changes } = alert;
  const state = (frozen: boolean) => (frozen ? '冻结' : '解冻');
  return [
    ...(alert.kind === 'incident.closed' && alert.reason === 'absorbed' ? ['此后由范围更大的事件通报。'] : []),
    `案件：${totals.cases}（${signed(changes.cases)}），已解决 ${totals.resolved}（${signed(changes.resolved)}）`,
    `多扣笔数：${totals.charges}（${signed(changes.charges)}）`,
    `涉及金额：${sums(totals, 'atStakeMinor', 'zh-CN')}`,
    `已退金额：${sums(totals, 'refundedMinor', 'zh-CN')}`,
    `等待人工：暂缓 ${totals.held}（${sums(totals, 'heldMinor', 'zh-CN')}），失败 ${totals.failed}，结果不明 ${totals.unknown}`,
    `案件最多：${alert.merchants.map(({ merchant, cases }) => `${merchant} ${cases}`).join('，')}`,
    ...alert.orders.map((order) => {
      return `${order.at}：${order.by} ${state(order.frozen)}了${order.merchant ?? '全部'}退款：${order.reason}`;
    }),
  ];
}
