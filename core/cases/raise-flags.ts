import { asCaseId, type CaseId, type FlagId } from '../brands.ts';
import { capturedMinorOf } from '../detection/charge-amounts.ts';
import { type CapturedRecord, isDisputed, isReleased } from '../detection/charge-record.ts';
import { type ChargeView, chargeIn, chargesOf, surplusOf, type ViewedCharge } from '../detection/charge-view.ts';
import { entryOf, owedBy, rootOf } from '../detection/charge-window.ts';
import type { Detector, DetectorAction } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { epochIn } from '../detection/epoch.ts';
import { type DetectorsSince, monitorsUntil } from '../detection/new-detectors.ts';
import { balancesOf, copiesBeyondTotal, overpaidBy } from '../detection/order-total.ts';
import { type ShortOrder, shortOrdersIn } from '../detection/short-orders.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import { attests, type SourceCatalog } from '../events/source.ts';
import type { Act, FlagChange } from './case.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import { deadlineOf, type SchemeCatalog } from './deadline.ts';
import type { Flag, FlagFacts } from './flag.ts';
import { approve, changeRule, enforce, markContested, markShort, may, monitor, reopen } from './flag-transitions.ts';
import { followAmounts } from './follow-amounts.ts';
import { followOwnRefunds } from './follow-own-refunds.ts';
import { judgeAgain } from './judge-again.ts';
import { letGo } from './let-go.ts';

export interface RaiseContext extends CaseContext {
  readonly configuration: DetectorCatalog & SchemeCatalog & SourceCatalog;
  readonly configurationHash: string;
  readonly detectorsSince: () => Promise<DetectorsSince>;
}

type Raising = RaiseContext & { readonly since: DetectorsSince };

/** A charge that stands and is surplus, in the strongest of the windows that say so. */
interface Surplus {
  readonly charge: ViewedCharge;
  readonly view: ChargeView;
  /** The record of the original, whose id is the case's. */
  readonly root: FlagId;
  /** The detector that found the original. */
  readonly decidedBy: string;
}

/**
 * Makes the flags follow records and windows: each charge that stands and is surplus gets an open flag if it has none, or
 * if its flag was dismissed; a charge of an order closed unpaid is raised to the stronger detector; a dispute on a charge
 * that we refund is marked, and so is our refund in an order that keeps less than it owes. Run after every transition and every replay; a repetition finds nothing to do.
 *
 * @param views windows as they were left, with their records, strongest detector first.
 * @param actor goes into the audit.
 */
export async function raiseFlags(views: readonly ChargeView[], actor: string, context: RaiseContext): Promise<void> {
  const contested = new Set(views.flatMap(contestedOf));
  const byCase = Map.groupBy(surplusByFlag(views, context.configuration).values(), caseOf);
  const since: DetectorsSince = byCase.size === 0 ? new Map() : await context.detectorsSince();
  for (const group of byCase.values()) {
    await changeFlags(
      group.map(({ charge }) => charge.entry.id),
      (flags) => group.flatMap((item, at) => raise(item, flags[at], actor, { ...context, since })),
      context,
    );
  }
  await followOwnRefunds(views, actor, context);
  await followAmounts(views, actor, context);
  await letGo(views, actor, context);
  await judgeAgain(views, actor, context);
  if (contested.size > 0) await markAllContested([...contested], actor, context);
  for (const short of views.flatMap(shortOrdersIn)) await markOrderShort(short, actor, context);
}

/**
 * The charges of a window that get a flag. With a known total, copies that fit into what was paid beyond it; others only
 * where their sources attest that an order is charged once; and a charge that is no copy, if the order was overpaid by it.
 */
function flaggedIn(view: ChargeView, catalog: SourceCatalog): readonly ViewedCharge[] {
  const surplus = surplusOf(view);
  const balances = balancesOf(view);
  const beyond = balances.flatMap((balance) => copiesBeyondTotal(view, balance));
  const isFlagged = (charge: ViewedCharge) => {
    const { currency } = charge.record.capture.charge;
    const hasTotal = balances.some(({ total }) => total.currency === currency);
    return (
      !hasTotal || beyond.some(({ entry }) => entry.id === charge.entry.id) || isChargedOnce(charge, view, catalog)
    );
  };
  return [...surplus.filter(isFlagged), ...balances.flatMap((balance) => overpaidBy(view, balance) ?? [])];
}

/** The sources of the charge and of its original attest that an order is charged once. */
function isChargedOnce({ entry, record }: ViewedCharge, { records }: ChargeView, { sourceOf }: SourceCatalog): boolean {
  const { charge } = record.capture;
  const original = records.get(rootOf(entry)) ?? record;
  return [charge, original].every(({ source }) => attests(sourceOf(source), 'single-charge', charge.merchant));
}

function surplusByFlag(views: readonly ChargeView[], configuration: SourceCatalog): ReadonlyMap<FlagId, Surplus> {
  const found = new Map<FlagId, Surplus>();
  for (const view of views) {
    for (const charge of flaggedIn(view, configuration)) {
      const { id } = charge.entry;
      if (!found.has(id)) found.set(id, { charge, view, ...decisionOn(id, view, views) });
    }
  }
  return found;
}

/** What the charge's verdict names in any of the windows at hand; without one, the charge is its own original. */
function decisionOn(
  id: FlagId,
  { window: { detector } }: ChargeView,
  views: readonly ChargeView[],
): Pick<Surplus, 'root' | 'decidedBy'> {
  for (const { window } of views) {
    const verdict = entryOf(window, id)?.verdict;
    if (verdict?.kind === 'duplicate') return { root: verdict.root, decidedBy: verdict.detector };
  }
  return { root: id, decidedBy: detector };
}

/** Case ids are the ids that the originals' flags have or would have. */
function caseOf({ root }: Surplus): CaseId {
  return asCaseId(root);
}

/** The original, or the charge itself where the original's record has expired. */
function originalOf({ charge, view, root }: Surplus): ChargeRef {
  const { source, chargeId } = view.records.get(root) ?? charge.record;
  return { source, chargeId };
}

function raise(item: Surplus, flag: Flag | undefined, actor: string, context: Raising): readonly FlagChange[] {
  const { charge, view } = item;
  const found = context.configuration.detectorFor(view.window.detector, charge.record.capture.charge);
  if (found === undefined) return [];
  const atMs = context.nowMs();
  const untilMs = monitorsUntil(found, { since: context.since, nowMs: atMs });
  const detector: Detector = untilMs === undefined ? found : { ...found, action: 'monitor' };
  const isNew = untilMs !== undefined && `; the detector is new and monitors until ${new Date(untilMs).toISOString()}`;
  const act: Act = { actor, atMs, reason: `${reasonOf(item)}${isNew || ''}` };
  if (flag === undefined) return [{ before: undefined, after: newFlag(item, detector, act, context), act }];
  // What found the charge stays: the same detector finds it by its window of before.
  const isOther = detector.id !== flag.detector;
  // What this detector only monitored, an approver alone lets go.
  const action = !isOther && flag.action === 'monitor' ? 'monitor' : actionOn(charge, detector);
  const epoch = isOther && { epoch: epochIn(view.window, charge.record, { detector, catalog: context.configuration }) };
  const rule = { detector: detector.id, action, configuration: context.configurationHash, ...epoch };
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
    // No approver has answered: only a person opens it again.
    case 'expired':
      return [changeRule(flag, rule, act)];
    case 'refunding':
    case 'refunded':
    case 'refunded-in-error':
    case 'reversed-externally':
    case 'failed':
      return [];
  }
}

function newFlag(item: Surplus, detector: Detector, { atMs, actor }: Act, context: RaiseContext): Flag {
  const { charge: viewed, view, root } = item;
  const { capture, ours } = viewed.record;
  const { timeMs, arrivedMs, windows } = capture;
  const charge = asAdjusted(viewed.record);
  const { configuration } = context;
  const action = actionOn(viewed, detector);
  const scheme = configuration.schemeOf(charge.source);
  const found = chargeIn(view, root)?.record;
  const facts: FlagFacts = {
    id: viewed.entry.id,
    caseId: caseOf(item),
    version: 1,
    attempt: (ours?.attempt ?? -1) + 1,
    charge,
    timeMs,
    original: originalOf(item),
    ...(found !== undefined && { originalCharge: asAdjusted(found), originalTimeMs: found.capture.timeMs }),
    detector: detector.id,
    decidedBy: item.decidedBy,
    action,
    configuration: context.configurationHash,
    epoch: epochIn(view.window, viewed.record, { detector, catalog: configuration }),
    windows: windows.map(({ detector, fingerprint }) => ({ detector, fingerprint })),
    stale: arrivedMs - timeMs > detector.retainMs,
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

function asAdjusted(record: CapturedRecord): Charge {
  return { ...record.capture.charge, amountMinor: capturedMinorOf(record) };
}

/** A charge that was kept once is never refunded unasked. What is only monitored stays so. */
function actionOn({ record }: ViewedCharge, { action }: Detector): DetectorAction {
  return record.kept !== undefined && action === 'refund' ? 'review' : action;
}

function reasonOf(item: Surplus): string {
  const { view, charge } = item;
  const { window } = view;
  if (owedBy(window) === 0) return `${window.detector}: the order was closed unpaid`;
  return charge.entry.verdict.kind === 'duplicate'
    ? `${window.detector}: duplicate of ${originalOf(item).chargeId}`
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
function contestedOf(view: ChargeView): readonly FlagId[] {
  return chargesOf(view)
    .filter(({ record: { ours } }) => ours?.state === 'claimed' || ours?.state === 'refunded')
    .filter(({ record }) => isDisputed(record) || (record.dispute !== undefined && isReleased(record)))
    .map(({ entry }) => entry.id);
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

async function markOrderShort(short: ShortOrder, actor: string, context: RaiseContext): Promise<void> {
  const { ids, why } = short;
  await changeFlags(
    ids,
    (flags) => {
      // A flag that does not know of its refund yet is marked when the refund is recorded.
      const about = flags.flatMap((flag) => (flag !== undefined && isAbout(short, flag, context) ? flag : []));
      const flag = about.find((refunded) => refunded.status === 'refunded');
      if (flag === undefined || about.some((marked) => marked.short !== undefined)) return [];
      const reason = `short order: nothing stands after our refund: ${why}`;
      return [markShort(flag, why, { actor, atMs: context.nowMs(), reason })];
    },
    context,
  );
}

/**
 * The flag's own detector says so, or the order as a whole is short: then it is short whichever detector decided, unless
 * an approver had seen that the refund would empty the order.
 */
function isAbout({ detector: id, isWhole }: ShortOrder, flag: Flag, { configuration }: RaiseContext): boolean {
  if (flag.detector === id) return true;
  const isOrders = configuration.detectors.some((detector) => detector.id === id && detector.orders);
  return isOrders && isWhole && !flag.approvals.some(({ saw }) => saw?.includes('empties-order'));
}
