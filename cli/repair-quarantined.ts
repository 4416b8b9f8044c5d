import type { Ms } from '../core/brands.ts';
import { iso } from '../core/clock-units.ts';
import type { SignerOf } from '../core/events/sign-event.ts';
import type { EventRules } from '../core/events/source.ts';
import type { QuarantineIndex } from '../core/redrive/quarantine-index.ts';
import type { QuarantinedItem } from '../core/redrive/quarantined-item.ts';
import { type Repaired, type RepairFault, type RepairRule, repair } from '../core/redrive/repair.ts';
import type { StreamRecord } from './put-records.ts';
import { shownInLine } from './quarantine-report.ts';
import { reasonOf } from './reasons.ts';
import { inParallel, inRounds } from './rounds.ts';

export interface RepairContext {
  readonly rule: RepairRule;
  /** The rule in words, for the record's history. */
  readonly ruleText: string;
  /** What the stage accepts. */
  readonly rules: EventRules;
  readonly signerOf: SignerOf;
  readonly index: Pick<QuarantineIndex, 'beginSending' | 'markRepaired'>;
  readonly bytesOf: (item: QuarantinedItem) => Promise<Uint8Array>;
  readonly put: (records: readonly StreamRecord[]) => Promise<void>;
  readonly nowMs: () => Ms;
  /** The operator. Absent: it only shows what the rule would do. */
  readonly by: string | undefined;
  readonly onProgress?: (records: number) => void;
}

/** Why a record stays: `repair` refuses it, its object cannot be read, or it changed while it was repaired. */
type LeftBecause = RepairFault | 'unread' | 'decided' | 'refused-again';

interface Left {
  readonly because: LeftBecause;
  readonly records: number;
  /** The first of them. */
  readonly example: { readonly id: string; readonly detail: string };
}

export interface RepairSample {
  readonly id: string;
  readonly before: string;
  readonly after: string;
}

export interface RepairReport {
  readonly isApplied: boolean;
  /** Records whose repaired event can be judged; where the rule was applied, those that are on the stream. */
  readonly repaired: number;
  /** Most records first. */
  readonly left: readonly Left[];
  readonly samples: readonly RepairSample[];
}

/** Records of one round: few enough to be repeated after a crash, enough for one request to the stream. */
const ROUND = 100;
const SAMPLES = 3;

type Sendable = Extract<Repaired, { kind: 'sendable' }> & { readonly item: QuarantinedItem };

/**
 * Repairs records by one rule, round by round: each is marked, its event is put on the stream, and only then it counts as
 * repaired. A run that ends in between leaves records that wait: the next run sends them again, and detection knows them.
 * A record that cannot be repaired stays as it is and does not stop the others.
 */
export async function repairAll(items: AsyncIterable<QuarantinedItem>, context: RepairContext): Promise<RepairReport> {
  const { by } = context;
  const tally = new Tally(by !== undefined);
  for await (const round of inRounds(items, ROUND)) {
    const sendable = await tryRule(round, context, tally);
    if (by === undefined) tally.repaired += sendable.length;
    else await send(sendable, { ...context, by }, tally);
    context.onProgress?.(tally.looked);
  }
  return tally.report();
}

async function tryRule(round: readonly QuarantinedItem[], context: RepairContext, tally: Tally): Promise<Sendable[]> {
  const { rule, rules, signerOf, bytesOf } = context;
  const sendable: Sendable[] = [];
  await inParallel(round, async (item) => {
    tally.looked += 1;
    let kept: Uint8Array;
    try {
      kept = await bytesOf(item);
    } catch (error) {
      return tally.leave(item, 'unread', reasonOf(error) ?? String(error));
    }
    const outcome = repair(item, kept, { rule, rules, signerOf });
    if (outcome.kind === 'refused') return tally.leave(item, outcome.reason, outcome.detail);
    sendable.push({ ...outcome, item });
    const { bytes } = outcome.record;
    tally.show({ id: item.id, before: shownInLine(kept), after: shownInLine(bytes) });
  });
  return sendable;
}

async function send(
  sendable: readonly Sendable[],
  context: RepairContext & { readonly by: string },
  tally: Tally,
): Promise<void> {
  const { index, put, nowMs, by, ruleText } = context;
  const begun: Sendable[] = [];
  await inParallel(sendable, async (each) => {
    if (await index.beginSending(each.item.id)) begun.push(each);
    else tally.leave(each.item, 'decided', 'another operator repaired or discarded it meanwhile');
  });
  if (begun.length === 0) return;
  await put(begun.map(({ record }) => record));
  await inParallel(begun, async ({ item }) => {
    const decision = { what: 'repaired', at: iso(nowMs()), by, reason: ruleText } as const;
    if (await index.markRepaired(item.id, decision)) tally.repaired += 1;
    else tally.leave(item, 'refused-again', 'it was quarantined again, or another operator sent it meanwhile');
  });
}

class Tally {
  looked = 0;
  repaired = 0;
  readonly #isApplied: boolean;
  readonly #left = new Map<LeftBecause, Left>();
  readonly #samples: RepairSample[] = [];

  constructor(isApplied: boolean) {
    this.#isApplied = isApplied;
  }

  leave({ id }: QuarantinedItem, because: LeftBecause, detail: string): void {
    const { records = 0, example = { id, detail } } = this.#left.get(because) ?? {};
    this.#left.set(because, { because, records: records + 1, example });
  }

  show(sample: RepairSample): void {
    if (this.#samples.length < SAMPLES) this.#samples.push(sample);
  }

  report(): RepairReport {
    const left = [...this.#left.values()].sort((a, b) => b.records - a.records);
    return { isApplied: this.#isApplied, repaired: this.repaired, left, samples: this.#samples };
  }
}

export function describeRepair({ isApplied, repaired, left, samples }: RepairReport): string {
  const records = (count: number) => `${count} ${count === 1 ? 'record' : 'records'}`;
  const done = isApplied ? `${records(repaired)} repaired and on the stream.` : `${records(repaired)} can be repaired.`;
  return [
    ...(isApplied ? [] : samples.flatMap(({ id, before, after }) => [id, `  before  ${before}`, `  after   ${after}`])),
    ...left.map(
      ({ because, records: count, example }) =>
        `left as they are: ${records(count)}, ${because}. For example ${example.id}: ${example.detail}`,
    ),
    done,
    ...(isApplied || repaired === 0 ? [] : ['Nothing was changed. Put the events on the stream with --apply.']),
  ].join('\n');
}
