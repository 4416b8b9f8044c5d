import type { Minor } from '../brands.ts';
import type { ChargeRecord, Claim, ReportedRefund } from './charge-record.ts';
import { type Instant, recordClaim, refundOneByOthers } from './record-transitions.ts';

/** A refund event that bears our own reference. */
export interface OwnRefund extends Instant {
  /** Undefined where the reference names none. */
  readonly attempt: number | undefined;
  readonly reference: string;
  readonly refundId: string | undefined;
  readonly isFailed: boolean;
  /** What all refunds of the charge have returned; undefined where the event names this refund alone. */
  readonly totalMinor: Minor | undefined;
  readonly minor: Minor | undefined;
}

/**
 * Records what the processor reports of our own refund: the best evidence of it. It ends a claim that runs, as refunded or
 * as failed. A refund that fails after it was done stands as failed, and one that succeeds after it failed as refunded. The
 * latest event time holds, on a tie the success: the less money goes back. The same record where nothing is new.
 *
 * A refund of an attempt that the record does not have as its own last one counts as returned by others: the money is gone,
 * whatever we know of it.
 */
export function reportOwnRefund(record: ChargeRecord, own: OwnRefund): ChargeRecord {
  const { ours } = record;
  if (ours === undefined || ours.attempt !== own.attempt || ours.state === 'denied') return asOfOthers(record, own);
  if (ours.state === 'reversed-externally') return record;
  const state = stateAfter(ours, own);
  if (state === ours.state) return record;
  const { attempt, refundMinor, atMs, restsOn, onTotal } = ours;
  const reported: ReportedRefund = { atMs: own.timeMs, processorReference: own.refundId ?? own.reference };
  const noted = state === 'failed' ? withFailure(record, own) : record;
  return recordClaim(
    noted,
    { attempt, state, refundMinor, atMs, restsOn, ...(onTotal && { onTotal }), reported },
    own.nowMs,
  );
}

/** Once another attempt follows, a success of this one that is delivered again is older than its failure. */
function withFailure(record: ChargeRecord, { reference, timeMs, nowMs }: OwnRefund): ChargeRecord {
  return refundOneByOthers(record, { id: reference, minor: 0, timeMs, nowMs });
}

type Asked = Exclude<Claim, { readonly state: 'denied' }>;

function stateAfter(ours: Asked, own: OwnRefund): Asked['state'] {
  const reportedMs = ours.state === 'claimed' ? undefined : ours.reported?.atMs;
  const { timeMs } = own;
  if (!hasFailed(own, ours.refundMinor))
    return reportedMs === undefined || timeMs >= reportedMs ? 'refunded' : ours.state;
  // Before the gateway was called there is no refund that could fail.
  if (ours.state === 'claimed' && !ours.called) return ours.state;
  return reportedMs === undefined || timeMs > reportedMs ? 'failed' : ours.state;
}

/** A total below our own refund says that ours is not in it. */
function hasFailed({ isFailed, totalMinor }: OwnRefund, refundMinor: Minor): boolean {
  return isFailed || (totalMinor !== undefined && totalMinor < refundMinor);
}

function asOfOthers(record: ChargeRecord, { reference, isFailed, minor, totalMinor, timeMs, nowMs }: OwnRefund) {
  const returnedMinor = isFailed ? 0 : (minor ?? totalMinor ?? 0);
  if (returnedMinor === 0 && !record.singleRefunds?.some(({ id }) => id === reference)) return record;
  return refundOneByOthers(record, { id: reference, minor: returnedMinor, timeMs, nowMs });
}
