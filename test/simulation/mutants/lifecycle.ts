import type { FlagId } from '../../../core/brands.ts';
import type { ChargeRecord } from '../../../core/detection/charge-record.ts';
import type { ChargeView } from '../../../core/detection/charge-view.ts';
import { flagIdOf } from '../../../core/detection/fingerprint.ts';
import { FACTS, FILING, type Mutant, RAISE, RECORD, VIEW, WINDOW, without } from './mutant.ts';

/** The record without what is known of some facts. */
function forgetting(record: ChargeRecord, fact: 'refundedByOthers' | 'singleRefunds' | 'dispute'): ChargeRecord {
  const { [fact]: _, ...rest } = record;
  return rest;
}

function eachRecord({ window, records }: ChargeView, change: (record: ChargeRecord) => ChargeRecord): ChargeView {
  const changed = [...records].map(([id, record]): [FlagId, ChargeRecord] => [id, change(record)]);
  return { window, records: new Map(changed) };
}

/** What becomes of charges and orders afterwards, and that it is remembered whatever the order of arrival. */
export const LIFECYCLE: readonly Mutant[] = [
  without(FACTS, 'a void before its capture is remembered', ({ release }) => ({
    release: (record, when) => (record.capture ? release(record, when) : record),
  })),
  without(FACTS, 'of capture, void and failure the latest event time holds', ({ release }) => ({
    release: (record, when) => {
      const latestMs = record.capture?.latestMs ?? when.timeMs;
      return release(record, { ...when, timeMs: Math.max(when.timeMs, latestMs) });
    },
  })),
  without(FACTS, 'a capture told anew overrules a void before it', ({ capture }) => ({
    capture: (record, told) => capture(record, { ...told, timeMs: record.capture?.latestMs ?? told.timeMs }),
  })),
  without('core/detection/judge-records.ts', 'what other events repeat of a charge is not believed', (original) => ({
    judgeRecords: async (all, context) => {
      const believed = [];
      for (const progress of all) {
        const { event } = progress.arrival;
        if (event.kind === 'order.closed' || event.kind === 'charge.captured') believed.push(progress);
        else {
          const [found] = await context.records.readRecords([flagIdOf(event.charge, context.digests)], context.nowMs());
          const known = found?.record?.capture?.charge;
          const { order, amountMinor } = event.charge;
          // Filed by its own fields, it reaches no charge.
          if (known === undefined || (known.order === order && known.amountMinor === amountMinor)) {
            believed.push(progress);
          }
        }
      }
      await original.judgeRecords(believed, context);
    },
  })),
  without('core/detection/refund-reference.ts', 'our own refund is known by our reference', () => ({
    isReferenceOf: () => false,
  })),
  without(FACTS, 'partial refunds by others are kept', ({ refundByOthers }) => ({
    refundByOthers: (record, told) => {
      const amountMinor = record.capture?.charge.amountMinor ?? Number.POSITIVE_INFINITY;
      return told.totalMinor < amountMinor ? record : refundByOthers(record, told);
    },
  })),
  without(FACTS, 'of totals refunded by others the latest holds', ({ refundByOthers }) => ({
    refundByOthers: (record, told) => {
      const known = record.refundedByOthers;
      if (known === undefined) return refundByOthers(record, told);
      const { totalMinor } = told;
      if (totalMinor === known.totalMinor && told.timeMs === known.atMs) return record;
      return { ...refundByOthers(forgetting(record, 'refundedByOthers'), told) };
    },
  })),
  without(FACTS, 'a total that falls tells of a refund that failed', ({ refundByOthers }) => ({
    refundByOthers: (record, told) =>
      refundByOthers(record, {
        ...told,
        totalMinor: Math.max(told.totalMinor, record.refundedByOthers?.totalMinor ?? 0),
      }),
  })),
  without(RECORD, 'a refund by others that reaches the amount releases', ({ isReleased }) => ({
    isReleased: (record) => isReleased(forgetting(forgetting(record, 'refundedByOthers'), 'singleRefunds')),
  })),
  without(FACTS, 'a dispute before its capture is remembered', ({ dispute }) => ({
    dispute: (record, told) => (record.capture ? dispute(record, told) : record),
  })),
  without(FACTS, 'the latest event time of a dispute holds', ({ dispute }) => ({
    dispute: (record, told) => {
      const { dispute: known } = record;
      const isSame = known?.atMs === told.timeMs && known.open === told.open && known.wonBy === told.wonBy;
      return isSame ? record : dispute(forgetting(record, 'dispute'), told);
    },
  })),
  without(FACTS, 'of two disputes at one time the open one holds', ({ dispute }) => ({
    dispute: (record, told) => (record.dispute?.atMs === told.timeMs ? record : dispute(record, told)),
  })),
  without(FACTS, 'a dispute won by the payer releases', ({ dispute }) => ({
    dispute: (record, { wonBy, ...told }) => dispute(record, { ...told, wonBy: wonBy && 'merchant' }),
  })),
  without(FACTS, 'a dispute won by the merchant is over', ({ dispute }) => ({
    dispute: (record, told) => dispute(record, { ...told, open: told.wonBy !== 'payer' }),
  })),
  without(RAISE, 'a dispute on a charge that we refund is notified', ({ raiseFlags }) => ({
    raiseFlags: (views, actor, context) => {
      const silent = (record: ChargeRecord) => (record.ours ? forgetting(record, 'dispute') : record);
      return raiseFlags(
        views.map((view) => eachRecord(view, silent)),
        actor,
        context,
      );
    },
  })),
  without(FILING, 'the latest closing of an order holds', ({ owe }) => ({
    owe: (window, detector, told) => {
      const { closed, ...rest } = window;
      const isSame = closed?.atMs === told.timeMs && (closed.owed === 1) === (told.outcome === 'paid');
      return isSame ? window : owe(rest, detector, told);
    },
  })),
  without(FILING, 'of two closings at one time `paid` holds', ({ owe }) => ({
    owe: (window, detector, told) => (window.closed?.atMs === told.timeMs ? window : owe(window, detector, told)),
  })),
  without(FACTS, 'an order closed unpaid opens kept charges again', ({ keep }) => ({
    keep: (record, { nowMs }) => keep(record, { unpaidMs: Number.MAX_SAFE_INTEGER, nowMs }),
  })),
  without(WINDOW, 'an order closed unpaid owes nothing', () => ({ owedBy: () => 1 })),
  without(VIEW, 'of an order closed unpaid every standing charge is surplus', ({ surplusOf }) => ({
    surplusOf: (view) => surplusOf(view).filter(({ entry }) => entry.verdict.kind === 'duplicate'),
  })),
];
