import type { Flag } from '../cases/flag.ts';
import type { Claim } from '../detection/charge-record.ts';
import { type ChargeView, chargeIn, chargesOf, countedStanding } from '../detection/charge-view.ts';
import { owedBy, rootOf } from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';
import { answerOf, FATES, type Fate, fateOf, named } from '../detection/fate.ts';

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
    case 'configuration-changed':
      return 'the rule that found the charge has changed since the claim was granted';
    case 'above-cap':
      return 'the claim was returned: no hour has room for a refund above the whole cap';
    case 'not-approved':
      return 'the claim was returned: its flag lacks the approvals that this refund needs';
    case 'amount-lowered':
      return 'less is captured now than this attempt was allowed to refund';
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
