import type { Ms } from '../brands.ts';
import { type Flag, isUnreconciled, type ReasonToWait } from '../cases/flag.ts';
import { factsOfThese, type JudgedFacts } from '../cases/judged-facts.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import { iso } from '../clock-units.ts';
import { capturedMinorOf, returnedByOthersMinor } from '../detection/charge-amounts.ts';
import { type Ground, isSameCharge } from '../detection/charge-record.ts';
import {
  type ChargeView,
  chargeIn,
  chargesOf,
  isStanding,
  isWholeCharge,
  recordsOf,
  survivorsOf,
  type ViewedCharge,
} from '../detection/charge-view.ts';
import { rootOf, type WindowEntry } from '../detection/charge-window.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { ruleChangeOf } from '../detection/epoch.ts';
import { disagreementOf, hasMismatch, presentCharge } from '../detection/mismatches.ts';
import { balanceOf } from '../detection/order-total.ts';
import { type Suspension, withoutSuspended } from '../detection/suspensions.ts';
import { type Attestation, maySpeakOf } from '../events/source.ts';
import { attestsClosings, closingDoubt } from './closings.ts';
import { COMMON_PAYERS, originalOf, timesOfEqual } from './evidence.ts';
import { hourlyCapsOf } from './hourly-caps.ts';
import type { RefundSettings } from './refund-settings.ts';
import { steadyPeriod } from './steady-period.ts';

interface Judged {
  readonly flag: Flag;
  /** The deciding window with its records; undefined where it is gone. */
  readonly view: ChargeView | undefined;
  readonly configuration: RefundSettings & Pick<DetectorCatalog, 'detectorFor' | 'namespaceOf'>;
  /** What the processor's record showed; a judgement without a lookup has none. */
  readonly unconfirmed?: Unconfirmed | undefined;
  /** Other cases of the payer with a refund within 24 hours. */
  readonly otherCases?: number | undefined;
  /** Suspended attestations of the merchant. */
  readonly suspensions?: readonly Suspension[];
}

/** What is known where the charge is still in its deciding window and its record is there. */
interface Seen extends Judged {
  readonly view: ChargeView;
  readonly own: ViewedCharge;
  /** What would stand in its cluster without it. */
  readonly survivors: readonly ViewedCharge[];
}

/**
 * Gathers the facts of reasons to wait and of grounds, for their sentences. It judges nothing: a name whose facts are not
 * there any longer gets none, and its sentence names none.
 */
export function gatherFacts(names: readonly (ReasonToWait | Ground)[], given: Judged): JudgedFacts {
  const judged = { ...given, configuration: withoutSuspended(given.configuration, given.suspensions ?? []) };
  const { flag, view } = judged;
  const own = view && chargeIn(view, flag.id);
  const seen = view && own && { ...judged, view, own, survivors: survivorsOf(view, own) };
  return factsOfThese(Object.assign({}, ...names.map((name) => factsOf(name, judged, seen))), names) ?? {};
}

function factsOf(name: ReasonToWait | Ground, judged: Judged, seen: Seen | undefined): JudgedFacts {
  switch (name) {
    case 'limit':
      return limitOf(judged);
    case 'stale':
      return retentionOf(judged);
    case 'late-copy':
      return windowOf(judged);
    case 'configuration-changed':
      return actionOf(judged);
    case 'unconfirmed':
      return judged.unconfirmed === undefined ? {} : { unconfirmed: judged.unconfirmed };
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

/** Returns what the budgets of the clock hour allow. Only the reservation knows which of them is spent. */
export function budgetFacts(
  { charge }: Flag,
  settings: Pick<RefundSettings, 'merchants' | 'refunds'>,
  nowMs: Ms,
): JudgedFacts {
  const { merchantMaxMinor, totalMaxMinor } = hourlyCapsOf(charge, settings);
  return {
    budget: {
      hour: iso(nowMs).slice(0, 13),
      ...(merchantMaxMinor !== undefined && { merchantMaxMinor }),
      ...(totalMaxMinor !== undefined && { totalMaxMinor }),
    },
  };
}

function payerOf({ otherCases, configuration: { refunds } }: Judged): JudgedFacts {
  return otherCases === undefined ? {} : { 'payer-often': { otherCases, casesMax: refunds.payerCasesPerDay } };
}

/** The lowest of the bounds: no refund above the cap of a whole hour ever goes automatically either. */
function limitOf({ flag: { charge }, configuration }: Judged): JudgedFacts {
  const { source, merchant, currency } = charge;
  const { merchants, refunds, sourceOf } = configuration;
  if (sourceOf(source)?.currencies?.has(currency) === false) return { limit: {} };
  const { merchantMaxMinor, totalMaxMinor } = hourlyCapsOf(charge, configuration);
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  const bounds = [limitMinor, merchantMaxMinor, totalMaxMinor].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? {} : { limit: { limitMinor: Math.min(...bounds) } };
}

function retentionOf({ flag, configuration }: Judged): JudgedFacts {
  const retainMs = configuration.detectorFor(flag.detector, flag.charge)?.retainMs;
  return retainMs === undefined ? {} : { stale: { retainMs } };
}

function windowOf({ flag, configuration }: Judged): JudgedFacts {
  const windowMs = configuration.detectorFor(flag.detector, flag.charge)?.windowMs;
  return windowMs === undefined ? {} : { 'late-copy': { windowMs } };
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
  const { total, paidMinor } = balance;
  return { [name]: { totalMinor: total.totalMinor, source: total.source, paidMinor } };
}

function actionOf({ flag, configuration }: Judged): JudgedFacts {
  const action = configuration.detectorFor(flag.detector, flag.charge)?.action ?? 'none';
  const change = ruleChangeOf(flag, configuration);
  return { 'configuration-changed': { action, ...(change !== undefined && change !== 'gone' && { change }) } };
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
  return { 'may-split': { sources, ...suspendedOf(['single-charge', 'totals'], all, seen) } };
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

/** The original where it differs now, else the charge that would remain. */
function amountsOf({ flag, view, own, survivors }: Seen): JudgedFacts {
  const amountMinor = capturedMinorOf(own.record);
  const [remaining] = survivors;
  const others = [originalOf(flag, view, { own, survivors })?.charge, remaining && presentCharge(remaining.record)];
  const other = others.find((charge) => charge !== undefined && charge.amountMinor !== amountMinor);
  if (other === undefined) return {};
  return { 'amount-changed': { amountMinor, otherMinor: other.amountMinor, otherChargeId: other.chargeId } };
}

function disagreementIn({ own, survivors }: Seen): JudgedFacts {
  const records = [own, ...survivors.slice(0, 1)].flatMap(recordsOf);
  const record = records.find(hasMismatch);
  const about = record && disagreementOf(record);
  return record === undefined || about === undefined ? {} : { mismatch: { chargeId: record.chargeId, about } };
}

function returnedOf({ own: { record }, survivors }: Seen): JudgedFacts {
  const returnedMinor = returnedByOthersMinor(record);
  const isEachReturned = survivors.length > 0 && !survivors.some(isWholeCharge);
  const facts = {
    ...(returnedMinor > 0 && { returnedMinor }),
    ...(isEachReturned && { remaining: survivors.length }),
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
