import type { Flag } from '../cases/flag.ts';
import {
  type ChargeRecord,
  type Claim,
  isDisputed,
  isRefundedByOthers,
  isReleased,
} from '../detection/charge-record.ts';
import { type ChargeView, chargeIn, chargesOf, countedStanding, isKept } from '../detection/charge-view.ts';
import { type ChargeWindow, owedBy, rootOf } from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';

/** What has become of a charge, as people say it. A record does not keep voids and failures apart. */
const FATES = {
  unseen: 'is not known',
  standing: 'stands',
  released: 'was voided or failed',
  'refunded-by-others': 'was refunded by others',
  'won-by-payer': 'went back to the payer in a dispute',
  disputed: 'is disputed',
  kept: 'was kept by a person',
  claimed: 'is being refunded',
  refunded: 'was refunded',
  'reversed-externally': 'was given back by others before our refund',
} as const;
export type Fate = keyof typeof FATES;

interface ChargeFate {
  readonly chargeId: string;
  readonly fate: Fate;
  readonly isOriginal: boolean;
}

/** What record and deciding window knew when a claim was denied. */
export interface DenialFacts {
  readonly fate: Fate;
  /** How far an attempt of ours has got with it. */
  readonly answer?: Extract<Fate, Claim['state']>;
  /** The charge names an order, which its cluster pays. */
  readonly hasOrder: boolean;
  readonly owed: 0 | 1;
  /** How many of the cluster's charges stand and count, this one included. */
  readonly standing: number;
  /** The charges that stand beside this one. */
  readonly beside: readonly string[];
  /** The cluster's other charges that do not stand; the original first. */
  readonly gone: readonly ChargeFate[];
}

/** A cluster may hold hundreds of charges; a sentence names only so many. */
const NAMED_MAX = 3;

/** Why there is no refund, in a sentence that people can read and check. The reason stays the code for programs. */
export function explainDenial(reason: DenialReason, facts: DenialFacts): string {
  switch (reason) {
    case 'not-captured':
      return 'no capture of this charge is on record';
    case 'released':
    case 'disputed':
    case 'kept':
      return `the charge itself ${FATES[facts.fate]}`;
    case 'no-surplus':
      return explainNoSurplus(facts);
    case 'attempt-over':
      return 'this attempt, or a later one, was concluded already';
    case 'already-claimed':
      return `an earlier attempt was answered already: the charge ${FATES[facts.answer ?? facts.fate]}`;
    case 'given-back':
      // A run that died has returned the claim; its reason died with it.
      if (facts.standing > facts.owed) return 'the claim was returned before the processor was asked';
      return facts.gone.length > 0
        ? `while the refund waited, ${namedFates(facts.gone)}: ${nowNeeded(facts)}`
        : `the refund waited too long: ${nowNeeded(facts)}`;
  }
}

/** The facts behind a denial: a pure function of the window that decided and of its records. */
export function denialFacts(view: ChargeView, { id, charge }: Pick<Flag, 'id' | 'charge'>): DenialFacts {
  const { window } = view;
  const own = chargeIn(view, id);
  const hasOrder = charge.order !== undefined;
  const owed = owedBy(window);
  if (own === undefined) return { fate: 'unseen', hasOrder, owed, standing: 0, beside: [], gone: [] };
  const root = rootOf(own.entry);
  const standing = countedStanding(view, root);
  const answer = answerOf(own.record);
  const beside = standing.filter(({ entry }) => entry.id !== id);
  const gone = chargesOf(view)
    .filter(({ entry }) => rootOf(entry) === root && entry.id !== id)
    .map(({ entry, record }) => ({
      chargeId: record.chargeId,
      fate: fateOf(record, window),
      isOriginal: entry.id === root,
    }))
    .filter(({ fate }) => fate !== 'standing')
    .sort((a, b) => Number(b.isOriginal) - Number(a.isOriginal));
  return {
    fate: fateOf(own.record, window),
    ...(answer !== undefined && { answer }),
    hasOrder,
    owed,
    standing: standing.length,
    beside: beside.map(({ record }) => record.chargeId),
    gone,
  };
}

function explainNoSurplus({ owed, standing, beside, gone, hasOrder }: DenialFacts): string {
  // The answer was written, then its step ran again: it stays, though the cluster has come to have surplus.
  if (standing > owed) return 'this attempt was answered already';
  if (owed === 1 && beside.length === 0 && gone.length > 0) {
    return `${namedFates(gone)}: ${nowNeeded({ hasOrder })}`;
  }
  const others = beside.length > 0 ? `: ${named(beside)}` : '';
  return `only as many charges stand as are owed (${owed})${others}`;
}

function nowNeeded({ hasOrder }: Pick<DenialFacts, 'hasOrder'>): string {
  return `this charge is the one that ${hasOrder ? 'pays the order' : 'is owed'}`;
}

function namedFates(charges: readonly ChargeFate[]): string {
  return named(
    charges.map(({ chargeId, fate, isOriginal }) => `${isOriginal ? 'the original ' : ''}${chargeId} ${FATES[fate]}`),
  );
}

function named(charges: readonly string[]): string {
  const more = charges.length - NAMED_MAX;
  return `${charges.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** In the order in which a claim is denied: what others did to the charge says more than what we did. */
function fateOf(record: ChargeRecord, window: ChargeWindow): Fate {
  const answer = answerOf(record);
  if (answer === 'reversed-externally') return answer;
  if (record.dispute?.wonBy === 'payer') return 'won-by-payer';
  if (isReleased(record)) return isRefundedByOthers(record) ? 'refunded-by-others' : 'released';
  if (isDisputed(record)) return 'disputed';
  if (isKept(record, window)) return 'kept';
  return answer ?? 'standing';
}

/** What a denial or a failure leaves behind is a charge that stands. */
function answerOf({ ours }: ChargeRecord): DenialFacts['answer'] {
  return ours === undefined || ours.state === 'denied' || ours.state === 'failed' ? undefined : ours.state;
}
