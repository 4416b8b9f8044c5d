import type { Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import {
  type BatchQuarantine,
  idOfTogether,
  isReadable,
  type PutOutcome,
  type Quarantine,
  type Quarantined,
} from '../events/quarantine.ts';
import type { SourceCatalog } from '../events/source.ts';
import type { RefusalStore } from './refusals.ts';

/**
 * Writes at once. A write is three requests in a row, some 50 ms: 10 of them take the at most 50 writes of a batch in 250 ms and leave
 * most of a client's 50 connections to the flags.
 */
const PARALLEL = 10;
/** Records of one batch that get items of their own: a sample. More would make the first batches of a flood slow. */
const OWN_MAX = 20;
/**
 * Sources and reasons of one batch that are kept apart: with what is mixed, one round of writes. Made-up names would else
 * write an item each.
 */
const APART_MAX = 8;

interface BudgetProps {
  readonly quarantine: Quarantine;
  readonly refusals: Pick<RefusalStore, 'noteRefusals'>;
  readonly sources: SourceCatalog;
  readonly digests: Pick<PlainDigests, 'hash128'>;
  readonly nowMs: () => Ms;
}

/** Equal records are one record. */
interface Refused {
  /** Where it stands among those that were passed. */
  readonly at: readonly number[];
  readonly record: Quarantined;
}

type Alike = readonly [Refused, ...Refused[]];

/**
 * Takes the refused records of a batch at a bounded price. It counts them first. While the source's budget of the hour
 * lasts, a sample of them gets items of their own. All others are stored together, by source and reason: each keeps its
 * bytes, its detail and its time, and can be shown, repaired and discarded.
 */
export function budgetedQuarantine(props: BudgetProps): BatchQuarantine {
  return {
    async putAll(records) {
      const outcomes: PutOutcome[] = records.map(() => ({ kind: 'stored', isTogether: false }));
      const settle = (of: readonly Refused[], outcome: PutOutcome) => {
        for (const at of of.flatMap((each) => each.at)) outcomes[at] = outcome;
      };
      const counted: { readonly of: Alike; readonly isWithin: boolean }[] = [];
      await inParallel(alike(onceEach(records), countedAs(props.sources)), async (of) => {
        const outcome = await attempt(async () => counted.push({ of, isWithin: await isWithinBudget(of, props) }));
        if (outcome !== undefined) settle(of, outcome);
      });
      await inParallel(writesOf(counted, props), async ({ of, write, isTogether }) => {
        settle(of, (await attempt(write)) ?? { kind: 'stored', isTogether });
      });
      return outcomes;
    },
  };
}

/** All sources without an entry share one counter for each reason: made-up names make neither counters nor alerts. */
function countedAs(sources: SourceCatalog) {
  return ({ source, reason }: Quarantined) => [registered(source, sources) ?? null, reason];
}

function registered(source: string | undefined, sources: SourceCatalog): string | undefined {
  return source === undefined ? undefined : sources.sourceOf(source)?.id;
}

async function isWithinBudget(of: Alike, { refusals, sources, nowMs }: BudgetProps): Promise<boolean> {
  const [{ record }] = of;
  const recordIds = of.map((each) => each.record.id);
  const source = registered(record.source, sources);
  return (await refusals.noteRefusals({ recordIds, source, reason: record.reason, atMs: nowMs() })) === 'counted';
}

interface Write {
  readonly of: readonly Refused[];
  readonly isTogether: boolean;
  readonly write: () => Promise<void>;
}

function writesOf(
  counted: readonly { readonly of: Alike; readonly isWithin: boolean }[],
  { quarantine, digests }: BudgetProps,
): readonly Write[] {
  const within = new Set(counted.filter(({ isWithin }) => isWithin).flatMap(({ of }) => of));
  let ownLeft = OWN_MAX;
  return groupsOf(counted.flatMap(({ of }) => of)).flatMap(({ source, of }): readonly Write[] => {
    const own = of.filter((each) => within.has(each) && ownLeft-- > 0);
    const rest = of.filter((each) => !own.includes(each));
    // One record costs alone what it costs in company.
    if (rest.length === 1) own.push(...rest.splice(0));
    const alone = own.map((each) => ({ of: [each], isTogether: false, write: () => quarantine.put(each.record) }));
    const [first, ...more] = rest.map(({ record }) => record);
    if (first === undefined) return alone;
    const records = [first, ...more] as const;
    const id = idOfTogether(records, digests);
    const write = () => quarantine.putTogether({ id, reason: first.reason, source, records });
    return [...alone, { of: rest, isTogether: true, write }];
  });
}

/** The largest groups keep their source; the rest are grouped by reason alone. */
function groupsOf(refused: readonly Refused[]): readonly { readonly source: string | undefined; readonly of: Alike }[] {
  const storedAs = (record: Quarantined) => [record.reason, isReadable(record)];
  const bySource = alike(refused, (record) => [record.source ?? null, ...storedAs(record)]);
  const sorted = bySource.toSorted((a, b) => b.length - a.length);
  const apart = sorted.slice(0, APART_MAX).map((of) => ({ source: of[0].record.source, of }));
  const mixed = alike(sorted.slice(APART_MAX).flat(), storedAs).map((of) => ({ source: undefined, of }));
  return [...apart, ...mixed];
}

function onceEach(records: readonly Quarantined[]): readonly Refused[] {
  const byId = Map.groupBy(records.entries(), ([, { id }]) => id);
  return [...byId.values()].flatMap((equal) => {
    const [first] = equal;
    return first === undefined ? [] : [{ at: equal.map(([at]) => at), record: first[1] }];
  });
}

function alike(refused: readonly Refused[], keyOf: (record: Quarantined) => readonly unknown[]): readonly Alike[] {
  const groups = Map.groupBy(refused, ({ record }) => JSON.stringify(keyOf(record)));
  return [...groups.values()].flatMap(([first, ...more]) => (first === undefined ? [] : [[first, ...more] as const]));
}

async function attempt(act: () => Promise<unknown>): Promise<Extract<PutOutcome, { kind: 'failed' }> | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Acts on each, on a few at a time; an act does not throw. */
async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}
