import type { Minor, Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import { formatAmount, formatMoney } from '../events/format-money.ts';
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
  type Told,
  unitsOf,
  unknownPayer,
} from './sentence-words.ts';
import { explainUnconfirmed } from './unconfirmed.ts';

export const ENGLISH_SENTENCES: SentenceWords = {
  reasons: {
    'may-split': ({ facts }) => {
      const { sources = [], suspended = [] } = facts['may-split'] ?? {};
      if (suspended.length > 0) return `${capital(suspendedIn(suspended))}, so the order may be paid in equal parts.`;
      const who = sources.length === 0 ? 'Not every source attests' : `${list(sources)} ${does(sources)} not attest`;
      return `${who} that an order is charged once: it may be paid in equal parts.`;
    },
    'other-payer': (told) => {
      if (isOriginal(told.flag)) {
        const found = remainingPayers(told);
        if (found === undefined) return 'Another payer paid the copy that would remain.';
        return `Another payer paid the copy that would remain: ${found.copy}; the original was paid by ${found.original}.`;
      }
      const payers = bothPayers(told);
      if (payers === undefined) return 'Another payer paid the original.';
      return `Another payer paid the duplicate: ${payers.duplicate}; the original was paid by ${payers.original}.`;
    },
    'other-instrument': (told) => {
      if (isOriginal(told.flag)) {
        const found = remainingInstruments(told);
        if (found === undefined) return 'The copy that would remain was paid with another card or account.';
        const { original, copy } = found;
        return `The original was paid with ${original ?? UNKNOWN_CARD}; the copy that would remain with ${copy ?? UNKNOWN_CARD}.`;
      }
      const found = bothInstruments(told);
      if (found === undefined) return 'The original was paid with another card or account.';
      const { duplicate, original } = found;
      return `The duplicate was paid with ${duplicate ?? UNKNOWN_CARD}; the original with ${original ?? UNKNOWN_CARD}.`;
    },
    'other-source': ({ flag: { charge, original }, facts }) =>
      charge.source === original.source
        ? `${facts['other-source']?.source ?? 'Another source'} captured the copy that would remain.`
        : `${charge.source} captured the duplicate; ${original.source} captured the original.`,
    'payer-unknown': ({ flag }) => UNKNOWN_PAYERS[unknownPayer(flag)],
    late: ({ facts: { late } }) =>
      late === undefined
        ? 'The charge was sent later than its detector allows.'
        : `The charge was sent ${span(late.lateMs)} after its time; its detector allows ${span(late.latenessMs)}.`,
    'late-copy': ({ flag, facts }) => {
      const windowMs = facts['late-copy']?.windowMs;
      const apart = apartMs(flag);
      if (windowMs === undefined || apart === undefined)
        return 'The copy came a whole window or more after its original.';
      return `The copy came ${span(apart)} from its original; up to ${span(windowMs)} may go automatically.`;
    },
    'near-amount': ({ flag: { charge, originalCharge } }) =>
      originalCharge === undefined
        ? 'The amounts are near each other, not equal.'
        : `The amounts are near each other, not equal: ${money(charge.amountMinor, charge)} and ${money(originalCharge.amountMinor, originalCharge)}.`,
    'amount-changed': ({ flag: { charge }, facts }) => {
      const found = facts['amount-changed'];
      if (found === undefined) return 'The amount of this charge, or of the one that it repeats, has changed.';
      const { amountMinor, otherMinor, otherChargeId } = found;
      return `The captured amounts no longer agree: ${money(amountMinor, charge)}; ${money(otherMinor, charge)} for ${otherChargeId}.`;
    },
    mismatch: ({ facts: { mismatch } }) => {
      if (mismatch === undefined) return 'The events of this charge, or of the one that would remain, disagree.';
      const { chargeId, about } = mismatch;
      if (about === 'twin') return `The payment of ${chargeId} also has another id, whose amount or events differ.`;
      return about === 'void' || about === 'failure'
        ? `A capture of ${chargeId} came again after its ${about}.`
        : `An event names another ${about} for ${chargeId} than its capture.`;
    },
    'total-disagrees': ({ flag, facts }) => {
      const found = facts['total-disagrees'];
      if (found === undefined) return 'Without this charge the order would have less than its total.';
      return `${found.source} says that ${orderOf(flag, 'the order')} costs ${money(found.totalMinor, flag.charge)}: without this charge less than that would be paid.`;
    },
    overpaid: ({ flag, facts: { overpaid } }) =>
      overpaid === undefined
        ? 'More was paid than the order costs, and this charge is no copy of one that stands.'
        : `${money(overpaid.paidMinor, flag.charge)} was paid for ${orderOf(flag, 'the order')}, which costs ${money(overpaid.totalMinor, flag.charge)}; this charge is no copy of one that stands.`,
    stale: ({ flag: { detector, timeMs }, facts: { stale } }) =>
      stale === undefined
        ? `The event came later than its detector remembers charges.`
        : `The charge of ${iso(timeMs)} arrived later than ${span(stale.retainMs)}, for which ${detector} remembers charges.`,
    recurring: ({ facts: { recurring } }) => {
      if (recurring === undefined) return 'Equal charges come at a steady period: perhaps a plan.';
      const { charges, periodMs, of } = recurring;
      const period = `at a steady period of ${span(periodMs)}`;
      return of === 'order'
        ? `The order was charged ${charges} times ${period}.`
        : `${charges} equal charges came ${period}.`;
    },
    'common-order': ({ flag, facts }) => {
      const { payers, spanMs } = facts['common-order'] ?? {};
      const order = orderOf(flag, 'the order number');
      const again = spanMs === undefined ? undefined : `came again ${span(spanMs)} later`;
      if (payers !== undefined) {
        return `${payersOf(payers)} share ${order}${again === undefined ? '' : `, and it ${again}`}.`;
      }
      return again === undefined
        ? `Several payers share ${order}, or it came again much later.`
        : `${capital(order)} ${again}.`;
    },
    'partly-returned': ({ flag: { charge }, facts }) => {
      const { returnedMinor, remaining } = facts['partly-returned'] ?? {};
      const rest = remaining === undefined ? undefined : `a part of ${remainingOf(remaining)}`;
      if (returnedMinor !== undefined) {
        const of = `${formatAmount(returnedMinor, charge)} of ${money(charge.amountMinor, charge)} was returned before`;
        return rest === undefined ? `${of}.` : `${of}, and ${rest} too.`;
      }
      return rest === undefined
        ? 'A part of this charge, or of one that must remain, was returned before.'
        : `${capital(rest)} was returned before.`;
    },
    closing: ({ flag, facts: { closing } }) => {
      if (closing === undefined)
        return 'The order was closed unpaid, and the closing does not prove that this charge is not owed.';
      const { suspended = [] } = closing;
      if (suspended.length > 0) return `${capital(suspendedIn(suspended))}, so the closing proves nothing.`;
      return `${closing.source} closed ${orderOf(flag, 'the order')} unpaid at ${iso(closing.atMs)}${doubtOf(closing, flag)}.`;
    },
    unconfirmed: ({ facts: { unconfirmed } }) =>
      unconfirmed === undefined
        ? "The processor's own record does not confirm the refund."
        : `${capital(explainUnconfirmed(unconfirmed))}.`,
    'payer-often': (told) => {
      const found = told.facts['payer-often'];
      if (found === undefined) return 'More orders of this payer were refunded in 24 hours than may go automatically.';
      const { otherCases, casesMax } = found;
      return `${capital(counted(otherCases, 'other order'))} of ${ownPayer(told) ?? 'this payer'} ${otherCases === 1 ? 'was' : 'were'} refunded in the last 24 hours; at most ${casesMax} may go automatically.`;
    },
    'empties-order': ({ flag }) =>
      `The refund would leave ${orderOf(flag, 'the order')} without a charge, or its other charges are not known.`,
    'configuration-changed': ({ flag: { detector, action }, facts }) => {
      const { action: now, change } = facts['configuration-changed'] ?? {};
      if (change === 'exempt') return `The detector ${detector} exempts this charge since it found it.`;
      if (change === 'rule') return `The detector ${detector} finds copies by another rule since it found this charge.`;
      if (now === undefined) return `The detector ${detector} was removed or weakened since it found this charge.`;
      if (now === 'none') return `The detector ${detector} no longer judges this charge.`;
      return `The detector ${detector} had the action ${action} when it found this charge; now it has ${now}.`;
    },
    review: ({ flag: { detector, action }, facts: { review } }) => {
      if (review?.because === 'unreconciled') return "The processor's refund report does not match our record.";
      if (review?.because === 'kept-before') return 'An approver kept this charge before its order was closed unpaid.';
      if (action === 'refund') return 'An approver must decide about this charge.';
      return `The detector ${detector} asks for the decision of an approver.`;
    },
    limit: ({ flag: { charge }, facts: { limit } }) => {
      const amount = money(charge.amountMinor, charge);
      if (limit === undefined) return `No limit allows ${amount} to go automatically.`;
      if (limit.limitMinor === undefined) return `The registry does not name ${charge.currency} for ${charge.source}.`;
      return `${amount} is above the limit of ${money(limit.limitMinor, charge)}.`;
    },
    'above-cap': ({ flag: { charge }, facts }) => {
      const amount = money(charge.amountMinor, charge);
      const cap = facts['above-cap'];
      if (cap === undefined) return `No hour has room for ${amount}: raise the cap, then approve again.`;
      if (cap.capMinor === undefined)
        return `The registry does not name ${charge.currency} for ${charge.source}: add it with its caps, then approve again.`;
      return `${amount} is above the hourly cap of ${money(cap.capMinor, charge)}: raise the cap, then approve again.`;
    },
    suspect: ({ facts: { suspect } }) =>
      suspect === undefined
        ? 'Too many payers or charges are in one cluster: perhaps a bad rule or blank order numbers.'
        : `One cluster has ${payersOf(suspect.payers)} and ${counted(suspect.standing, 'standing charge')}: perhaps a bad rule.`,
    frozen: ({ flag }) => `Refunds of the merchant ${flag.charge.merchant} are frozen.`,
    behind: ({ flag: { detector } }) =>
      `Detection lags behind the stream by more than the grace period of ${detector}; the refund goes on when it is level.`,
    silent: ({ facts: { silent } }) =>
      silent === undefined
        ? 'The processor has not answered a lookup; it is asked again automatically.'
        : `The processor has not answered since ${iso(silent.sinceMs)} what it knows of ${silent.chargeId}; it is asked again automatically.`,
    budget: ({ flag: { charge }, facts: { budget } }) => {
      if (budget === undefined) return 'The refund budget of the hour is spent.';
      if (budget.ramp !== undefined) {
        const { source, day, maxMinor } = budget.ramp;
        return `The first week of an attestation of ${source} bounds its automatic refunds: ${money(maxMinor, charge)} of the day ${day} (UTC) are spent.`;
      }
      const what = budget.of === undefined ? 'refund budget' : 'cap of all refunds';
      const bounds = [
        ...(budget.merchantMaxMinor === undefined
          ? []
          : [`${money(budget.merchantMaxMinor, charge)} for ${charge.merchant}`]),
        ...(budget.totalMaxMinor === undefined ? [] : [`${money(budget.totalMaxMinor, charge)} in all`]),
      ];
      const unless = budget.of === undefined ? '' : ', unless it was raised';
      const most = bounds.length === 0 ? '' : `: at most ${list(bounds)}${unless}`;
      return `The ${what} of the hour ${budget.hour} (UTC) is spent${most}.`;
    },
  },
  grounds: {
    'single-charge': ({ facts }) => {
      const sources = facts['single-charge']?.sources ?? [];
      const who = sources.length === 0 ? 'The sources of both charges' : list(sources);
      return `${who} attested that an order is charged once.`;
    },
    totals: ({ flag, facts: { totals } }) =>
      totals === undefined
        ? 'More was paid than the order costs, as its sources attest.'
        : `${totals.source} attested that ${orderOf(flag, 'the order')} costs ${money(totals.totalMinor, flag.charge)}; ${money(totals.paidMinor, flag.charge)} was paid.`,
    closings: ({ flag, facts: { closings } }) => {
      if (closings === undefined) return 'An attested closing says that the order was closed unpaid.';
      const { source, atMs, sources } = closings;
      const attestors = sources.length === 0 ? 'its source' : list(sources);
      return `${source} closed ${orderOf(flag, 'the order')} unpaid at ${iso(atMs)}; ${attestors} attested closings.`;
    },
    approval: ({ flag: { approvals } }) =>
      approvals.length === 0 ? 'An approver approved it.' : `${list(approvals.map(({ by }) => by))} approved it.`,
  },
};

const UNKNOWN_CARD = 'an unknown card or account';
const UNKNOWN_PAYERS = {
  both: 'The payers of the duplicate and of the original are not known.',
  duplicate: 'The payer of the duplicate is not known.',
  original: 'The payer of the original is not known.',
  either: 'The payer of the duplicate or of the original is not known.',
  remaining: 'The payer of the original or of the copy that would remain is not known.',
} as const;

function doubtOf({ doubt, unattestedBy }: NonNullable<JudgedFacts['closing']>, { timeMs }: Flag): string {
  const told: { readonly [name in ClosingDoubt]: string } = {
    unattested: `; ${unattestedBy.length === 0 ? 'closings are not attested' : `${list(unattestedBy)} ${does(unattestedBy)} not attest closings`}`,
    'after-paid': ', after it was closed paid',
    stale: '; the closing came later than its detector remembers charges',
    'before-charge': `, before this charge of ${iso(timeMs)}`,
    'too-late': `, too long after this charge of ${iso(timeMs)}`,
    'after-our-refund': ', after our own refund in it',
    'record-gone': '; the record of another charge in it has expired, so we may have refunded that charge',
  };
  return told[doubt];
}

function payersOf({ known, unknown }: Payers): string {
  const guests = `${counted(unknown, 'charge')} without a payer`;
  if (unknown === 0) return counted(known, 'payer');
  return known === 0 ? guests : `${counted(known, 'payer')} and ${guests}`;
}

function suspendedIn(suspended: Suspended): string {
  const each = suspended.map(
    ({ attestation, source, sinceMs, order }) =>
      `the attestation ${attestation} of ${source} is suspended since ${iso(sinceMs)} because of the order ${order}`,
  );
  return list(each);
}

function ownPayer({ flag: { charge }, tokens }: Told): string | undefined {
  return tokens === 'shown' && charge.payer !== undefined ? `the payer ${charge.payer}` : undefined;
}

function remainingOf(count: number): string {
  return count === 1 ? 'a charge that must remain' : `each of ${count} charges that must remain`;
}

function orderOf({ charge: { order } }: Flag, name: string): string {
  return order === undefined ? name : `${name} ${order}`;
}

function span(ms: Ms): string {
  const short = { day: 'd', hour: 'h', minute: 'min', second: 's' } as const;
  return unitsOf(ms)
    .map(({ unit, count }) => `${count} ${short[unit]}`)
    .join(' ');
}

function money(minor: Minor, { currency }: { readonly currency: string }): string {
  return formatMoney(minor, { currency });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function does(names: readonly string[]): string {
  return names.length === 1 ? 'does' : 'do';
}

function list(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
