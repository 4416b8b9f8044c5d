import { recordsOf } from '../adapters/s3/bundled-records.ts';
import type { KeepRest } from '../adapters/s3/rest-of-records.ts';
import type { Ms } from '../core/brands.ts';
import { iso } from '../core/clock-units.ts';
import type { SignerOf } from '../core/events/sign-event.ts';
import type { EventRules } from '../core/events/source.ts';
import type { QuarantineIndex } from '../core/redrive/quarantine-index.ts';
import { type KeptRecord, type QuarantinedItem, recordsIn } from '../core/redrive/quarantined-item.ts';
import { type RepairFault, type RepairRule, repair } from '../core/redrive/repair.ts';
import { UserError } from '../core/user-error.ts';
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
  readonly keepRest: KeepRest;
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

/** Items of one round: few enough to be repeated after a crash, enough for one request to the stream. */
const ROUND = 100;
const SAMPLES = 3;

/** An item of which at least one record can be sent. */
interface Sendable {
  readonly item: QuarantinedItem;
  readonly sendable: readonly StreamRecord[];
  /** What stays, where records are stored together. */
  readonly rest: readonly KeptRecord[];
}

/**
 * Repairs records by one rule, round by round: each is marked, its event is put on the stream, and only then it counts as
 * repaired. A run that ends in between leaves records that wait: the next run sends them again, and detection knows them.
 * A record that cannot be repaired stays as it is and does not stop the others. Of records that are stored together, those
 * that stay are listed anew before anything is sent.
 */
export async function repairAll(items: AsyncIterable<QuarantinedItem>, context: RepairContext): Promise<RepairReport> {
  const { by } = context;
  const tally = new Tally(by !== undefined);
  for await (const round of inRounds(items, ROUND)) {
    const sendable = await tryRule(round, context, tally);
    if (by === undefined) for (const each of sendable) tally.repaired += each.sendable.length;
    else await send(sendable, { ...context, by }, tally);
    context.onProgress?.(tally.looked);
  }
  return tally.report();
}

async function tryRule(round: readonly QuarantinedItem[], context: RepairContext, tally: Tally): Promise<Sendable[]> {
  const sendable: Sendable[] = [];
  await inParallel(
    round.filter(({ id }) => !tally.isListedAnew(id)),
    async (item) => {
      checkRule(item, context.rule);
      tally.looked += recordsIn(item);
      let kept: readonly KeptRecord[];
      try {
        kept = recordsOf(item, await context.bytesOf(item));
      } catch (error) {
        return tally.leave(item, 'unread', reasonOf(error) ?? String(error));
      }
      const tried = tryOn(item, kept, { context, tally });
      if (tried.sendable.length > 0) sendable.push(tried);
    },
  );
  return sendable;
}

function checkRule({ id, records }: QuarantinedItem, { kind }: RepairRule): void {
  if (kind !== 'replace' || records === undefined) return;
  throw new UserError(
    `${id} is ${records} records that are stored together; repair them by a rule, or put the event on the stream with onecharge replay`,
  );
}

function tryOn(
  item: QuarantinedItem,
  kept: readonly KeptRecord[],
  { context, tally }: { readonly context: RepairContext; readonly tally: Tally },
): Sendable {
  const sendable: StreamRecord[] = [];
  const rest: KeptRecord[] = [];
  for (const each of kept) {
    const outcome = repair(each.item, each.bytes, context);
    if (outcome.kind === 'refused') {
      rest.push(each);
      tally.leave({ ...each.item, id: item.id }, outcome.reason, outcome.detail);
      continue;
    }
    sendable.push(outcome.record);
    tally.show({ id: item.id, before: shownInLine(each.bytes), after: shownInLine(outcome.record.bytes) });
  }
  if (rest.length === 0 || sendable.length === 0 || isLasting(item)) return { item, sendable, rest };
  const parted = 'its records could not be read, so that they are repaired all together or not at all';
  tally.leave({ ...item, records: sendable.length }, 'rule', parted);
  return { item, sendable: [], rest };
}

/** Returns false for what could not be read: it is stored under a prefix of its own, for days, and written nowhere else. */
function isLasting({ objectKey, reason }: QuarantinedItem): boolean {
  return objectKey.startsWith(`${reason}/`);
}

async function send(
  sendable: readonly Sendable[],
  context: RepairContext & { readonly by: string },
  tally: Tally,
): Promise<void> {
  const { index, put, nowMs, by, ruleText } = context;
  const begun: (Sendable & { readonly reason: string })[] = [];
  await inParallel(sendable, async (each) => {
    if (await index.beginSending(each.item.id)) {
      const parted = await keepRestOf(each, context, tally);
      begun.push({ ...each, reason: parted === undefined ? ruleText : `${ruleText}; ${parted}` });
    } else tally.leave(sentOf(each), 'decided', 'another operator repaired or discarded it meanwhile');
  });
  if (begun.length === 0) return;
  await put(begun.flatMap((each) => each.sendable));
  await inParallel(begun, async (each) => {
    const decision = { what: 'repaired', at: iso(nowMs()), by, reason: each.reason } as const;
    if (await index.markRepaired(each.item.id, decision)) tally.repaired += each.sendable.length;
    else tally.leave(sentOf(each), 'refused-again', 'it was quarantined again, or another operator sent it meanwhile');
  });
}

/** What of an item was sent or was to be sent. */
function sentOf({ item, sendable }: Sendable): QuarantinedItem {
  return { ...item, records: sendable.length };
}

/** Before anything is sent: a run that ends in between has lost nothing. */
async function keepRestOf(
  { item, rest: [first, ...more] }: Sendable,
  { keepRest }: RepairContext,
  tally: Tally,
): Promise<string | undefined> {
  if (first === undefined) return undefined;
  const id = await keepRest(item, [first, ...more]);
  tally.listAnew(id);
  return `${more.length + 1} of its ${recordsIn(item)} records wait as ${id}`;
}

class Tally {
  looked = 0;
  repaired = 0;
  readonly #isApplied: boolean;
  readonly #left = new Map<LeftBecause, Left>();
  readonly #samples: RepairSample[] = [];
  readonly #listedAnew = new Set<string>();

  constructor(isApplied: boolean) {
    this.#isApplied = isApplied;
  }

  leave(item: QuarantinedItem, because: LeftBecause, detail: string): void {
    const { records = 0, example = { id: item.id, detail } } = this.#left.get(because) ?? {};
    this.#left.set(because, { because, records: records + recordsIn(item), example });
  }

  /** What this run lists anew may come up in its own list: it was counted. */
  listAnew(id: string): void {
    this.#listedAnew.add(id);
  }

  isListedAnew(id: string): boolean {
    return this.#listedAnew.has(id);
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
