import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryCharges } from '../../adapters/memory/charges.ts';
import { shortOrderAlert } from '../../core/alerts/case-alerts.ts';
import type { CaseChange } from '../../core/cases/case.ts';
import { type Flag, NEXT_STATUSES } from '../../core/cases/flag.ts';
import { denialOf, waitOf } from '../../core/cases/flag-history.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { type ChargeRecord, isCalled } from '../../core/detection/charge-record.ts';
import type { ChargeWindow, WindowEntry } from '../../core/detection/charge-window.ts';
import { flagIdOf } from '../../core/detection/fingerprint.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import type { Grant } from '../../core/refunds/claim-store.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { MINUTE } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { type Acting, beginActing } from './acting.ts';
import { type Court, NEVER_THE_LAST, ONCE, PROVED, wrongWith } from './grants.ts';
import type { Knowledge } from './knowledge.ts';
import type { Losses } from './losses.ts';
import { reasonToDoubt } from './people-must-see.ts';
import type { Processor } from './processor.ts';
import { BrokenPromise, named, type RecordOf, type Written } from './promises.ts';
import { Readers } from './readers.ts';
import { RulesOfFlags } from './rules.ts';
import type { Scheduler } from './scheduler.ts';
import { TWO_PEOPLE_ABOVE_MINOR } from './settings.ts';
import { clusterOf, isStanding, rootOf } from './standing.ts';
import { brokenMembership, wrongVerdict } from './verdicts.ts';

const CONFIRMED = "no refund goes automatically that the processor's record does not confirm";
const PEOPLE_DECIDE = 'what waits for people is decided by people';
const VERDICTS_STAY = 'promise 3, a verdict never changes';
const VERDICTS_RIGHT = 'a verdict is what the design says';
/** A claim older than five minutes is looked at again before its first call; a lost race or two lie between. */
const CLAIM_OLD_MS = 6 * MINUTE;

/** Looks at every write and every movement of money as it happens, and remembers the first broken promise. */
export class Referee {
  broken: BrokenPromise | undefined;
  /** Every configuration that runs have had. */
  readonly deployed: Configuration[];
  /** How many critical alerts of a short order each flag has caused. */
  readonly shortAlerts = new Map<string, number>();
  readonly readers = new Readers();
  readonly #rules = new RulesOfFlags();
  /** The run that writes at this moment. */
  acting: Acting;
  /** What happened, line by line, for whoever looks into a seed. */
  readonly #trace: ((line: string) => void) | undefined;
  /** When each window was last written where none was, or an expired one: what it knew before then is rightly forgotten. */
  readonly births = new Map<string, number>();
  /** Claims that run or are done, by charge: known to everybody, whatever a window has forgotten. */
  readonly #claims = new Map<string, number>();
  /** Flags whose hold nobody answered, and the detector that had them held. */
  readonly #expired = new Map<string, string>();
  /** All detectors that ever decided over a flag. */
  readonly #deciders = new Map<string, Set<string>>();
  readonly #forged = new Set<string>();
  /** Flags whose approvals someone has written by hand. */
  readonly approvedByHand = new Set<string>();
  /** The step at which each record and window was written last. */
  readonly #writtenAt = new Map<string, number>();
  /** The detector that found a charge to be a duplicate. */
  readonly #foundBy = new Map<string, string>();
  /** When each claim was granted, and how long everybody had paused by then. */
  readonly #claimed = new Map<string, { readonly atMs: number; readonly pausedMs: number }>();
  readonly #cases: MemoryCaseStore;
  readonly #charges: MemoryCharges;
  readonly losses: Losses;
  readonly #judged: readonly string[] | undefined;
  readonly recordOf: RecordOf = (id) => this.#alive(this.#charges.records.all().find((each) => each.id === id));
  readonly #knowledge: Knowledge;
  readonly #processor: Processor;
  readonly #scheduler: Scheduler;

  constructor(world: {
    cases: MemoryCaseStore;
    charges: MemoryCharges;
    losses: (deployed: readonly Configuration[]) => Losses;
    /** The promises that count; absent: all. */
    judged: readonly string[] | undefined;
    knowledge: Knowledge;
    processor: Processor;
    configuration: Configuration;
    scheduler: Scheduler;
    trace: ((line: string) => void) | undefined;
  }) {
    this.acting = beginActing(world.configuration);
    this.deployed = [world.configuration];
    this.#scheduler = world.scheduler;
    this.#trace = world.trace;
    this.#cases = world.cases;
    this.#charges = world.charges;
    this.losses = world.losses(this.deployed);
    this.#judged = world.judged;
    this.#knowledge = world.knowledge;
    this.#processor = world.processor;
  }

  /** Someone has written a claim into the record by hand: it must move no money, and its flag waits for an operator. */
  noteForged({ id }: Pick<Flag, 'id'>): void {
    this.#forged.add(id);
  }

  isForged({ id }: Pick<Flag, 'id'>): boolean {
    return this.#forged.has(id);
  }

  windowOf(fingerprint: string): ChargeWindow | undefined {
    return this.#alive(this.#charges.windows.all().find((each) => each.fingerprint === fingerprint));
  }

  #alive<Item extends { readonly expiresAtMs: number }>(item: Item | undefined): Item | undefined {
    return item !== undefined && item.expiresAtMs > this.#scheduler.nowMs() ? item : undefined;
  }

  break(promise: string, what: string): void {
    if (this.#judged?.includes(promise) === false) return;
    this.broken ??= new BrokenPromise(promise, what);
  }

  onRecords(what: string, records: readonly { readonly event: PaymentEvent }[]): void {
    for (const { event } of this.#trace ? records : []) this.#trace?.(`${what} ${JSON.stringify(event)}`);
  }

  onWindow(written: Written<ChargeWindow>): void {
    const { before, after } = written;
    this.#writtenAt.set(after.fingerprint, this.#scheduler.steps);
    if (before === undefined) this.births.set(after.fingerprint, this.#scheduler.nowMs());
    const added = after.entries.filter((entry) => !before?.entries.includes(entry));
    const { fingerprint, version, closed } = after;
    this.#trace?.(`window ${fingerprint} v${version} ${JSON.stringify(closed)} ${JSON.stringify(added)}`);
    const lost = brokenMembership(written, this.acting.configuration, this.#scheduler.nowMs());
    if (lost !== undefined) this.break(VERDICTS_STAY, lost);
    const wrong = wrongVerdict(written, this.recordOf, { ...this.acting, deployed: this.deployed });
    if (wrong !== undefined) this.break(VERDICTS_RIGHT, wrong);
    for (const entry of added) this.#isDecidedOnce(entry, after);
  }

  onRecord({ before, after }: Written<ChargeRecord>, isGrant: boolean): void {
    const { capture, ...facts } = after;
    this.#writtenAt.set(after.id, this.#scheduler.steps);
    this.#trace?.(`record ${JSON.stringify({ ...facts, latestMs: capture?.latestMs })}`);
    const fixed = (record: ChargeRecord) => JSON.stringify({ ...record.capture, latestMs: 0 });
    if (before?.capture !== undefined && fixed(before) !== fixed(after)) {
      this.break(VERDICTS_STAY, `${after.chargeId} is another charge than it was`);
    }
    const untold = this.#knowledge.untold(after);
    if (untold !== undefined) this.break(ONCE, `${after.chargeId} is ${untold}, and no event has told it`);
    const known = before?.ours;
    const isOver = after.ours?.state === 'failed' || after.ours?.state === 'denied';
    const wasOurs = known?.state === 'claimed' || known?.state === 'refunded';
    if (isOver && wasOurs && this.#claims.get(named(after)) === known.attempt) {
      this.#claims.delete(named(after));
    }
    const isNew = known?.state !== 'claimed' || known.attempt !== after.ours?.attempt;
    if (after.ours?.state === 'claimed' && isNew && !isGrant) {
      this.break(ONCE, `${after.chargeId} is claimed without a reservation`);
    }
    if (isCalled(after.ours) && !isCalled(known)) this.#onCall(after);
  }

  onCommit(
    { flags, audit }: CaseChange,
    before: ReadonlyMap<string, ReturnType<MemoryCaseStore['allFlags']>[number]>,
  ): void {
    for (const flag of flags) {
      const known = before.get(flag.id);
      const { id, charge, status, attempt, detector, version } = flag;
      const [token, denial] = [waitOf(flag)?.token, denialOf(flag)?.denial];
      const history = audit.filter(({ flagId }) => flagId === id).map(({ actor, reason }) => `${actor}: ${reason}`);
      const shown = { id, chargeId: charge.chargeId, status, attempt, detector, token, denial, version, history };
      this.#trace?.(`flag ${JSON.stringify(shown)}`);
      this.#rules.note(flag, this.acting.configuration);
      this.#deciders.set(flag.id, (this.#deciders.get(flag.id) ?? new Set()).add(flag.detector));
      if (known !== undefined && known.status !== flag.status && !NEXT_STATUSES[known.status].includes(flag.status)) {
        this.break(ONCE, `flag ${flag.charge.chargeId} went from ${known.status} to ${flag.status}`);
      }
      const alert = shortOrderAlert(known, flag, { consoleUrl: undefined });
      if (alert?.severity === 'critical') this.shortAlerts.set(id, (this.shortAlerts.get(id) ?? 0) + 1);
      if (flag.status === 'expired') this.#expired.set(flag.id, flag.detector);
      if (flag.status === 'dismissed' || flag.status === 'kept') this.#expired.delete(flag.id);
      if (flag.status === 'refunded' && this.#processor.bookOf(flag.charge).moved.size === 0) {
        this.break(ONCE, `${flag.charge.chargeId} is said to be refunded, and no money has moved`);
      }
    }
  }

  /** Promise 1 at its only gate: what stands after the grant is at least what is owed, by all that is known. */
  onGrant(grant: Grant): void {
    const { record } = grant;
    const { ours, id } = record;
    const running = this.#claims.get(named(record));
    const attempt = ours?.state === 'claimed' ? ours.attempt : -1;
    if (running !== undefined) this.break(ONCE, `${record.chargeId} is claimed as ${attempt} beside ${running}`);
    this.#claims.set(named(record), attempt);
    const { pausedMs } = this.#scheduler;
    this.#claimed.set(attemptOf({ id, attempt }), { atMs: this.#scheduler.nowMs(), pausedMs });
    for (const [promise, what] of wrongWith(grant, this.#court())) this.break(promise, what);
  }

  #court(): Court {
    return {
      flags: this.#cases.allFlags(),
      knowledge: this.#knowledge,
      recordOf: this.recordOf,
      windowOf: (fingerprint) => this.windowOf(fingerprint),
      bornMsOf: (fingerprint) => this.births.get(fingerprint) ?? 0,
      isClaimed: (charge) => this.#claims.has(named(charge)),
      wasGranted: (attempt) => this.#claimed.has(attemptOf(attempt)),
      isDecider: (id, detector) => this.#deciders.get(id)?.has(detector) === true,
      writtenAt: (key) => this.#writtenAt.get(key) ?? 0,
      acting: this.acting,
      rules: this.#rules,
      readers: this.readers,
      nowMs: this.#scheduler.nowMs(),
    };
  }

  /**
   * Before its first call an old claim goes back if its cluster has come to need the charge. Time in which everybody who
   * could go on was paused does not count: the look may have been before it.
   */
  #onCall({ id, chargeId }: ChargeRecord): void {
    const flag = this.#cases.allFlags().find((each) => each.id === id);
    const claimed = flag && this.#claimed.get(attemptOf(flag));
    const filed = flag?.windows.find(({ detector }) => detector === flag.detector);
    const window = filed && this.windowOf(filed.fingerprint);
    const entry = window?.entries.find((each) => each.id === id);
    const change = flag && this.#rules.changeOf(flag, this.acting.configuration);
    if (change !== undefined) this.break(PROVED, `${chargeId} is called for: ${change}`);
    if (claimed === undefined || window === undefined || entry === undefined) return;
    const { pausedMs } = this.#scheduler;
    const awakeMs = this.#scheduler.nowMs() - claimed.atMs - (pausedMs - claimed.pausedMs);
    const cluster = clusterOf(window, rootOf(entry), this.recordOf);
    const standing = cluster.filter((each) => isStanding(each, window)).length;
    if (awakeMs > CLAIM_OLD_MS && standing < (window.closed?.owed ?? 1)) {
      this.break(NEVER_THE_LAST, `${chargeId} is called for by a claim that slept, and is needed by now`);
    }
  }

  /** The first detector that finds a duplicate decides alone: in all weaker windows the verdict is its. */
  #isDecidedOnce({ id, verdict }: WindowEntry, after: ChargeWindow): void {
    const rank = (detectorId: string) =>
      this.acting.configuration.detectors.findIndex((detector) => detector.id === detectorId);
    const detector = verdict.kind === 'duplicate' ? verdict.detector : undefined;
    const found = this.#foundBy.get(id);
    if (found !== undefined && found !== detector && rank(found) < rank(after.detector)) {
      this.break(VERDICTS_RIGHT, `${id} was found by ${found}, and ${after.detector} has decided anew`);
    }
    if (detector === after.detector) this.#foundBy.set(id, detector);
  }

  onRefund(request: ReversalRequest): void {
    const { charge, idempotencyKey, refundMinor } = request;
    this.#trace?.(`refunded ${charge.chargeId} as ${idempotencyKey}`);
    const flag = this.#cases.allFlags().find(({ id }) => id === flagIdOf(charge, digests));
    const book = this.#processor.bookOf(charge);
    if (book.ours.size > 0) this.break(ONCE, `${charge.chargeId} is refunded twice, now as ${idempotencyKey}`);
    if (flag === undefined || `${flag.id}-${flag.attempt}` !== idempotencyKey || flag.status !== 'refunding') {
      this.break(ONCE, `${charge.chargeId} is refunded as ${idempotencyKey} without a flag that says so`);
    }
    if (flag !== undefined) this.#mustBeApproved(flag);
    for (const [promise, what] of this.losses.note(request, flag)) this.break(promise, what);
    const doubt = flag && reasonToDoubt(flag, this.#processor);
    if (doubt !== undefined) this.break(CONFIRMED, `${charge.chargeId} is refunded: ${doubt}`);
    if (this.#claims.get(named(charge)) !== flag?.attempt) {
      this.break(ONCE, `${charge.chargeId} is refunded without a claim`);
    }
    const reserved = this.#charges.claims
      .all()
      .find((each) => each.flagId === flag?.id && each.attempt === flag.attempt);
    if (reserved?.amountMinor !== refundMinor) {
      this.break(ONCE, `${charge.chargeId} is refunded by ${refundMinor}, and ${reserved?.amountMinor} is reserved`);
    }
  }

  /** Who must be asked was: enough people, none of them twice nor about what they raised themselves. */
  #mustBeApproved({ id, charge, action, detector, approvals, raisedBy }: Flag): void {
    const people = new Set(approvals.map(({ by }) => by));
    const mustBeAsked = action === 'review' || this.#expired.get(id) === detector;
    if (mustBeAsked && people.size < (charge.amountMinor > TWO_PEOPLE_ABOVE_MINOR ? 2 : 1)) {
      this.break(PEOPLE_DECIDE, `${charge.chargeId} is refunded, and of those who must approve ${people.size} did`);
    }
    if (people.has(raisedBy))
      this.break(PEOPLE_DECIDE, `${charge.chargeId} was approved by ${raisedBy}, who raised it`);
  }
}

/** By its content, apart from the name that the product gives it. */
function attemptOf({ id, attempt }: { readonly id: string; readonly attempt: number }): string {
  return `${id} ${attempt}`;
}
