import type { Ms } from '../brands.ts';
import type { Flag, ReasonToWait } from '../cases/flag.ts';
import type { ClosingDoubt } from '../cases/judged-facts.ts';
import { DAY_MS } from '../clock-units.ts';
import { capturedMinorOf } from '../detection/charge-amounts.ts';
import { type ChargeRecord, type Claim, type Ground, isCaptured } from '../detection/charge-record.ts';
import {
  type ChargeView,
  chargeIn,
  countedStanding,
  isDisagreeing,
  isToldAs,
  isWholeCharge,
  recordsOf,
  survivorsOf,
  type ViewedCharge,
} from '../detection/charge-view.ts';
import {
  type ChargeWindow,
  isAlike,
  owedBy,
  payerCount,
  rootOf,
  totalOf,
  type WindowEntry,
} from '../detection/charge-window.ts';
import { DETECTOR_ACTIONS, type Detector, isNearAmount } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { ruleChangeOf } from '../detection/epoch.ts';
import { presentCharge } from '../detection/mismatches.ts';
import { type Balance, balanceOf, coverOf, isAloneInCluster, isProvedByTotal } from '../detection/order-total.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Attestation, attests, type CopyDifference, maySpeakOf, type SourceCatalog } from '../events/source.ts';
import { steadyPeriod } from './steady-period.ts';

/** What a refund rests on, and what keeps it from going automatically. */
export interface Evidence {
  readonly waitsFor: readonly ReasonToWait[];
  /** Empty where nothing proves the refund: then it waits. */
  readonly restsOn: readonly Ground[];
  /** Beside the claim's survivors: charges whose records must still be what they are when the claim is written. */
  readonly countsOn: readonly ChargeRecord[];
}

export interface EvidenceFacts {
  /** The window whose detector decides over the flag, with its records. */
  readonly view: ChargeView;
  /** The window of the charge's order, where another detector decides. `gone`: it was filed there, and that has expired. */
  readonly orderView: ChargeView | 'gone' | undefined;
}

/** The charge that a flag's own is compared with. */
interface Compared {
  readonly charge: Charge;
  readonly timeMs: Ms;
}

type Catalog = SourceCatalog & Pick<DetectorCatalog, 'detectorFor' | 'namespaceOf'>;

/** Three payers share an order number that is a placeholder, a table or a till; one payer shares it with a second card. */
export const COMMON_PAYERS = 3;
/** A shop that closes an order later than this does not speak of the charge's failure. */
const CLOSING_AFTER_MS = DAY_MS;

/**
 * Judges whether a charge is proved to be one too many. A pure function of windows and records: the claim judges it again
 * on the reads that decide it. DESIGN: equality is no proof; what the processor attests is.
 */
export function evidenceFor(flag: Flag, facts: EvidenceFacts, configuration: Catalog): Evidence {
  const { view } = facts;
  const own = chargeIn(view, flag.id);
  if (own === undefined) return { waitsFor: [], restsOn: [], countsOn: [] };
  const detector = configuration.detectorFor(flag.detector, flag.charge);
  const survivors = survivorsOf(view, own);
  const general = [
    ...(isRuleOfBefore(flag, configuration) ? (['configuration-changed'] as const) : []),
    ...partlyReturned(own, survivors),
    ...mismatched(own, survivors),
  ];
  if (owedBy(view.window) === 0) {
    const isFinal = isClosingFinal(view, own, configuration);
    const proved: Omit<Evidence, 'countsOn'> = isFinal
      ? { waitsFor: general, restsOn: ['closings'] }
      : { waitsFor: [...general, 'closing'], restsOn: [] };
    return { ...proved, countsOn: [] };
  }
  const original = originalOf(flag, view, { own, survivors });
  const sources = [flag.charge, original?.charge].map((charge) => charge && configuration.sourceOf(charge.source));
  const isAttested = (name: Attestation) => allAttest(name, flag.charge, sources);
  const balance = balanceOf(view, flag.charge.currency);
  const totals = totalsSay(view, own, {
    balance,
    isAttested: attestsTotals(flag.charge, { balance, sources }, configuration),
  });
  if (isAloneInCluster(view, own))
    return { waitsFor: [...general, ...totals.waitsFor, 'overpaid'], restsOn: [], countsOn: [] };
  const inOrder = staysInOrder(flag, facts);
  const waitsFor: ReasonToWait[] = [
    ...general,
    ...(isAttested('single-charge') || totals.isProof ? [] : (['may-split'] as const)),
    ...totals.waitsFor,
    ...differences(presentCharge(own.record), original?.charge, sources),
    ...(detector === undefined ? [] : looseness(flag, original, detector)),
    ...(detector === undefined ? [] : amounts(own, { original, survivors }, detector)),
    ...(detector === undefined ? [] : patterns(view.window, own.entry, detector)),
    ...(inOrder === 'none' ? (['empties-order'] as const) : []),
  ];
  return {
    waitsFor,
    restsOn: [
      ...(isAttested('single-charge') ? (['single-charge'] as const) : []),
      ...(totals.isProof ? (['totals'] as const) : []),
    ],
    countsOn: inOrder === 'none' ? [] : inOrder,
  };
}

/**
 * What the order's totals say of the charge. Attested by its sources and by the one that told the total, they can prove
 * that it is one too many. Told by any other source they prove nothing, and stop what would leave less than they name.
 */
function totalsSay(
  view: ChargeView,
  { entry: { id } }: ViewedCharge,
  { balance, isAttested }: { readonly balance: Balance | undefined; readonly isAttested: boolean },
): { readonly waitsFor: readonly 'total-disagrees'[]; readonly isProof: boolean } {
  if (balance === undefined) return { waitsFor: [], isProof: false };
  const { currency, totalMinor } = balance.total;
  const isCovered = coverOf(view, { id, currency, amountMinor: totalMinor }) !== undefined;
  return {
    waitsFor: isCovered ? [] : ['total-disagrees'],
    isProof: isAttested && isCovered && isProvedByTotal(view, id, balance),
  };
}

function attestsTotals(
  charge: Charge,
  { balance, sources }: { readonly balance: Balance | undefined; readonly sources: Sources },
  { sourceOf }: SourceCatalog,
): boolean {
  return balance !== undefined && allAttest('totals', charge, [...sources, sourceOf(balance.total.source)]);
}

/** What a detector found before it was weakened, changed or taken away, an approver decides. */
export function isRuleOfBefore(
  flag: Flag,
  configuration: Pick<DetectorCatalog, 'detectorFor' | 'namespaceOf'>,
): boolean {
  const today = configuration.detectorFor(flag.detector, flag.charge)?.action;
  const isWeaker = today === undefined || DETECTOR_ACTIONS.indexOf(today) < DETECTOR_ACTIONS.indexOf(flag.action);
  return isWeaker || ruleChangeOf(flag, configuration) !== undefined;
}

type Sources = readonly ReturnType<SourceCatalog['sourceOf']>[];

/** An attestation counts only where all of these sources have it for the merchant. */
function allAttest(name: Attestation, { merchant }: Charge, sources: Sources): boolean {
  return sources.every((source) => attests(source, name, merchant));
}

function differences(
  charge: Charge,
  original: Charge | undefined,
  sources: Sources,
): readonly Extract<ReasonToWait, CopyDifference | 'payer-unknown'>[] {
  if (original === undefined) return ['payer-unknown'];
  const found: CopyDifference[] = [];
  const isPayerKnown = charge.payer !== undefined && original.payer !== undefined;
  if (isPayerKnown && charge.payer !== original.payer) found.push('other-payer');
  if (charge.instrument !== original.instrument) found.push('other-instrument');
  if (charge.source !== original.source) found.push('other-source');
  const isCopy = (difference: CopyDifference) =>
    sources.every((source) => source?.copies.has(difference) && maySpeakOf(source, charge.merchant));
  return [...found.filter((difference) => !isCopy(difference)), ...(isPayerKnown ? [] : (['payer-unknown'] as const))];
}

/**
 * Returns the charge that this one is compared with: its original as the record has it, else as the flag was raised with
 * it. An original itself is compared with the copy that its claim counts on.
 */
export function originalOf(
  flag: Flag,
  { records }: ChargeView,
  { own, survivors }: { readonly own: ViewedCharge; readonly survivors: readonly ViewedCharge[] },
): Compared | undefined {
  const root = rootOf(own.entry);
  const record = root === own.entry.id ? survivors[0]?.record : records.get(root);
  if (isCaptured(record)) return { charge: presentCharge(record), timeMs: record.capture.timeMs };
  const { originalCharge: charge, originalTimeMs: timeMs } = flag;
  return root !== own.entry.id && charge && timeMs !== undefined ? { charge, timeMs } : undefined;
}

/** What meets only because the detector looks further than evidence may. */
function looseness({ timeMs }: Flag, original: Compared | undefined, { windowMs }: Detector): readonly 'late-copy'[] {
  return original !== undefined && Math.abs(timeMs - original.timeMs) >= windowMs ? ['late-copy'] : [];
}

/**
 * Where the detector compares amounts: those that are captured now, of the charge, its original and the survivor that the
 * claim counts on. Windows match any amount that a charge has had.
 */
function amounts(
  { record }: ViewedCharge,
  { original, survivors }: { readonly original: Compared | undefined; readonly survivors: readonly ViewedCharge[] },
  { key, same, near }: Detector,
): readonly ('near-amount' | 'amount-changed')[] {
  if (near === undefined && !key.includes('amount') && !same.includes('amount')) return [];
  const amountMinor = capturedMinorOf(record);
  const others = [original?.charge.amountMinor, ...survivors.slice(0, 1).map((one) => capturedMinorOf(one.record))];
  const differing = others.flatMap((other) => (other === undefined || other === amountMinor ? [] : other));
  if (differing.length === 0) return [];
  const isNear = near !== undefined && differing.every((other) => isNearAmount(amountMinor, other, near));
  return [isNear ? 'near-amount' : 'amount-changed'];
}

/** Returned in part by others: whether the rest is one too many, an approver must say. */
function partlyReturned(own: ViewedCharge, survivors: readonly ViewedCharge[]): readonly 'partly-returned'[] {
  return [own, ...survivors.slice(0, 1)].every(isWholeCharge) ? [] : ['partly-returned'];
}

/** Others have told something of it otherwise, or a void of it was overridden: which telling is right, an approver must say. */
function mismatched(own: ViewedCharge, survivors: readonly ViewedCharge[]): readonly 'mismatch'[] {
  return [own, ...survivors.slice(0, 1)].some(isDisagreeing) ? ['mismatch'] : [];
}

/** Equal charges that a plan, a till or a placeholder explains better than an outage does. */
function patterns(
  window: ChargeWindow,
  own: WindowEntry,
  detector: Detector,
): readonly ('recurring' | 'common-order')[] {
  const times = timesOfEqual(window, own);
  const isRecurring = steadyPeriod(times, own.timeMs) !== undefined;
  return [
    ...(isRecurring ? (['recurring'] as const) : []),
    ...(detector.key.includes('order') && isCommon(window, times, detector.windowMs)
      ? (['common-order'] as const)
      : []),
  ];
}

/** When the charges were made that agree with this one, itself among them. */
export function timesOfEqual({ entries }: ChargeWindow, own: WindowEntry): readonly Ms[] {
  return entries.filter((entry) => isAlike(entry, own)).map(({ timeMs }) => timeMs);
}

function isCommon({ entries }: ChargeWindow, times: readonly Ms[], windowMs: Ms): boolean {
  return payerCount(entries) >= COMMON_PAYERS || Math.max(...times) - Math.min(...times) >= windowMs;
}

/**
 * Is an order that was closed unpaid certain to owe nothing? Only where its source attests closings, and the closing can
 * speak of this charge: not after a closing as paid, not before the charge, at most a day after it, and not as the answer
 * to our own refund. A charge without a record may have been refunded by us.
 */
function isClosingFinal(view: ChargeView, own: ViewedCharge, catalog: SourceCatalog): boolean {
  return view.window.closed !== undefined && closingDoubt(view, own, catalog) === undefined;
}

/** Returns why the closing does not speak of the charge; undefined where it does, or where there is none. */
export function closingDoubt(
  { window: { closed, entries }, records }: ChargeView,
  { record }: ViewedCharge,
  catalog: SourceCatalog,
): ClosingDoubt | undefined {
  if (closed === undefined) return undefined;
  const { charge, timeMs } = record.capture;
  if (closed.afterPaid) return 'after-paid';
  if (closed.stale) return 'stale';
  const isAttested = [closed.source, charge.source].every((id) => attestsClosings(id, charge, catalog));
  if (!isAttested) return 'unattested';
  if (closed.atMs < timeMs) return 'before-charge';
  if (closed.atMs - timeMs > CLOSING_AFTER_MS) return 'too-late';
  const known = entries.map(({ id }) => records.get(id));
  if (known.some((each) => isClaimBefore(each?.ours, closed.atMs))) return 'after-our-refund';
  return known.includes(undefined) ? 'record-gone' : undefined;
}

export function attestsClosings(id: string, { merchant }: Charge, { sourceOf }: SourceCatalog): boolean {
  return attests(sourceOf(id), 'closings', merchant);
}

function isClaimBefore(ours: Claim | undefined, atMs: Ms): boolean {
  return ours !== undefined && ours.state !== 'denied' && ours.state !== 'failed' && ours.atMs <= atMs;
}

/**
 * Under another detector than the order's, what an order would keep less than it owes for is an approver's to return.
 * Returns the records of what must stay in the order; nothing where the order's own detector decides, or the charge has no
 * order.
 */
function staysInOrder(flag: Flag, { view, orderView }: EvidenceFacts): readonly ChargeRecord[] | 'none' {
  if (orderView === 'gone') return 'none';
  if (orderView === undefined || orderView.window.fingerprint === view.window.fingerprint) return [];
  const { currency } = flag.charge;
  const total = totalOf(orderView.window, currency);
  if (total !== undefined) {
    const cover = coverOf(orderView, { id: flag.id, currency, amountMinor: total.totalMinor });
    return cover?.flatMap(recordsOf) ?? 'none';
  }
  const roots = new Set(orderView.window.entries.map(rootOf));
  const standing = [...roots].flatMap((root) => countedStanding(orderView, root));
  const other = standing.find((charge) => !isToldAs(charge, flag.id));
  return other === undefined ? 'none' : recordsOf(other);
}
