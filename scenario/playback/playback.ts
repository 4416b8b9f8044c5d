import { createDigests } from '../../adapters/crypto/digests.ts';
import { createMemoryApprovalMacs } from '../../adapters/memory/approval-macs.ts';
import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../adapters/memory/cap-raises.ts';
import { createMemoryCaseStore } from '../../adapters/memory/case-store.ts';
import { createMemoryCharges } from '../../adapters/memory/charges.ts';
import { createMemoryFreezeStore } from '../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../adapters/memory/lag-store.ts';
import { createMemoryOutflows } from '../../adapters/memory/outflows.ts';
import { createMemorySigningKeys } from '../../adapters/memory/signing-keys.ts';
import { createMemorySuspensionStore } from '../../adapters/memory/suspension-store.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import type { RecordChange } from '../../core/alerts/notify.ts';
import type { FlagId, Minor, Ms } from '../../core/brands.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import { type Flag, isUnresolved, passesByItself } from '../../core/cases/flag.ts';
import { raiseFlags } from '../../core/cases/raise-flags.ts';
import { DAY_MS, MINUTE_MS } from '../../core/clock-units.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { attestedFromTheStart } from '../../core/detection/attested-since.ts';
import { detect } from '../../core/detection/detect.ts';
import type { JudgeContext } from '../../core/detection/judging.ts';
import { usedFromTheStart } from '../../core/detection/new-detectors.ts';
import type { SuspensionStore } from '../../core/detection/suspensions.ts';
import { parseEvent } from '../../core/events/parse-event.ts';
import type { ChargeRef } from '../../core/events/payment-event.ts';
import type { BatchQuarantine, Quarantined } from '../../core/events/quarantine.ts';
import { budgetedQuarantine } from '../../core/incidents/refusal-budget.ts';
import { dispatch } from '../../core/refunds/dispatch.ts';
import { sweep } from '../../core/refunds/sweep.ts';
import { Agenda } from './agenda.ts';
import { type Alerting, createAlerting } from './alerting.ts';
import { withOutbox } from './outbox.ts';
import { Processor } from './processor.ts';
import { RefundWorkflows, type StepsContext } from './refund-workflows.ts';
import type { StreamLine } from './stream-line.ts';

export interface PlaybackProps {
  /** In the order in which they reach the stream. */
  readonly stream: readonly StreamLine[];
  readonly configuration: Configuration;
  readonly configurationHash: string;
}

/** What the end of a playback shows. */
export interface Played {
  readonly flags: readonly Flag[];
  /** Each record once. */
  readonly quarantined: readonly Quarantined[];
  readonly alerts: readonly Alert[];
  /** What our refunds have returned of a charge, by the processor's books. */
  readonly returnedMinor: (charge: ChargeRef) => Minor;
}

/** What detection, the workflow's steps and the sweep work with. */
type PlaybackContext = StepsContext &
  JudgeContext & {
    readonly configuration: Configuration;
    readonly cases: CaseStore;
    readonly suspensions: SuspensionStore;
  };

/** As production runs them: lib/dispatch.ts and lib/alerts.ts. */
const SWEEP_MS = 5 * MINUTE_MS;
/** After the last event production looks for so long at what waits, and an act may be so much later than the one before. */
const RUN_ON_MS = 3 * DAY_MS;
/** No secret: a playback keeps nothing that a key would protect. */
const FINGERPRINT_KEY = { version: 'playback', key: 'the fingerprint key of playbacks' };

/**
 * Plays stream records on the production core with a virtual clock, stores in memory and a processor with books of its
 * own. No approver acts. The same records and configuration end the same.
 */
export async function play(props: PlaybackProps): Promise<Played> {
  const playback = new Playback(props);
  await playback.run();
  return playback.ended();
}

class Playback {
  readonly #stream: readonly StreamLine[];
  readonly #agenda: Agenda;
  readonly #processor: Processor;
  readonly #cases = withOutbox(createMemoryCaseStore(), (changes) => this.#deliver(changes));
  readonly #charges = createMemoryCharges();
  readonly #freezes = createMemoryFreezeStore();
  readonly #quarantined = new Map<string, Quarantined>();
  readonly #unresolved = new Map<FlagId, Flag>();
  readonly #context: PlaybackContext;
  readonly #workflows: RefundWorkflows;
  readonly #alerting: Alerting;
  readonly #quarantine: BatchQuarantine;
  /** After it no round comes: production's own would go on for ever. */
  readonly #endMs: Ms;
  /** The first record that has not reached the stream. */
  #next = 0;

  constructor({ stream, configuration, configurationHash }: PlaybackProps) {
    const agenda = new Agenda(stream[0]?.arrivedMs ?? 0);
    const nowMs = () => agenda.nowMs();
    const random = () => 0.5;
    this.#stream = stream;
    this.#endMs = (stream.at(-1)?.arrivedMs ?? 0) + RUN_ON_MS;
    this.#agenda = agenda;
    this.#processor = new Processor(nowMs);
    this.#context = {
      configuration,
      configurationHash,
      namespaces: new Map(),
      detectorsSince: async () => usedFromTheStart(configuration.detectors),
      attestedSince: async () => attestedFromTheStart(configuration.sources),
      digests: createDigests(FINGERPRINT_KEY),
      cases: this.#cases,
      records: this.#charges.records,
      windows: this.#charges.windows,
      claims: this.#charges.claims,
      reservations: this.#charges.claims,
      approvalMacs: createMemoryApprovalMacs(),
      budgets: createMemoryBudgets(),
      raises: createMemoryCapRaises(),
      outflows: createMemoryOutflows(),
      noteBeyondCap: () => {},
      freezes: this.#freezes,
      lag: createMemoryLagStore(),
      suspensions: createMemorySuspensionStore(),
      gatewayOf: () => this.#processor,
      nowMs,
      random,
      sleep: async (ms) => agenda.advanceTo(nowMs() + ms),
    };
    this.#workflows = new RefundWorkflows(agenda, this.#context);
    const stores = { cases: this.#cases, freezes: this.#freezes, suspensions: this.#context.suspensions };
    this.#alerting = createAlerting({ configuration, ...stores, nowMs, random });
    this.#quarantine = budgetedQuarantine({
      quarantine: {
        put: async (record) => this.#setAside(record),
        putTogether: async ({ records }) => {
          for (const record of records) this.#setAside(record);
        },
      },
      digests: this.#context.digests,
      refusals: this.#alerting.refusals,
      sources: configuration,
      nowMs,
    });
    this.#fillBooks();
  }

  async run(): Promise<void> {
    this.#awaitArrival();
    for (;;) {
      const dueMs = this.#agenda.nextMs() ?? Number.POSITIVE_INFINITY;
      const roundMs = await this.#nextRoundMs();
      if (roundMs < dueMs) await this.#doRound(roundMs);
      else if (this.#hasArrivals() || dueMs <= this.#agenda.nowMs() + RUN_ON_MS) await this.#agenda.runNext();
      else return;
    }
  }

  ended(): Played {
    return {
      flags: this.#cases.allFlags(),
      quarantined: [...this.#quarantined.values()],
      alerts: this.#alerting.sent(),
      returnedMinor: (charge) => this.#processor.returnedMinor(charge),
    };
  }

  #fillBooks(): void {
    for (const { bytes, arrivedMs, said } of this.#stream) {
      const parsed = parseEvent(bytes, arrivedMs, this.#context.configuration);
      if (parsed.kind === 'event' && said.isLive) {
        this.#processor.book(parsed.event, { arrivedMs, payment: said.payment });
      }
    }
  }

  #setAside(record: Quarantined): void {
    this.#quarantined.set(record.id, record);
  }

  #hasArrivals(): boolean {
    return this.#next < this.#stream.length;
  }

  #awaitArrival(): void {
    const first = this.#stream[this.#next];
    if (first !== undefined) this.#agenda.add(first.arrivedMs, () => this.#arrive(first.arrivedMs));
  }

  /** Judges in one batch what reaches the stream at one time. */
  async #arrive(arrivedMs: Ms): Promise<void> {
    const from = this.#next;
    while (this.#stream[this.#next]?.arrivedMs === arrivedMs) this.#next++;
    const records = this.#stream.slice(from, this.#next);
    const { failures, processed, acceptedBySource } = await detect(records, {
      ...this.#context,
      signingKeys: createMemorySigningKeys(),
      quarantine: this.#quarantine,
      raiseFlags: (views, actor) => raiseFlags(views, actor, this.#context),
    });
    // Stores in memory never fail: a failure is a bug of the core.
    if (failures[0] !== undefined) throw failures[0].error;
    await this.#alerting.meter.count({ charges: processed, acceptedBySource, records: records.length, lagMs: 0 });
    this.#awaitArrival();
  }

  #deliver(changes: readonly RecordChange[]): void {
    for (const { kind, after } of changes) {
      if (kind !== 'flag') continue;
      if (isUnresolved(after)) this.#unresolved.set(after.id, after);
      else this.#unresolved.delete(after.id);
    }
    this.#agenda.add(this.#agenda.nowMs(), async () => {
      await this.#alerting.deliver(changes);
      for (const { kind, after } of changes) {
        if (kind === 'flag') await dispatch(after, { ...this.#context, workflows: this.#workflows });
      }
    });
  }

  /** Returns when production would look next at what waits; infinite where nothing needs it, or too late after the end. */
  async #nextRoundMs(): Promise<Ms> {
    const nowMs = this.#agenda.nowMs();
    const roundsMs = [
      ...(this.#isSweepNeeded() ? [nextFull(SWEEP_MS, nowMs)] : []),
      ...((await this.#alerting.isMinuteNeeded()) ? [nextFull(MINUTE_MS, nowMs)] : []),
    ];
    const nextMs = Math.min(...roundsMs);
    return nextMs > this.#endMs ? Number.POSITIVE_INFINITY : nextMs;
  }

  /** After the last event a sweep can end only what passes with time: what waits for an approver keeps waiting. */
  #isSweepNeeded(): boolean {
    if (this.#hasArrivals()) return this.#unresolved.size > 0;
    return [...this.#unresolved.values()].some(
      (flag) => flag.status === 'held' && flag.wait.waitsFor.every(passesByItself),
    );
  }

  async #doRound(atMs: Ms): Promise<void> {
    this.#agenda.advanceTo(atMs);
    if (atMs % MINUTE_MS === 0) await this.#alerting.doMinute();
    if (atMs % SWEEP_MS === 0) await sweep({ ...this.#context, workflows: this.#workflows });
  }
}

/** Returns the first full period after a time. */
function nextFull(periodMs: Ms, afterMs: Ms): Ms {
  return (Math.floor(afterMs / periodMs) + 1) * periodMs;
}
