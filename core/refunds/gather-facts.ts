import { type Flag, isUnreconciled, type ReasonToWait } from '../cases/flag.ts';
import { factsOfThese, type JudgedFacts } from '../cases/judged-facts.ts';
import { capturedMinorOf, returnedByOthersMinor } from '../detection/charge-amounts.ts';
import { type Ground, isSameCharge } from '../detection/charge-record.ts';
import {
  type ChargeView,
  chargeIn,
  chargesOf,
  isDisagreeing,
  isStanding,
  isWholeCharge,
  recordsOf,
  survivorsOf,
  type ViewedCharge,
} from '../detection/charge-view.ts';
import { rootOf, type WindowEntry } from '../detection/charge-window.ts';
import { countedOn } from '../detection/claims.ts';
import { disagreementOf, hasMismatch, presentCharge } from '../detection/mismatches.ts';
import { type Balance, balanceOf } from '../detection/order-total.ts';
import { withoutSuspended } from '../detection/suspensions.ts';
import { type Attestation, maySpeakOf } from '../events/source.ts';
import { attestsClosings, closingDoubt } from './closings.ts';
import { COMMON_PAYERS, originalOf, timesOfEqual } from './evidence.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import { actionOf, capOf, type Judged, limitOf, payerOf, retentionOf, windowOf } from './settings-facts.ts';
import { steadyPeriod } from './steady-period.ts';
import { hasTwinInOrder, survivorsIn } from './survivors.ts';

/** What is known where the charge is still in its deciding window and its record is there. */
interface Seen extends Judged {
  readonly facts: EvidenceFacts;
  readonly view: ChargeView;
  readonly own: ViewedCharge;
  /** What would stand in its cluster without it. */
  readonly survivors: readonly ViewedCharge[];
  /** The charges that its claim counts on. */
  readonly counted: readonly ViewedCharge[];
}

/**
 * Gathers the facts of reasons to wait and of grounds, for their sentences. It judges nothing: a name whose facts are not
 * there any longer gets none, and its sentence names none.
 */
export function gatherFacts(names: readonly (ReasonToWait | Ground)[], given: Judged): JudgedFacts {
  const judged = { ...given, configuration: withoutSuspended(given.configuration, given.suspensions ?? []) };
  const { flag, facts } = judged;
  const view = facts?.view;
  const own = view && chargeIn(view, flag.id);
  const seen = facts && own && seenIn(facts, own, judged);
  return factsOfThese(Object.assign({}, ...names.map((name) => factsOf(name, judged, seen))), names) ?? {};
}

function seenIn(facts: EvidenceFacts, own: ViewedCharge, judged: Judged): Seen {
  const { view } = facts;
  const counted = survivorsIn(facts, judged.flag.id);
  return { ...judged, facts, view, own, survivors: survivorsOf(view, own), counted: counted === 'none' ? [] : counted };
}

function factsOf(name: ReasonToWait | Ground, judged: Judged, seen: Seen | undefined): JudgedFacts {
  switch (name) {
    case 'limit':
      return limitOf(judged);
    case 'above-cap':
      return capOf(judged);
    case 'stale':
      return retentionOf(judged);
    case 'late-copy':
      return windowOf(judged);
    case 'configuration-changed':
      return actionOf(judged);
    case 'unconfirmed':
      return judged.unconfirmed === undefined ? {} : { unconfirmed: judged.unconfirmed };
    case 'silent':
      return judged.silent === undefined ? {} : { silent: judged.silent };
    case 'payer-often':
      return payerOf(judged);
    case 'review':
      return reviewOf(judged.flag, seen);
    default:
      return seen === undefined ? {} : factsInWindow(name, seen);
  }
}

/** Facts of the window and its records: what the flag and the configuration do not say. */
function factsInWindow(name: ReasonToWait | Ground, seen: Seen): JudgedFacts {
  switch (name) {
    case 'may-split':
      return unattestedOf(seen);
    case 'other-payer':
    case 'other-instrument':
    case 'other-source':
      return remainingCopyOf(seen);
    case 'late':
      return latenessOf(seen);
    case 'total-disagrees':
    case 'overpaid':
    case 'totals':
      return totalOfOrder(name, seen);
    case 'single-charge':
      return { 'single-charge': { sources: sourcesOf(seen) } };
    case 'recurring':
      return periodOf(seen);
    case 'common-order':
      return commonOrderOf(seen);
    case 'amount-changed':
      return amountsOf(seen);
    case 'mismatch':
      return disagreementIn(seen);
    case 'partly-returned':
      return returnedOf(seen);
    case 'closing':
    case 'closings':
      return closingOf(seen);
    case 'suspect':
      return clusterOf(seen);
    default:
      return {};
  }
}

function latenessOf({ flag, own, configuration }: Seen): JudgedFacts {
  const latenessMs = configuration.detectorFor(flag.detector, flag.charge)?.latenessMs;
  const { arrivedMs, timeMs } = own.record.capture;
  return latenessMs === undefined ? {} : { late: { lateMs: Math.max(0, arrivedMs - timeMs), latenessMs } };
}

/** What was paid, and what the order is to cost as a source says. */
function totalOfOrder(name: 'total-disagrees' | 'overpaid' | 'totals', { flag, view }: Seen): JudgedFacts {
  const balance = balanceOf(view, flag.charge.currency);
  if (balance === undefined) return {};
  return { [name]: factsOfBalance(balance) };
}

function factsOfBalance({ total: { totalMinor, source }, paidMinor }: Balance) {
  return { totalMinor, source, paidMinor };
}

function reviewOf(flag: Flag, seen: Seen | undefined): JudgedFacts {
  if (isUnreconciled(flag)) return { review: { because: 'unreconciled' } };
  if (seen?.own.record.kept !== undefined) return { review: { because: 'kept-before' } };
  return flag.action === 'refund' ? {} : { review: { because: 'action' } };
}

/** The sources of the charge and of its original. */
function sourcesOf({ flag, view, ...seen }: Seen): readonly string[] {
  const original = originalOf(flag, view, seen)?.charge ?? flag.original;
  return [...new Set([flag.charge.source, original.source])];
}

function unattestedOf(seen: Seen): JudgedFacts {
  const sources = sourcesOf(seen).filter((id) => !attestsSingleCharge(id, seen));
  if (sources.length === 0) return {};
  const balance = balanceOf(seen.view, seen.flag.charge.currency);
  const all = [...sourcesOf(seen), ...(balance === undefined ? [] : [balance.total.source])];
  const known = balance && { balance: factsOfBalance(balance) };
  return { 'may-split': { sources, ...suspendedOf(['single-charge', 'totals'], all, seen), ...known } };
}

/** Which of these attestations would count if they were not suspended. */
function suspendedOf(names: readonly Attestation[], sources: readonly string[], { suspensions = [] }: Seen) {
  const suspended = suspensions
    .filter(({ attestation, source }) => names.includes(attestation) && sources.includes(source))
    .map(({ source, attestation, sinceMs, order }) => ({ source, attestation, sinceMs, order }));
  return suspended.length === 0 ? {} : { suspended };
}

function attestsSingleCharge(id: string, { flag, configuration }: Seen): boolean {
  const source = configuration.sourceOf(id);
  return source?.attests.has('single-charge') === true && maySpeakOf(source, flag.charge.merchant);
}

/** The flag of an original that is one too many does not have the copy that it was compared with. */
function remainingCopyOf({ flag, view, ...seen }: Seen): JudgedFacts {
  const copy = isSameCharge(flag.charge, flag.original) ? originalOf(flag, view, seen)?.charge : undefined;
  if (copy === undefined) return {};
  const { payer, instrument, source } = copy;
  return {
    ...(payer !== undefined && { 'other-payer': { payer } }),
    'other-instrument': { ...(instrument !== undefined && { instrument }) },
    'other-source': { source },
  };
}

function periodOf({ flag, view: { window }, own: { entry }, configuration }: Seen): JudgedFacts {
  const detector = configuration.detectorFor(flag.detector, flag.charge);
  const period = detector && steadyPeriod(timesOfEqual(window, entry), entry.timeMs);
  if (detector === undefined || period === undefined) return {};
  return { recurring: { ...period, of: detector.key.includes('order') ? 'order' : 'key' } };
}

function commonOrderOf({ flag, view: { window }, own, configuration }: Seen): JudgedFacts {
  const detector = configuration.detectorFor(flag.detector, flag.charge);
  if (detector === undefined) return {};
  const payers = payersOf(window.entries);
  const times = timesOfEqual(window, own.entry);
  const spanMs = Math.max(...times) - Math.min(...times);
  const isShared = payers.known + payers.unknown >= COMMON_PAYERS;
  const facts = { ...(isShared && { payers }), ...(spanMs >= detector.windowMs && { spanMs }) };
  return Object.keys(facts).length === 0 ? {} : { 'common-order': facts };
}

/** The original where it differs now, else a copy that must remain. */
function amountsOf({ flag, view, own, survivors }: Seen): JudgedFacts {
  const amountMinor = capturedMinorOf(own.record);
  const copies = countedOn(view, own).filter(({ entry }) => rootOf(entry) === rootOf(own.entry));
  const others = [
    originalOf(flag, view, { own, survivors })?.charge,
    ...copies.map(({ record }) => presentCharge(record)),
  ];
  const other = others.find((charge) => charge !== undefined && charge.amountMinor !== amountMinor);
  if (other === undefined) return {};
  return { 'amount-changed': { amountMinor, otherMinor: other.amountMinor, otherChargeId: other.chargeId } };
}

function disagreementIn({ facts, own, counted }: Seen): JudgedFacts {
  const records = [own, ...counted].flatMap(recordsOf);
  const record = records.find(hasMismatch);
  const about = record && disagreementOf(record);
  if (record !== undefined && about !== undefined) return { mismatch: { chargeId: record.chargeId, about } };
  const twinned = [own, ...counted].find(isDisagreeing) ?? (hasTwinInOrder(own, facts) ? own : undefined);
  return twinned === undefined ? {} : { mismatch: { chargeId: twinned.record.chargeId, about: 'twin' } };
}

function returnedOf({ own: { record }, counted }: Seen): JudgedFacts {
  const returnedMinor = returnedByOthersMinor(record);
  const remaining = counted.filter((charge) => !isWholeCharge(charge)).length;
  const facts = {
    ...(returnedMinor > 0 && { returnedMinor }),
    ...(remaining > 0 && { remaining }),
  };
  return Object.keys(facts).length === 0 ? {} : { 'partly-returned': facts };
}

function closingOf(seen: Seen): JudgedFacts {
  const { flag, view, own, configuration } = seen;
  const { closed } = view.window;
  if (closed?.owed !== 0) return {};
  const { source, atMs } = closed;
  const sources = [...new Set([source, flag.charge.source])];
  const doubt = closingDoubt(view, own, configuration);
  if (doubt === undefined) return { closings: { source, atMs, sources } };
  const isUnattested = (id: string) => !attestsClosings(id, flag.charge, configuration);
  const unattestedBy = doubt === 'unattested' ? sources.filter(isUnattested) : [];
  const suspended = doubt === 'unattested' ? suspendedOf(['closings'], sources, seen) : {};
  return { closing: { source, atMs, doubt, unattestedBy, ...suspended } };
}

function clusterOf({ view, own }: Seen): JudgedFacts {
  const root = rootOf(own.entry);
  const cluster = view.window.entries.filter((entry) => rootOf(entry) === root);
  const standing = chargesOf(view).filter((one) => rootOf(one.entry) === root && isStanding(one, view.window));
  return { suspect: { payers: payersOf(cluster), standing: standing.length } };
}

/** As `payerCount` counts them, which takes each charge without a payer for one payer more. */
function payersOf(entries: readonly WindowEntry[]) {
  const known = entries.flatMap(({ payer }) => payer ?? []);
  return { known: new Set(known).size, unknown: entries.length - known.length };
}
