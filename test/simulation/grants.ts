import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import type { Grant } from '../../core/refunds/claim-store.ts';
import type { Acting } from './acting.ts';
import { isOrderEmptied, isTooLittleKept } from './keeping.ts';
import type { Knowledge } from './knowledge.ts';
import { isEnoughApproved, otherCasesOf, reasonToReview } from './people-must-see.ts';
import { named, type RecordOf } from './promises.ts';
import { unprovedBecause } from './proof.ts';
import type { Readers } from './readers.ts';
import type { RulesOfFlags } from './rules.ts';
import { idsOf, isStanding, type Member, membersOf } from './standing.ts';
import type { KnownTotals } from './told-totals.ts';

export const NEVER_THE_LAST = 'promise 1, never the last one';
export const ONCE = 'promise 2, flagged and refunded once';
const SEEN_FIRST = 'people see first what they must';
export const PROVED = 'money moves automatically only on proof';

const LEVEL = 'no claim while a reader is further behind than the grace';

/** All by which a claim is judged at the moment of its grant. */
export interface Court {
  readonly flags: readonly Flag[];
  readonly knowledge: Knowledge;
  readonly recordOf: RecordOf;
  readonly windowOf: (fingerprint: string) => ChargeWindow | undefined;
  /** When a window was written where none was. */
  readonly bornMsOf: (fingerprint: string) => number;
  readonly isClaimed: (charge: Charge) => boolean;
  readonly wasGranted: (of: Pick<Flag, 'id' | 'attempt'>) => boolean;
  /** The detector has decided over the flag. */
  readonly isDecider: (id: string, detector: string) => boolean;
  /** The steps at which a record or a window was written last. */
  readonly writtenAt: (key: string) => number;
  /** The run that is granted the claim. */
  readonly acting: Acting;
  readonly rules: RulesOfFlags;
  readonly readers: Readers;
  readonly nowMs: number;
}

type Verdict = readonly [promise: string, what: string];

/** What is wrong with a grant by what was told and what the stores hold now; the own record has its claim already. */
export function wrongWith(grant: Grant, court: Court): readonly Verdict[] {
  const { record, survivors, window: pinned } = grant;
  const { capture, id } = record;
  const window = court.windowOf(pinned.fingerprint);
  const own = window && membersOf(window, court.recordOf).find(({ entry }) => entry.id === id);
  const flag = court.flags.find((each) => each.id === id);
  if (capture === undefined || window === undefined || own === undefined || !court.isDecider(id, window.detector)) {
    return [[NEVER_THE_LAST, `${record.chargeId} is claimed by ${pinned.fingerprint}, which does not decide`]];
  }
  const found: Verdict[] = [...wrongAmount(grant, own, court)];
  const { configuration } = court.acting;
  const otherCases = flag ? otherCasesOf(flag, { ...court, namespaceOf: configuration.namespaceOf }) : 0;
  const [survivor] = survivors.map((each) => court.recordOf(each.id));
  const granted = { own: record, survivor, isMismatched: court.knowledge.isMismatched(record), otherCases };
  const reason = flag && reasonToReview(flag, granted, configuration);
  if (reason !== undefined) found.push([SEEN_FIRST, `${record.chargeId} is claimed: ${reason}`]);
  const [others, totals] = [standingBeside(own, window, court), totalsIn(window, capture.charge, court)];
  const owed =
    window.closed?.owed === 0 ? court.knowledge.owedAtLeast(capture.charge, court.bornMsOf(window.fingerprint)) : 1;
  if (
    isTooLittleKept({ flag, own, window, others, owed, totals }) ||
    isElsewhereEmptied(own, { flag, window }, court)
  ) {
    found.push([
      NEVER_THE_LAST,
      `${record.chargeId} is claimed by ${pinned.fingerprint}, and too few stand without it`,
    ]);
  }
  if (flag !== undefined && areReadersBehind(flag, court)) {
    found.push([LEVEL, `${record.chargeId} is claimed while a reader is behind`]);
  }
  const change = flag && court.rules.changeOf(flag, configuration);
  if (change !== undefined) found.push([PROVED, `${record.chargeId} is claimed: ${change}`]);
  if (flag !== undefined && !isEnoughApproved(flag, configuration)) {
    const isFresh = isSeenAsItIs(window, court);
    const { suspensions: suspended = [] } = court.acting;
    const { recordOf } = court;
    const unproved = unprovedBecause({
      flag,
      window,
      own,
      others,
      isFresh,
      totals,
      recordOf,
      configuration,
      suspended,
    });
    if (unproved !== undefined) found.push([PROVED, `${record.chargeId} is claimed: ${unproved}`]);
  }
  return found;
}

function wrongAmount({ record, reservation }: Grant, own: Member, court: Court): readonly Verdict[] {
  const { ours, chargeId } = record;
  const { knowledge } = court;
  if (ours?.state !== 'claimed') return [[ONCE, `${chargeId} is granted without a claim`]];
  const returned = Math.max(...idsOf(own).map((id) => knowledge.refundedTotalMinor(id)));
  const left = knowledge.capturedAtMostMinor(record) - returned;
  const claimedTwin = own.twins.find(({ capture }) => court.isClaimed(capture.charge));
  return [
    ...(claimedTwin ? ([[ONCE, `${chargeId} is claimed beside its twin ${claimedTwin.chargeId}`]] as const) : []),
    ...(knowledge.isAnyGone(idsOf(own)) ? ([[ONCE, `${chargeId} is claimed and does not stand`]] as const) : []),
    ...(ours.restsOn.length === 0 ? ([[SEEN_FIRST, `${chargeId} rests on nothing`]] as const) : []),
    ...(ours.refundMinor > left ? ([[ONCE, `${chargeId}: ${ours.refundMinor} granted of ${left}`]] as const) : []),
    ...(reservation.amountMinor === ours.refundMinor ? [] : ([[ONCE, `${chargeId} is reserved otherwise`]] as const)),
  ];
}

/** All that certainly stands in a window without the charge. */
function standingBeside(
  own: Member,
  window: ChargeWindow,
  { recordOf, isClaimed, knowledge }: Court,
): readonly Member[] {
  return membersOf(window, recordOf).filter((member) => {
    const ids = idsOf(member);
    if (ids.some(({ id, capture }) => id === own.entry.id || isClaimed(capture.charge))) return false;
    return isStanding(member, window) && !knowledge.isAnyGone(ids);
  });
}

const NO_TOTALS: KnownTotals = { latest: [], mayBeUnknown: true, highestMinor: 0 };

function totalsIn(
  { detector, fingerprint, entries }: ChargeWindow,
  charge: Charge,
  { knowledge, acting, bornMsOf, recordOf }: Court,
): KnownTotals {
  const isOfOrder = acting.configuration.detectors.find(({ id }) => id === detector)?.orders;
  if (!isOfOrder) return NO_TOTALS;
  const filed = new Set(entries.flatMap(({ id }) => recordOf(id) ?? []).map(named));
  return knowledge.totals.of(charge, { bornMs: bornMsOf(fingerprint), isFiled: (name) => filed.has(name) });
}

/** The window of the charge's order, where another detector decides, would keep too little. */
function isElsewhereEmptied(
  own: Member,
  { flag, window }: { readonly flag: Flag | undefined; readonly window: ChargeWindow },
  court: Court,
): boolean {
  const ofOrder = court.acting.configuration.detectors.find(({ orders }) => orders)?.id;
  const filed = own.record.capture.windows.find(({ detector }) => detector === ofOrder);
  if (filed === undefined || filed.fingerprint === window.fingerprint) return false;
  const order = court.windowOf(filed.fingerprint);
  const others = order === undefined ? [] : standingBeside(own, order, court);
  const totals = order === undefined ? NO_TOTALS : totalsIn(order, own.record.capture.charge, court);
  return isOrderEmptied({ flag, own, others, totals });
}

/** By the reports that were there when the run asked for them; a run that has not asked does not know. */
function areReadersBehind(flag: Flag, { acting, readers }: Court): boolean {
  const graceMs = acting.configuration.detectorFor(flag.detector, flag.charge)?.graceMs ?? 0;
  return acting.lagReadMs === undefined || readers.wereBehind({ untilMs: acting.lagReadMs, graceMs });
}

/** The acting run has read window and records after the last write to any of them. */
function isSeenAsItIs(
  { fingerprint, entries }: ChargeWindow,
  { acting, writtenAt }: Pick<Court, 'acting' | 'writtenAt'>,
): boolean {
  return (
    writtenAt(fingerprint) < acting.windowsReadAt && entries.every(({ id }) => writtenAt(id) < acting.recordsReadAt)
  );
}
