import type { Ms } from '../brands.ts';
import type { Flag, ReasonToWait } from '../cases/flag.ts';
import { DAY_MS } from '../clock-units.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  countedStanding,
  entryOf,
  type Ground,
  isCaptured,
  isSameCharge,
  owedBy,
  payerCount,
  rootOf,
} from '../detection/charge-window.ts';
import { DETECTOR_ACTIONS, type Detector, type DetectorAction } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { agrees } from '../detection/transitions.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Attestation, type CopyDifference, maySpeakOf, type SourceCatalog } from '../events/source.ts';
import { isSteady } from './steady-period.ts';

/** What a refund rests on, and what keeps it from going automatically. */
export interface Evidence {
  readonly waitsFor: readonly ReasonToWait[];
  /** Empty where nothing proves the refund: then it waits. */
  readonly restsOn: readonly Ground[];
}

export interface EvidenceFacts {
  /** The window whose detector decides over the flag. */
  readonly window: ChargeWindow;
  /** The window of the charge's order, where another detector decides. */
  readonly orderWindow: ChargeWindow | undefined;
}

type Catalog = SourceCatalog & Pick<DetectorCatalog, 'detectorFor'>;

/** Three payers share an order number that is a placeholder, a table or a till; one payer shares it with a second card. */
const COMMON_PAYERS = 3;
/** A shop that closes an order later than this does not speak of the charge's failure. */
const CLOSING_AFTER_MS = DAY_MS;

/**
 * Judges whether a charge is proved to be one too many. A pure function of the windows: the claim judges it again on the
 * window that grants it. DESIGN: equality is no proof; what the processor attests is.
 */
export function evidenceFor(flag: Flag, facts: EvidenceFacts, configuration: Catalog): Evidence {
  const { window } = facts;
  const own = entryOf(window, flag.charge);
  if (own === undefined || !isCaptured(own)) return { waitsFor: [], restsOn: [] };
  const detector = configuration.detectorFor(flag.detector, flag.charge);
  const general = [
    ...(isWeaker(detector?.action, flag.action) ? (['configuration-changed'] as const) : []),
    ...partlyReturned(window, own),
  ];
  if (owedBy(window) === 0) {
    const isFinal = isClosingFinal(window, own, configuration);
    return isFinal ? { waitsFor: general, restsOn: ['closings'] } : { waitsFor: [...general, 'closing'], restsOn: [] };
  }
  const original = originalOf(flag, window, own);
  const sources = [flag.charge, original].map((charge) => charge && configuration.sourceOf(charge.source));
  const isAttested = (name: Attestation) => attests(name, { charge: flag.charge, sources });
  const waitsFor: ReasonToWait[] = [
    ...general,
    ...(isAttested('single-charge') ? [] : (['may-split'] as const)),
    ...differences(flag.charge, original, sources),
    ...(detector === undefined ? [] : patterns(window, own, detector)),
    ...emptiesOrder(flag, facts),
  ];
  return { waitsFor, restsOn: isAttested('single-charge') ? ['single-charge'] : [] };
}

/** What a detector found before it was weakened or taken away, an approver decides. */
function isWeaker(today: DetectorAction | undefined, then: DetectorAction): boolean {
  return today === undefined || DETECTOR_ACTIONS.indexOf(today) < DETECTOR_ACTIONS.indexOf(then);
}

type Sources = readonly ReturnType<SourceCatalog['sourceOf']>[];

/** An attestation counts only where the sources of both charges have it for the merchant. */
function attests(
  name: Attestation,
  { charge, sources }: { readonly charge: Charge; readonly sources: Sources },
): boolean {
  return sources.every((source) => source?.attests.has(name) && maySpeakOf(source, charge.merchant));
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

/** The original as this window has it; where another window found it, as the flag was raised with it. */
function originalOf(flag: Flag, window: ChargeWindow, own: CapturedEntry): Charge | undefined {
  const root = entryOf(window, rootOf(own))?.captured;
  return root?.charge ?? flag.originalCharge;
}

/** Returned in part by others: whether the rest is one too many, an approver must say. */
function partlyReturned(window: ChargeWindow, own: CapturedEntry): readonly 'partly-returned'[] {
  const isWhole = (entry: CapturedEntry) => (entry.refundedTotalMinor ?? 0) === 0;
  const survivors = countedStanding(window, rootOf(own)).filter((entry) => !isSameCharge(entry, own));
  const isAnyWhole = survivors.length === 0 || survivors.some(isWhole);
  return isWhole(own) && isAnyWhole ? [] : ['partly-returned'];
}

/** Equal charges that a plan, a till or a placeholder explains better than an outage does. */
function patterns(
  window: ChargeWindow,
  own: CapturedEntry,
  detector: Detector,
): readonly ('recurring' | 'common-order')[] {
  const equal = window.entries
    .filter(isCaptured)
    .filter((entry) => agrees(detector.same, entry.captured.charge, own.captured.charge));
  const times = equal.map(({ captured }) => captured.timeMs);
  const isRecurring = isSteady(times, own.captured.timeMs);
  return [
    ...(isRecurring ? (['recurring'] as const) : []),
    ...(detector.key.includes('order') && isCommon(window, times, detector.windowMs)
      ? (['common-order'] as const)
      : []),
  ];
}

function isCommon({ entries }: ChargeWindow, times: readonly Ms[], windowMs: Ms): boolean {
  return payerCount(entries.filter(isCaptured)) >= COMMON_PAYERS || Math.max(...times) - Math.min(...times) >= windowMs;
}

/**
 * Is an order that was closed unpaid certain to owe nothing? Only where its source attests closings, and the closing can
 * speak of this charge: not after a closing as paid, not before the charge, at most a day after it, and not as the answer
 * to our own refund.
 */
function isClosingFinal(window: ChargeWindow, own: CapturedEntry, { sourceOf }: Catalog): boolean {
  const { closed } = window;
  if (closed === undefined || closed.afterPaid) return false;
  const { charge, timeMs } = own.captured;
  const isAttested = [closed.source, charge.source].every((id) => {
    const source = sourceOf(id);
    return source?.attests.has('closings') && maySpeakOf(source, charge.merchant);
  });
  const isInTime = timeMs <= closed.atMs && closed.atMs - timeMs <= CLOSING_AFTER_MS;
  return isAttested && isInTime && !window.entries.some(({ ours }) => isClaimBefore(ours, closed.atMs));
}

function isClaimBefore(ours: CapturedEntry['ours'], atMs: Ms): boolean {
  return ours !== undefined && ours.state !== 'denied' && ours.state !== 'failed' && ours.atMs <= atMs;
}

/** Under another detector than the order's, the last charge of an order is an approver's to return. */
function emptiesOrder(flag: Flag, { window, orderWindow }: EvidenceFacts): readonly 'empties-order'[] {
  if (orderWindow === undefined || orderWindow.fingerprint === window.fingerprint) return [];
  const others = orderWindow.entries
    .filter(isCaptured)
    .filter(
      (entry) => countedStanding(orderWindow, rootOf(entry)).includes(entry) && !isSameCharge(entry, flag.charge),
    );
  return others.length > 0 ? [] : ['empties-order'];
}
