import type { FlagId } from '../brands.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  entryOf,
  isCaptured,
  isDisputed,
  isReleased,
  isStanding,
  rootOf,
  surplusOf,
} from '../detection/charge-window.ts';
import { appliesTo, type Detector, type DetectorAction } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import type { Digests } from '../detection/fingerprint.ts';
import { caseIdOf, fingerprintOf, flagIdOf } from '../detection/fingerprint.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import type { Act, FlagChange } from './case.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import { deadlineOf, type SchemeCatalog } from './deadline.ts';
import type { Flag, FlagFacts } from './flag.ts';
import { approve, changeRule, enforce, markContested, may, monitor, reopen } from './flag-transitions.ts';

export interface RaiseContext extends CaseContext {
  /** A flag names the windows of its charge by fingerprint. */
  readonly digests: Digests;
  readonly configuration: DetectorCatalog & SchemeCatalog;
  readonly configurationHash: string;
}

/** A charge that stands and is surplus, in the strongest of the windows that say so. */
interface Surplus {
  readonly flagId: FlagId;
  readonly entry: CapturedEntry;
  readonly window: ChargeWindow;
  readonly original: ChargeRef;
  /** The detector that found the original. */
  readonly decidedBy: string;
}

/**
 * Makes the flags follow the windows: each charge that stands and is surplus gets an open flag if it has none, or if its
 * flag was dismissed; a charge of an order closed unpaid is raised to the stronger detector; a dispute on a charge that
 * we refund is marked. Run after every transition and every replay; a repetition finds nothing to do.
 *
 * @param windows as they were left, strongest detector first.
 * @param actor goes into the audit.
 */
export async function raiseFlags(
  windows: readonly ChargeWindow[],
  actor: string,
  context: RaiseContext,
): Promise<void> {
  const surplus = surplusByFlag(windows, context);
  const contested = new Set(
    windows.flatMap((window) => contestedOf(window)).map((ref) => flagIdOf(ref, context.digests)),
  );
  const byCase = Map.groupBy(surplus.values(), ({ original }) => caseIdOf(original, context.digests));
  for (const group of byCase.values()) {
    await changeFlags(
      group.map(({ flagId }) => flagId),
      (flags) => group.flatMap((item, at) => raise(item, flags[at], actor, context)),
      context,
    );
  }
  await letGo(windows, actor, context);
  if (contested.size > 0) await markAllContested([...contested], actor, context);
}

/**
 * A flag that waits for a person and whose charge is surplus no more need not wait: its workflow is let go on, the claim is
 * denied and dismisses it. Flags are read only for charges that a release, a dispute or a closing may have relieved.
 */
async function letGo(windows: readonly ChargeWindow[], actor: string, context: RaiseContext): Promise<void> {
  for (const window of windows) {
    const ids = relievedOf(window).map((entry) => flagIdOf(entry, context.digests));
    if (ids.length === 0) continue;
    await changeFlags(
      ids,
      (flags) =>
        flags.flatMap((flag) => {
          if (flag?.detector !== window.detector) return [];
          const act = { actor, atMs: context.nowMs(), reason: 'no longer surplus: the claim will say so' };
          if (flag.status === 'held') return [approve(flag, {}, act)];
          if (flag.status !== 'expired' && flag.status !== 'failed') return [];
          // Should the surplus come back before the claim, a person decides again: it was left to people.
          const { detector, configuration } = flag;
          return [reopen(flag, { rule: { detector, configuration, action: 'review' }, raisedBy: actor }, act)];
        }),
      context,
    );
  }
}

/**
 * Charges that this window could have flagged, whose claim it would deny, and that have no claim of ours that runs or is
 * done. Not just those outside `surplusOf`: of two standing charges of which one is surplus, either may be claimed.
 */
function relievedOf(window: ChargeWindow): readonly CapturedEntry[] {
  const rootKey = (entry: CapturedEntry) => `${rootOf(entry).source}\n${rootOf(entry).chargeId}`;
  const withSurplus = new Set(surplusOf(window).map(rootKey));
  return window.entries
    .filter(isCaptured)
    .filter(({ captured: { verdict } }) =>
      verdict.kind === 'duplicate' ? verdict.detector === window.detector : window.closed !== undefined,
    )
    .filter(({ ours }) => ours === undefined || ours.state === 'failed' || ours.state === 'denied')
    .filter((entry) => !isStanding(entry) || !withSurplus.has(rootKey(entry)));
}

function surplusByFlag(windows: readonly ChargeWindow[], context: RaiseContext): ReadonlyMap<FlagId, Surplus> {
  const found = new Map<FlagId, Surplus>();
  for (const window of windows) {
    for (const entry of surplusOf(window)) {
      const flagId = flagIdOf(entry, context.digests);
      if (!found.has(flagId)) found.set(flagId, { flagId, entry, window, ...decisionOn(entry, window, windows) });
    }
  }
  return found;
}

/** What the charge's verdict names in any of the windows at hand; without one, the charge is its own original. */
function decisionOn(
  ref: ChargeRef,
  { detector }: ChargeWindow,
  windows: readonly ChargeWindow[],
): { readonly original: ChargeRef; readonly decidedBy: string } {
  for (const window of windows) {
    const verdict = entryOf(window, ref)?.captured?.verdict;
    if (verdict?.kind === 'duplicate') return { original: verdict.original, decidedBy: verdict.detector };
  }
  return { original: { source: ref.source, chargeId: ref.chargeId }, decidedBy: detector };
}

function raise(item: Surplus, flag: Flag | undefined, actor: string, context: RaiseContext): readonly FlagChange[] {
  const { entry, window } = item;
  const detector = context.configuration.detectorFor(window.detector, entry.captured.charge);
  if (detector === undefined) return [];
  const action = actionOn(entry, detector);
  const act: Act = { actor, atMs: context.nowMs(), reason: reasonOf(item) };
  if (flag === undefined) return [{ before: undefined, after: newFlag(item, detector, act, context), act }];
  const rule = { detector: detector.id, action, configuration: context.configurationHash };
  if (may('monitor', flag)) {
    return [(action === 'monitor' ? monitor : reopen)(flag, { rule, raisedBy: actor }, act)];
  }
  if (!isStronger(detector.id, flag.detector, context.configuration)) return [];
  switch (flag.status) {
    case 'monitored':
      return [action === 'monitor' ? changeRule(flag, rule, act) : enforce(flag, { rule, raisedBy: actor }, act)];
    case 'open':
    case 'approved':
      return [changeRule(flag, rule, act)];
    case 'held':
      return [action === 'refund' ? approve(flag, { rule }, act) : changeRule(flag, rule, act)];
    case 'expired':
      return [action === 'refund' ? reopen(flag, { rule, raisedBy: actor }, act) : changeRule(flag, rule, act)];
    case 'refunding':
    case 'refunded':
    case 'refunded-in-error':
    case 'reversed-externally':
    case 'failed':
      return [];
  }
}

function newFlag(item: Surplus, detector: Detector, { atMs, actor }: Act, context: RaiseContext): Flag {
  const { entry, window, original } = item;
  const { charge, timeMs, stale } = entry.captured;
  const { configuration, digests } = context;
  const action = actionOn(entry, detector);
  const scheme = configuration.schemeOf(charge.source);
  const found = entryOf(window, original)?.captured;
  const windows = configuration
    .detectorsFor(charge)
    .filter((candidate) => appliesTo(candidate, charge))
    .map((candidate) => ({
      detector: candidate.id,
      fingerprint: fingerprintOf(candidate, charge, { digests, namespaceOf: configuration.namespaceOf }),
    }));
  const facts: FlagFacts = {
    id: item.flagId,
    caseId: caseIdOf(original, digests),
    version: 1,
    attempt: (entry.ours?.attempt ?? -1) + 1,
    charge,
    timeMs,
    original,
    ...(found !== undefined && { originalCharge: found.charge, originalTimeMs: found.timeMs }),
    detector: detector.id,
    decidedBy: item.decidedBy,
    action,
    configuration: context.configurationHash,
    windows,
    stale: stale === true,
    scheme: scheme.id,
    reasonCode: scheme.reason,
    deadlineAtMs: deadlineOf(timeMs, scheme),
    raisedBy: actor,
    openedAtMs: atMs,
    updatedAtMs: atMs,
    approvals: [],
    keeps: [],
  };
  return { ...facts, status: action === 'monitor' ? 'monitored' : 'open' };
}

/** A charge that was kept once is never refunded unasked. What is only monitored stays so. */
function actionOn({ reviewOnly }: CapturedEntry, { action }: Detector): DetectorAction {
  return reviewOnly && action === 'refund' ? 'review' : action;
}

function reasonOf({ window, entry }: Surplus): string {
  if (window.closed?.owed === 0) return `${window.detector}: the order was closed unpaid`;
  const { verdict } = entry.captured;
  return verdict.kind === 'duplicate'
    ? `${window.detector}: duplicate of ${verdict.original.chargeId}`
    : `${window.detector}: more charges stand than are owed`;
}

function isStronger(a: string, b: string, { detectors }: Pick<DetectorCatalog, 'detectors'>): boolean {
  const rankOf = (id: string) => {
    const rank = detectors.findIndex((detector) => detector.id === id);
    return rank < 0 ? detectors.length : rank;
  };
  return rankOf(a) < rankOf(b);
}

/** Charges that we refund or have refunded while others dispute them or have been given the money. */
function contestedOf(window: ChargeWindow): readonly ChargeRef[] {
  return window.entries
    .filter(isCaptured)
    .filter(({ ours }) => ours?.state === 'claimed' || ours?.state === 'refunded')
    .filter((entry) => isDisputed(entry) || (entry.dispute !== undefined && isReleased(entry)));
}

async function markAllContested(ids: readonly FlagId[], actor: string, context: RaiseContext): Promise<void> {
  const act = { actor, reason: 'a dispute came upon a charge that we refund: see the runbook, "contested refund"' };
  for (const id of ids) {
    await changeFlags(
      [id],
      ([flag]) =>
        flag === undefined || flag.contested ? [] : [markContested(flag, { ...act, atMs: context.nowMs() })],
      context,
    );
  }
}
