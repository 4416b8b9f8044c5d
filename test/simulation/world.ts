import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import { dispatch } from '../../core/refunds/dispatch.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { sweep } from '../../core/refunds/sweep.ts';
import type { Random } from '../../scenario/random.ts';
import { HOUR, MINUTE, SECOND, START_MS } from '../fixtures/charges.ts';
import { letIn } from './attackers.ts';
import type { Charges } from './charges.ts';
import { type Context, contextFor, detectFor, type Ports } from './context.ts';
import { type Faults, NO_FAULTS } from './faults.ts';
import { checkTheEnd } from './final-check.ts';
import { type ForgeWorld, forgeApprovals, forgeClaim } from './forge.ts';
import { Knowledge } from './knowledge.ts';
import { JUDGED, Losses } from './losses.ts';
import { freezeSomething, type Operators, restoreSomething, thawEverything } from './operators.ts';
import { newsOfOurRefund } from './our-refunds.ts';
import { decideEverything, decideSomething, type PeopleWorld } from './people.ts';
import { bookEvent, createProcessor } from './processor.ts';
import { Referee } from './referee.ts';
import { refereedCases, refereedCharges } from './refereed-stores.ts';
import { RefundEngine } from './refund-engine.ts';
import { type Run, Scheduler } from './scheduler.ts';
import { type Attacker, anyFaults, drawNight, type Night, NO_SUSPENSIONS } from './settings.ts';
import { createStores } from './stores.ts';
import { drawStories, type Happening } from './story.ts';
import { Stream } from './stream.ts';

/** Seams for wrong implementations of a port: the simulator must find them. */
export interface Wraps {
  readonly charges?: (stores: Charges) => Charges;
}

/** Far more than a simulation of some dozen events takes: who gets here goes round in circles. */
const STEPS_MAX = 400_000;
const DRAIN_ROUNDS_MAX = 40;

/** Everything of one night. */
export class World {
  readonly scheduler: Scheduler;
  readonly stores = createStores();
  readonly referee: Referee;
  readonly #random: Random;
  readonly #knowledge = new Knowledge();
  readonly #delivered = new Map<PaymentEvent, number>();
  readonly #night: Night;
  #configuration: Configuration;
  readonly #processor: ReturnType<typeof createProcessor>;
  readonly #engine: RefundEngine;
  readonly #stream: Stream;
  readonly #refereedCharges: Charges;
  readonly #refereedCases: CaseStore;
  readonly #unanswered = new Set<Flag>();
  readonly #attacker: Attacker | undefined;
  #faults: Faults;
  #unheard = 0;

  constructor(
    random: Random,
    {
      wraps,
      attacker,
      trace,
    }: { wraps: Wraps; attacker: Attacker | undefined; trace: ((line: string) => void) | undefined },
  ) {
    this.#random = random;
    this.#attacker = attacker;
    this.scheduler = new Scheduler(random.fork(), START_MS);
    this.#night = drawNight(random, attacker);
    this.#configuration = this.#night.configuration;
    this.#faults = anyFaults(random);
    this.#processor = createProcessor(random.fork());
    const timed = trace && ((line: string) => trace(`${new Date(this.scheduler.nowMs()).toISOString()} ${line}`));
    this.referee = new Referee({
      cases: this.stores.cases,
      charges: this.stores.charges,
      losses: (deployed) =>
        new Losses({
          budgets: () => this.stores.budgets,
          outflows: this.stores.outflows,
          approverSums: this.stores.approverSums,
          processor: this.#processor,
          deployed,
        }),
      judged: attacker && JUDGED[attacker],
      knowledge: this.#knowledge,
      processor: this.#processor,
      configuration: this.#configuration,
      scheduler: this.scheduler,
      trace: timed,
    });
    this.#processor.onRefund = (request) => this.#onRefund(request);
    const refereed = refereedCharges(this.stores.charges, this.referee, () => this.scheduler.nowMs());
    this.#refereedCharges = wraps.charges?.(refereed) ?? refereed;
    this.#refereedCases = refereedCases(this.stores.cases, this.referee, (flag) => this.#dispatch(flag));
    const { scheduler } = this;
    const contextOf = (run: Run) => this.#contextOf(run);
    this.#engine = new RefundEngine({ scheduler, random: random.fork(), contextOf });
    this.#stream = new Stream({
      scheduler,
      random: random.fork(),
      detect: (batch, run) => detectFor(batch, run, this.#ports()),
      stallChance: this.#night.stallChance,
      onAttempt: (records) => {
        this.referee.onRecords('begun', records);
        for (const { event } of records) this.#knowledge.attempted(event);
      },
      onDone: (records) => {
        this.referee.onRecords('done', records);
        for (const { event } of records) {
          this.#knowledge.done(event, scheduler.nowMs());
          // A repetition writes nothing, so the memory of it is as old as the first time.
          if (Number.isNaN(this.#delivered.get(event))) this.#delivered.set(event, scheduler.nowMs());
        }
      },
    });
  }

  /** The night itself, with every fault, until the last event was heard. */
  async live(events: number): Promise<void> {
    const random = this.#random.fork();
    const story = drawStories(random, events, this.#night.plot);
    for (const happening of story) this.#happen(happening);
    if (this.#attacker !== undefined) this.#letIn(this.#attacker, story);
    for (let at = 0; at < 12; at++) this.#later(random.integer(0, 150) * MINUTE, () => this.#decide(decideSomething));
    for (let at = 1; at <= 18; at++) this.#later(at * 10 * MINUTE, () => this.#sweep());
    this.#later(random.integer(1, 60) * MINUTE, () => freezeSomething(this.#operators));
    this.#later(random.integer(60, 120) * MINUTE, () => thawEverything(this.#operators));
    for (let at = 0; at < 2; at++)
      this.#later(random.integer(30, 150) * MINUTE, () => restoreSomething(this.#operators));
    const { change } = this.#night;
    if (change !== undefined) this.#later(change.afterMs, async () => this.#deploy(change.configuration));
    for (const forge of [forgeClaim, forgeApprovals]) {
      if (random.chance(0.15)) this.#later(random.integer(1, 150) * MINUTE, () => forge(this.#forging(random)));
    }
    for (let at = 0; at < 4; at++) {
      this.#later(random.integer(1, 17 * 24) * HOUR, async () =>
        this.stores.charges.deleteExpired(this.scheduler.nowMs()),
      );
    }
    while (this.#unheard > 0 || !this.#stream.isDrained()) {
      this.#stream.redrive();
      if (!(await this.#step())) break;
    }
  }

  #forging(random: Random): ForgeWorld {
    return { random, stores: this.stores, referee: this.referee, scheduler: this.scheduler };
  }

  #letIn(attacker: Attacker, story: readonly Happening[]): void {
    letIn(attacker, {
      ...this.#forging(this.#random.fork()),
      charges: () => story.flatMap((each) => chargedBy(each, this.scheduler.nowMs())),
      put: (event) => this.#stream.put(event),
      contextOf: (run) => ({ ...this.#contextOf(run), raises: this.stores.raises }),
    });
  }

  /** Runs that have begun go on with the configuration of before. */
  #deploy(configuration: Configuration): void {
    this.#configuration = configuration;
    this.referee.deployed.push(configuration);
  }

  /** The faults are over: each approver who is waited for decides, until nothing is left to do. */
  async drain(): Promise<void> {
    this.#faults = NO_FAULTS;
    this.#processor.calm();
    await thawEverything(this.#operators);
    for (let round = 0; round < DRAIN_ROUNDS_MAX; round++) {
      while (await this.#step());
      if (this.referee.broken !== undefined) return;
      const isOver = this.stores.cases
        .allFlags()
        .filter((flag) => !this.referee.isForged(flag))
        .every(({ status }) => !['open', 'held', 'approved', 'expired', 'refunding'].includes(status));
      if (isOver && this.#unanswered.size === 0 && this.#stream.isDrained()) break;
      await thawEverything(this.#operators);
      this.#stream.redrive();
      this.#later(HOUR, () => this.#sweep());
      this.#later(2 * HOUR, () => this.#decide(decideEverything));
    }
    // What an attacker has written or sent need not come to an end.
    if (this.#attacker !== undefined) return;
    await checkTheEnd({
      configuration: this.#configuration,
      charges: this.stores.charges,
      cases: this.stores.cases,
      knowledge: this.#knowledge,
      processor: this.#processor,
      referee: this.referee,
      nowMs: this.scheduler.nowMs(),
      delivered: this.#delivered,
    });
  }

  async #step(): Promise<boolean> {
    if (this.scheduler.steps > STEPS_MAX) {
      this.referee.break('everything comes to an end', `after ${STEPS_MAX} steps it has not`);
      return false;
    }
    return this.referee.broken === undefined && (await this.scheduler.step());
  }

  #later(ms: number, act: () => Promise<unknown>): void {
    void this.scheduler.sleep(ms).then(act);
  }

  /** Books change first, by what the processor still allows; then the stream hears of it, late, twice or at once. */
  #happen({ event, atMs, arrivalsMs }: Happening): void {
    this.#unheard += arrivalsMs.length;
    let isTrue = true;
    this.#later(atMs - START_MS, async () => {
      isTrue = bookEvent(this.#processor, event);
      if (isTrue) this.#delivered.set(event, Number.NaN);
    });
    for (const arrivalMs of arrivalsMs) {
      this.#later(Math.max(arrivalMs, atMs + 1) - START_MS, async () => {
        this.#unheard--;
        if (isTrue) this.#stream.put(event);
      });
    }
  }

  #onRefund(request: ReversalRequest): void {
    this.referee.onRefund(request);
    for (const { afterMs, hasFailed, eventAt } of newsOfOurRefund(request, this.#random, this.scheduler.nowMs())) {
      this.#later(afterMs, async () => {
        if (hasFailed) this.#processor.bounce(request);
        const event = eventAt(this.scheduler.nowMs());
        this.#delivered.set(event, Number.NaN);
        this.#stream.put(event);
      });
    }
  }

  #contextOf(run: Run): Context {
    return contextFor(run, this.#ports());
  }

  #ports(): Ports {
    return {
      ...this.stores,
      scheduler: this.scheduler,
      random: this.#random,
      faults: () => this.#faults,
      configuration: () => this.#configuration,
      configurationHash: () => (this.#configuration === this.#night.configuration ? 'before' : 'after'),
      referee: this.referee,
      charges: this.#refereedCharges,
      cases: this.#refereedCases,
      processor: this.#processor,
      engine: this.#engine,
      suspensions: this.#night.suspends ? this.stores.suspensions : NO_SUSPENSIONS,
    };
  }

  #dispatch(flag: Flag): void {
    const isCalm = this.#faults === NO_FAULTS;
    if (!isCalm && this.#random.chance(0.05)) return;
    const times = !isCalm && this.#random.chance(0.1) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.#later(this.#random.integer(0, 20) * SECOND, async () => {
        await this.scheduler.invoke('dispatch', (run) => dispatch(flag, this.#contextOf(run))).catch(() => {});
      });
    }
  }

  async #sweep(): Promise<void> {
    await this.scheduler.invoke('sweep', (run) => sweep(this.#contextOf(run))).catch(() => {});
  }

  get #operators(): Operators {
    return { stores: this.stores, random: this.#random, nowMs: () => this.scheduler.nowMs() };
  }

  /** Beside a stolen approver no other one decides: what goes is the attacker's alone. */
  async #decide(act: (world: PeopleWorld) => Promise<void>): Promise<void> {
    if (this.#attacker === 'approver') return;
    await act({
      scheduler: this.scheduler,
      random: this.#random,
      knowledge: this.#knowledge,
      contextOf: (run) => this.#contextOf(run),
      flags: () => this.stores.cases.allFlags(),
      unanswered: this.#unanswered,
    });
  }
}

function chargedBy({ event, atMs }: Happening, nowMs: number): readonly Charge[] {
  return event.kind === 'charge.captured' && atMs <= nowMs ? [event.charge] : [];
}
