import type { Detected } from '../../core/detection/detect.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import type { Random } from '../../scenario/random.ts';
import { DAY, MINUTE, SECOND } from '../fixtures/charges.ts';
import { wireOf } from '../fixtures/wire-of.ts';
import type { Run, Scheduler } from './scheduler.ts';

export interface DeliveredRecord {
  readonly event: PaymentEvent;
  readonly bytes: Uint8Array;
  readonly arrivedMs: number;
}

export interface StreamWorld {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly detect: (batch: readonly DeliveredRecord[], run: Run) => Promise<Detected>;
  /** For each batch: the reader stands still for minutes before it. */
  readonly stallChance: number;
  /** A consumer begins to deal with records. */
  readonly onAttempt: (records: readonly DeliveredRecord[]) => void;
  /** A consumer has answered that records are dealt with. */
  readonly onDone: (records: readonly DeliveredRecord[]) => void;
}

const SHARDS = 3;
const BATCH_MAX = 5;
/** Beyond it a batch is split, and at last a single record is put into the dead-letter store. */
const TRIES_MAX = 4;
const REPLAY_CHANCE = 0.2;
const SPLIT_CHANCE = 0.1;
/** Kinesis keeps records for a day unless it is told otherwise. */
const RETENTION_MS = DAY;

/** A stream as Kinesis and its mapping deliver it: in order within a shard, again and again, never to be relied on. */
export class Stream {
  readonly #shards: DeliveredRecord[][] = Array.from({ length: SHARDS }, () => []);
  readonly #deadLetters: DeliveredRecord[] = [];
  readonly #consumed: number[] = this.#shards.map(() => 0);
  readonly #wake: (() => void)[] = [];
  /** How often somebody puts old records on the stream anew: each makes work that could make more. */
  #laterRuns = 4;
  readonly #world: StreamWorld;

  constructor(world: StreamWorld) {
    this.#world = world;
    for (const shard of this.#shards.keys()) void this.#consume(shard);
  }

  put(event: PaymentEvent): void {
    const { scheduler } = this.#world;
    this.#append(this.#shardOf(event), { event, bytes: wireOf(event), arrivedMs: scheduler.nowMs() });
  }

  /** A payer's events share a shard, until it is split; a closing has no payer and may be in any. */
  #shardOf(event: PaymentEvent): number {
    const { random } = this.#world;
    if (event.kind === 'order.closed' || random.chance(SPLIT_CHANCE)) return random.integer(0, SHARDS - 1);
    return event.charge.payer === 'p_1' ? 0 : 1;
  }

  isDrained(): boolean {
    return this.#deadLetters.length === 0 && this.#shards.every((records, at) => records.length === this.#consumed[at]);
  }

  /** What was given up as undeliverable goes back on the stream, as it was. */
  redrive(): void {
    for (const record of this.#deadLetters.splice(0)) this.#append(0, record);
  }

  #append(shard: number, record: DeliveredRecord): void {
    this.#shards[shard]?.push(record);
    this.#wake[shard]?.();
  }

  async #consume(shard: number): Promise<void> {
    const { scheduler, random, stallChance } = this.#world;
    let [tries, sizeMax] = [0, BATCH_MAX];
    for (;;) {
      const from = this.#consumed[shard] ?? 0;
      const batch = (this.#shards[shard] ?? []).slice(from, from + random.integer(1, sizeMax));
      if (batch.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake[shard] = resolve;
        });
        continue;
      }
      if (random.chance(stallChance)) await scheduler.sleep(random.integer(1, 15) * MINUTE);
      const done = await this.#deliver(batch);
      this.#consumed[shard] = from + done;
      tries = done > 0 ? 0 : tries + 1;
      sizeMax = tries === 0 ? BATCH_MAX : Math.ceil(sizeMax / 2);
      if (tries > TRIES_MAX && batch.length === 1) {
        this.#deadLetters.push(...batch);
        this.#consumed[shard] = from + 1;
      }
      if (random.chance(REPLAY_CHANCE)) this.#replay(shard);
      if (done < batch.length) await scheduler.sleep(random.integer(0, 5) * SECOND);
    }
  }

  /**
   * Another consumer, thought to be dead, reads old records once more while this one goes on; nobody repeats what it does
   * not finish. What the stream has given up by its age can only come again as a new record.
   */
  #replay(shard: number): void {
    const slice = this.#anySlice(shard);
    const nowMs = this.#world.scheduler.nowMs();
    if (slice.every(({ arrivedMs }) => nowMs - arrivedMs <= RETENTION_MS)) void this.#deliver(slice);
    else if (this.#laterRuns-- > 0) for (const record of slice) this.#append(shard, { ...record, arrivedMs: nowMs });
  }

  #anySlice(shard: number): readonly DeliveredRecord[] {
    const records = this.#shards[shard] ?? [];
    const from = this.#world.random.integer(0, this.#consumed[shard] ?? 0);
    return records.slice(from, from + BATCH_MAX);
  }

  /** How many records, from the first on, are dealt with. */
  async #deliver(batch: readonly DeliveredRecord[]): Promise<number> {
    const { scheduler, detect, onAttempt, onDone } = this.#world;
    if (batch.length === 0) return 0;
    onAttempt(batch);
    try {
      const { failedFrom } = await scheduler.invoke('detect', (run) => detect(batch, run));
      const done = failedFrom ?? batch.length;
      onDone(batch.slice(0, done));
      return done;
    } catch {
      return 0;
    }
  }
}
