import type { Flag } from '../cases/flag.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  type Claim,
  countedStanding,
  type Entry,
  entryOf,
  isCaptured,
  isDisputed,
  isReleased,
  isSameCharge,
  owedBy,
  rootOf,
} from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';

/** What has become of a charge, as people say it. A window does not keep voids and failures apart. */
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

/** What the deciding window knew when it denied a claim. */
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
      return facts.gone.length > 0
        ? `while the refund waited, ${namedFates(facts.gone)}: ${nowNeeded(facts)}`
        : `the refund waited too long: ${nowNeeded(facts)}`;
  }
}

/** The facts behind a denial: a pure function of the window that decided. */
export function denialFacts(window: ChargeWindow, { charge }: Pick<Flag, 'charge'>): DenialFacts {
  const own = entryOf(window, charge);
  const hasOrder = charge.order !== undefined;
  const owed = owedBy(window);
  if (own === undefined || !isCaptured(own)) {
    return { fate: 'unseen', hasOrder, owed, standing: 0, beside: [], gone: [] };
  }
  const root = rootOf(own);
  const standing = countedStanding(window, root);
  const answer = answerOf(own);
  const beside = standing.filter((entry) => !isSameCharge(entry, own));
  const gone = clusterOf(window, own)
    .filter((entry) => !isSameCharge(entry, own))
    .map((entry) => ({ chargeId: entry.chargeId, fate: fateOf(entry), isOriginal: isSameCharge(entry, root) }))
    .filter(({ fate }) => fate !== 'standing' && fate !== 'unseen')
    .sort((a, b) => Number(b.isOriginal) - Number(a.isOriginal));
  return {
    fate: fateOf(own),
    ...(answer !== undefined && { answer }),
    hasOrder,
    owed,
    standing: standing.length,
    beside: beside.map(({ chargeId }) => chargeId),
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

/** The captured charges of the cluster, in the window's order, and its original though only its void is known. */
function clusterOf(window: ChargeWindow, own: CapturedEntry): readonly Entry[] {
  const root = rootOf(own);
  return window.entries.filter((entry) => isSameCharge(isCaptured(entry) ? rootOf(entry) : entry, root));
}

/** In the order in which a claim is denied: what others did to the charge says more than what we did. */
function fateOf(entry: Entry): Fate {
  const { captured, dispute, refundedTotalMinor = 0 } = entry;
  const answer = answerOf(entry);
  if (answer === 'reversed-externally') return answer;
  if (dispute?.wonBy === 'payer') return 'won-by-payer';
  if (isReleased(entry)) {
    return captured && refundedTotalMinor >= captured.charge.amountMinor ? 'refunded-by-others' : 'released';
  }
  if (isDisputed(entry)) return 'disputed';
  if (entry.kept) return 'kept';
  return answer ?? (captured === undefined ? 'unseen' : 'standing');
}

/** What a denial or a failure leaves behind is a charge that stands. */
function answerOf({ ours }: Entry): DenialFacts['answer'] {
  return ours === undefined || ours.state === 'denied' || ours.state === 'failed' ? undefined : ours.state;
}
