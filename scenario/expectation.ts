import type { Minor } from '../core/brands.ts';
import type { Charge } from '../core/events/payment-event.ts';
import type { ChargeTruth, ClusterTruth, DetectorId, Pace } from './truth.ts';

/**
 * How one charge of a cluster ends, as a story says it.
 *
 * `untouched`: never flagged. `fleeting`: surplus for a while only, so it is flagged if the window is looked at in that
 * while, and then dismissed; a batch that holds the whole while never shows it. `flagged`: flagged for sure, but how it
 * ends depends on which claim comes first. `sometimes`: whether it is flagged depends on what is processed first.
 * `may-wait`: the same, and a flag waits for an approver. `monitored`: flagged, and only reported.
 */
interface Member {
  readonly charge: Charge;
  readonly ends: 'untouched' | 'refunded' | 'held' | 'monitored' | 'fleeting' | 'flagged' | 'sometimes' | 'may-wait';
  /** Why it does not stand: what others did to it, or that it is the twin of an earlier charge. */
  readonly taken?: ChargeTruth['taken'];
  /** What others gave back of it, so that we give back the rest only. */
  readonly returnedMinor?: Minor | undefined;
  /** Why its refund waits. Empty where that depends on what was known at that moment. */
  readonly waitsFor?: readonly string[];
}

type Others = Pick<Member, 'taken' | 'returnedMinor'>;

export const untouched = (charge: Charge, others: Others = {}): Member => ({ charge, ends: 'untouched', ...others });
export const refunded = (charge: Charge, others: Others = {}): Member => ({ charge, ends: 'refunded', ...others });
export const fleeting = (charge: Charge, others: Others = {}): Member => ({ charge, ends: 'fleeting', ...others });
export const held = (charge: Charge): Member => ({ charge, ends: 'held' });
export const monitored = (charge: Charge): Member => ({ charge, ends: 'monitored' });
export const waits = (charge: Charge, ...waitsFor: readonly string[]): Member => ({ charge, ends: 'held', waitsFor });
export const mayWait = (charge: Charge, ...waitsFor: readonly string[]): Member => ({
  charge,
  ends: 'may-wait',
  waitsFor,
});
export const flagged = (charge: Charge): Member => ({ charge, ends: 'flagged' });
export const sometimes = (charge: Charge): Member => ({ charge, ends: 'sometimes' });

export interface Expectation {
  readonly detector: DetectorId;
  /** In the order in which they reach the stream: the first is the original, unless `anyFirst`. */
  readonly members: readonly Member[];
  /** Absent where the cluster ends the same at every pace of the replay. */
  readonly pace?: Pace;
  /** 0 once the order is closed unpaid; more than 1 where a total needs equal charges. */
  readonly owed?: number;
  /** Others took what was to stand, after our refund. */
  readonly isShort?: boolean;
  /** Several payers: any of them may be processed first, so that the original is open. */
  readonly anyFirst?: boolean;
  /** How many of the `flagged` and `sometimes` members are refunded. */
  readonly refundedAmong?: number;
  /** How many of them may be flagged beyond that, and are then dismissed. */
  readonly dismissedAmong?: number;
  /** How many of the `may-wait` members wait. */
  readonly heldAmong?: number;
  /** How many of them may wait beyond that. */
  readonly mayHold?: number;
}

export function clusterTruth(story: number, kind: string, expectation: Expectation): ClusterTruth {
  const { detector, members, pace, owed = 1, anyFirst = false, isShort = false, mayHold = 0 } = expectation;
  const { refundedAmong = 0, dismissedAmong = 0, heldAmong = 0 } = expectation;
  const first = members[0];
  if (first === undefined) throw new Error(`story ${story} (${kind}) expects a cluster without charges`);
  const ending = (end: Member['ends']): number => members.filter(({ ends }) => ends === end).length;
  const refundedCount = ending('refunded') + refundedAmong;
  const heldCount = ending('held') + heldAmong;
  const monitoredCount = ending('monitored');
  const left = members.filter(({ taken }) => taken === undefined).length;
  const standing = left - refundedCount;
  if (standing !== Math.min(owed + heldCount + monitoredCount, left) && !isShort) {
    throw new Error(`story ${story} (${kind}) leaves ${standing} standing where ${owed} is owed`);
  }
  return {
    story,
    kind,
    detector,
    ...(pace && { pace }),
    owed,
    standing,
    refunded: refundedCount,
    held: heldCount,
    mayDismiss: ending('fleeting') + dismissedAmong,
    ...(mayHold > 0 && { mayHold }),
    ...(monitoredCount > 0 && { monitored: monitoredCount }),
    currency: first.charge.currency,
    refundedMinor: refundedMinorOf(members) + refundedAmong * first.charge.amountMinor,
    charges: members.map((member) => chargeTruth(member, anyFirst ? undefined : first.charge)),
  };
}

function refundedMinorOf(members: readonly Member[]): Minor {
  return members
    .filter(({ ends }) => ends === 'refunded')
    .reduce((sum, { charge, returnedMinor = 0 }) => sum + charge.amountMinor - returnedMinor, 0);
}

function chargeTruth({ charge, ends, taken, waitsFor = [] }: Member, original: Charge | undefined): ChargeTruth {
  return {
    source: charge.source,
    chargeId: charge.chargeId,
    ...(original && { verdict: charge === original ? 'original' : 'duplicate' }),
    ...FLAGS[ends],
    ...(original && ends !== 'untouched' && { original: { source: original.source, chargeId: original.chargeId } }),
    ...(taken && { taken }),
    ...(waitsFor.length > 0 && { waitsFor: [...waitsFor] }),
  };
}

const FLAGS: Readonly<Record<Member['ends'], Pick<ChargeTruth, 'flagged' | 'status'>>> = {
  untouched: { flagged: 'never' },
  refunded: { flagged: 'always', status: 'refunded' },
  held: { flagged: 'always', status: 'held' },
  monitored: { flagged: 'always', status: 'monitored' },
  fleeting: { flagged: 'sometimes', status: 'dismissed' },
  'may-wait': { flagged: 'sometimes', status: 'held' },
  flagged: { flagged: 'always' },
  sometimes: { flagged: 'sometimes' },
};
