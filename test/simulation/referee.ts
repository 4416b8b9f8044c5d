import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { CaseChange } from '../../core/cases/case.ts';
import { type Flag, NEXT_STATUSES } from '../../core/cases/flag.ts';
import { denialOf, waitOf } from '../../core/cases/flag-history.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { type ChargeWindow, type Entry, isCalled } from '../../core/detection/charge-window.ts';
import { flagIdOf } from '../../core/detection/fingerprint.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { MINUTE } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { reasonToReview } from './people-must-see.ts';
import type { Processor } from './processor.ts';
import { BrokenPromise, clusterOf, type Knowledge, named, standsIn, type Written } from './promises.ts';
import type { Scheduler } from './scheduler.ts';
import { TWO_PEOPLE_ABOVE_MINOR } from './settings.ts';
import { wrongVerdict } from './verdicts.ts';

const NEVER_THE_LAST = 'promise 1, never the last one';
const ONCE = 'promise 2, flagged and refunded once';
const PEOPLE_DECIDE = 'what waits for people is decided by people';
const VERDICTS_STAY = 'promise 3, a verdict never changes';
const VERDICTS_RIGHT = 'a verdict is what the design says';
/** A claim older than five minutes is looked at again before its first call; a lost race or two lie between. */
const CLAIM_OLD_MS = 6 * MINUTE;

/** Looks at every write and every movement of money as it happens, and remembers the first broken promise. */
export class Referee {
  broken: BrokenPromise | undefined;
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
  /** The detector that found a charge to be a duplicate. */
  readonly #foundBy = new Map<string, string>();
  /** When each claim was granted, and how long everybody had paused by then. */
  readonly #claimed = new Map<string, { readonly atMs: number; readonly pausedMs: number }>();
  readonly #cases: MemoryCaseStore;
  readonly #knowledge: Knowledge;
  readonly #processor: Processor;
  readonly #configuration: Configuration;
  readonly #scheduler: Scheduler;

  constructor(world: {
    cases: MemoryCaseStore;
    knowledge: Knowledge;
    processor: Processor;
    configuration: Configuration;
    scheduler: Scheduler;
    trace: ((line: string) => void) | undefined;
  }) {
    this.#configuration = world.configuration;
    this.#scheduler = world.scheduler;
    this.#trace = world.trace;
    this.#cases = world.cases;
    this.#knowledge = world.knowledge;
    this.#processor = world.processor;
  }

  break(promise: string, what: string): void {
    this.broken ??= new BrokenPromise(promise, what);
  }

  onEvents(what: string, events: readonly PaymentEvent[]): void {
    for (const event of this.#trace ? events : []) this.#trace?.(`${what} ${JSON.stringify(event)}`);
  }

  onWindows(written: readonly Written[]): void {
    for (const { before, after } of written) if (!before) this.births.set(after.fingerprint, this.#scheduler.nowMs());
    for (const { before, after } of this.#trace ? written : []) {
      const added = after.entries.filter((entry) => !before?.entries.includes(entry));
      const what = added.map(({ captured, ...facts }) => ({
        ...facts,
        seq: captured?.seq,
        verdict: captured?.verdict,
      }));
      this.#trace?.(
        `written ${after.fingerprint} v${after.version} ${JSON.stringify(after.closed)} ${JSON.stringify(what)}`,
      );
    }
    for (const { before, after } of written) for (const entry of before?.entries ?? []) this.#mustLast(entry, after);
    for (const { before, after } of written) for (const entry of after.entries) this.#followClaim(entry, before);
    for (const { after } of written) for (const entry of after.entries) this.#isNoCircle(entry, after);
    for (const one of written) {
      const wrong = wrongVerdict(one, this.#configuration);
      if (wrong !== undefined) this.break(VERDICTS_RIGHT, wrong);
      for (const entry of one.after.entries) {
        this.#isReported(entry, one);
        this.#isDecidedOnce(entry, one);
      }
    }
    const granted = new Map<string, Entry>();
    for (const { before, after } of written) {
      for (const entry of after.entries) {
        if (isGranted(entry, before)) granted.set(named(entry), entry);
        if (isCalled(entry.ours) && !isCalled(known(before, entry)?.ours)) this.#onCall(entry, after);
      }
    }
    for (const entry of granted.values()) {
      this.#onGrant(
        entry,
        written.map(({ after }) => after),
      );
    }
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
      this.#deciders.set(flag.id, (this.#deciders.get(flag.id) ?? new Set()).add(flag.detector));
      if (known !== undefined && known.status !== flag.status && !NEXT_STATUSES[known.status].includes(flag.status)) {
        this.break(ONCE, `flag ${flag.charge.chargeId} went from ${known.status} to ${flag.status}`);
      }
      if (flag.status === 'expired') this.#expired.set(flag.id, flag.detector);
      if (flag.status === 'dismissed' || flag.status === 'kept') this.#expired.delete(flag.id);
      if (flag.status === 'refunded' && this.#processor.bookOf(flag.charge).ours.size === 0) {
        this.break(ONCE, `${flag.charge.chargeId} is said to be refunded, and no money has moved`);
      }
    }
  }

  #mustLast(entry: Entry, after: ChargeWindow): void {
    const now = after.entries.find((other) => named(other) === named(entry));
    const what = `${entry.chargeId} in ${after.detector}`;
    if (now === undefined) this.break(VERDICTS_STAY, `${what} was forgotten`);
    if (entry.captured && JSON.stringify(now?.captured?.verdict) !== JSON.stringify(entry.captured.verdict)) {
      this.break(
        VERDICTS_STAY,
        `${what} had ${JSON.stringify(entry.captured.verdict)}, then ${JSON.stringify(now?.captured?.verdict)}`,
      );
    }
    if (entry.released && !now?.released) this.break(VERDICTS_STAY, `${what} is not released any more`);
    const seen = after.entries.filter((other) => named(other) === named(entry)).length;
    if (seen > 1) this.break(VERDICTS_STAY, `${what} is remembered ${seen} times`);
  }

  /**
   * No charge is its own duplicate, and no two of one window are each the other's. (In two windows they may be, when one
   * of them was forgotten and its charges were told again: there the claim alone keeps the last one.)
   */
  #isNoCircle({ captured, ...ref }: Entry, { entries }: ChargeWindow): void {
    if (captured?.verdict.kind !== 'duplicate') return;
    const original = named(captured.verdict.original);
    const verdict = entries.find((other) => named(other) === original)?.captured?.verdict;
    if (verdict?.kind === 'duplicate' && named(verdict.original) === named(ref)) {
      this.break(ONCE, `${ref.chargeId} and ${original} are each the duplicate of the other`);
    }
  }

  #followClaim(entry: Entry, before: ChargeWindow | undefined): void {
    const known = before?.entries.find((other) => named(other) === named(entry))?.ours;
    const isOver = entry.ours?.state === 'failed' || entry.ours?.state === 'denied';
    if (isOver && known?.state === 'claimed' && this.#claims.get(named(entry)) === known.attempt) {
      this.#claims.delete(named(entry));
    }
  }

  /** Promise 1 at its only gate: what stands after the grant is at least what is owed, by all that is known. */
  #onGrant(entry: Entry, windows: readonly ChargeWindow[]): void {
    const { captured, ours } = entry;
    if (captured === undefined || ours === undefined || ours.state === 'denied') return;
    const running = this.#claims.get(named(entry));
    if (running !== undefined) this.break(ONCE, `${entry.chargeId} is claimed as ${ours.attempt} beside ${running}`);
    this.#claims.set(named(entry), ours.attempt);
    const { pausedMs } = this.#scheduler;
    const attempt = attemptOf({ id: flagIdOf(entry, digests), attempt: ours.attempt });
    this.#claimed.set(attempt, { atMs: this.#scheduler.nowMs(), pausedMs });
    if (this.#knowledge.isCertainlyGone(entry)) this.break(ONCE, `${entry.chargeId} is claimed and does not stand`);
    const left = captured.charge.amountMinor - this.#knowledge.refundedTotalMinor(entry);
    if (ours.refundMinor > left) this.break(ONCE, `${entry.chargeId}: ${ours.refundMinor} granted of ${left}`);
    const flag = this.#cases.allFlags().find(({ id }) => id === flagIdOf(entry, digests));
    const reason = flag && reasonToReview(flag, this.#configuration);
    if (reason !== undefined) this.break('people see first what they must', `${entry.chargeId} is claimed: ${reason}`);
    const deciders = this.#deciders.get(flagIdOf(entry, digests)) ?? new Set();
    const deciding = windows.filter(({ detector }) => deciders.has(detector));
    if (!deciding.some((window) => this.#isEnoughLeft(window, entry))) {
      this.break(NEVER_THE_LAST, `${entry.chargeId} is claimed by ${[...deciders]}, and too few stand without it`);
    }
  }

  #isEnoughLeft(window: ChargeWindow, { captured, ...ref }: Entry): boolean {
    const own = window.entries.find((other) => named(other) === named(ref))?.captured ?? captured;
    if (own === undefined) return false;
    const root = own.verdict.kind === 'duplicate' ? own.verdict.original : ref;
    const standing = new Set(
      clusterOf(window, root)
        .filter(
          (other) => standsIn(other) && !this.#claims.has(named(other)) && !this.#knowledge.isCertainlyGone(other),
        )
        .map(named),
    );
    // A window that says unpaid is believed unless a later closing as paid was answered for.
    const bornMs = this.births.get(window.fingerprint) ?? 0;
    const owed = window.closed?.owed === 0 ? this.#knowledge.owedAtLeast(own.charge, bornMs) : 1;
    return standing.size >= owed;
  }

  /**
   * Before its first call an old claim goes back if its cluster has come to need the charge. Time in which everybody who
   * could go on was paused does not count: the look may have been before it.
   */
  #onCall(entry: Entry, window: ChargeWindow): void {
    const flag = this.#cases.allFlags().find(({ id }) => id === flagIdOf(entry, digests));
    const claimed = flag && this.#claimed.get(attemptOf(flag));
    if (claimed === undefined || flag?.detector !== window.detector || entry.captured === undefined) return;
    const { pausedMs } = this.#scheduler;
    const awakeMs = this.#scheduler.nowMs() - claimed.atMs - (pausedMs - claimed.pausedMs);
    const { verdict } = entry.captured;
    const root = verdict.kind === 'duplicate' ? verdict.original : entry;
    const standing = clusterOf(window, root).filter(standsIn).length;
    if (awakeMs > CLAIM_OLD_MS && standing < (window.closed?.owed ?? 1)) {
      this.break(NEVER_THE_LAST, `${entry.chargeId} is called for by a claim that slept, and is needed by now`);
    }
  }

  /** The first detector that finds a duplicate decides alone: in all weaker windows the verdict is its. */
  #isDecidedOnce(entry: Entry, { before, after }: Written): void {
    const verdict = entry.captured?.verdict;
    if (verdict === undefined || known(before, entry)?.captured || entry.ours || entry.kept) return;
    const rank = (id: string) => this.#configuration.detectors.findIndex((detector) => detector.id === id);
    const detector = verdict.kind === 'duplicate' ? verdict.detector : undefined;
    const found = this.#foundBy.get(named(entry));
    if (found !== undefined && found !== detector && rank(found) < rank(after.detector)) {
      this.break(VERDICTS_RIGHT, `${entry.chargeId} was found by ${found}, and ${after.detector} has decided anew`);
    }
    if (detector === after.detector) this.#foundBy.set(named(entry), detector);
  }

  /** Nobody but others releases a charge, and what was kept is open again once its order is closed unpaid. */
  #isReported(entry: Entry, { before, after }: Written): void {
    const isOurs = entry.ours?.state === 'reversed-externally' || this.#knowledge.mayBeReleased(entry);
    if (entry.released && !isOurs) this.break(ONCE, `${entry.chargeId} is released, and no event has reported it`);
    const isReopened = before !== undefined && before.closed?.owed !== 0 && after.closed?.owed === 0;
    if (isReopened && entry.kept) this.break(ONCE, `${entry.chargeId} stays kept, and nothing is owed`);
  }

  onRefund({ charge, idempotencyKey }: ReversalRequest): void {
    this.#trace?.(`refunded ${charge.chargeId} as ${idempotencyKey}`);
    const flag = this.#cases.allFlags().find(({ id }) => id === flagIdOf(charge, digests));
    const book = this.#processor.bookOf(charge);
    if (book.ours.size > 0) this.break(ONCE, `${charge.chargeId} is refunded twice, now as ${idempotencyKey}`);
    if (flag === undefined || `${flag.id}-${flag.attempt}` !== idempotencyKey || flag.status !== 'refunding') {
      this.break(ONCE, `${charge.chargeId} is refunded as ${idempotencyKey} without a flag that says so`);
    }
    if (flag !== undefined) this.#mustBeApproved(flag);
    if (this.#claims.get(named(charge)) !== flag?.attempt) {
      this.break(ONCE, `${charge.chargeId} is refunded without a claim`);
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

function known(window: ChargeWindow | undefined, entry: Entry): Entry | undefined {
  return window?.entries.find((other) => named(other) === named(entry));
}

/** By its content, apart from the name that the product gives it. */
function attemptOf({ id, attempt }: { readonly id: string; readonly attempt: number }): string {
  return `${id} ${attempt}`;
}

function isGranted(entry: Entry, before: ChargeWindow | undefined): boolean {
  if (entry.ours?.state !== 'claimed') return false;
  const known = before?.entries.find((other) => named(other) === named(entry))?.ours;
  return known?.state !== 'claimed' || known.attempt !== entry.ours.attempt;
}
