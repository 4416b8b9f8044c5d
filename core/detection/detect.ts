import type { Ms } from '../brands.ts';
import { namedSource } from '../events/named-source.ts';
import type { QuarantineReason } from '../events/parse-event.ts';
import type { Charge } from '../events/payment-event.ts';
import type { BatchQuarantine, Quarantined } from '../events/quarantine.ts';
import type { SigningKeys } from '../events/signatures.ts';
import type { EventRules } from '../events/source.ts';
import { withoutCardData } from '../events/without-card-data.ts';
import type { ChargeView } from './charge-view.ts';
import { contradictionsIn } from './contradicted-attestations.ts';
import { judgeBatch, readTouched } from './judge.ts';
import type { Arrival, JudgeContext, Judgement } from './judging.ts';
import { readEvents } from './read-events.ts';
import type { SuspensionStore } from './suspensions.ts';

/** One record of the stream. */
export interface StreamRecord {
  readonly bytes: Uint8Array;
  /** When it reached the stream, ms since the epoch. */
  readonly arrivedMs: Ms;
}

export interface DetectContext extends JudgeContext {
  readonly configuration: JudgeContext['configuration'] & EventRules;
  readonly signingKeys: SigningKeys;
  readonly quarantine: BatchQuarantine;
  readonly suspensions: Pick<SuspensionStore, 'suspend'>;
  /** Lets the flags follow records and windows that are written already. Running it again finds nothing to do. */
  readonly raiseFlags: (views: readonly ChargeView[], actor: string) => Promise<void>;
}

export interface RecordFailure {
  readonly at: number;
  readonly error: unknown;
}

export interface Detected {
  /** Index of the lowest record that must come again, with all after it; undefined when none must. */
  readonly failedFrom: number | undefined;
  /** Which records failed and why, in their order. */
  readonly failures: readonly RecordFailure[];
  readonly counts: { readonly [name in CountName]: number };
  /** Charges judged for the first time. */
  readonly processed: readonly Charge[];
  /** Events that were judged, again or for the first time, by source. */
  readonly acceptedBySource: ReadonlyMap<string, number>;
}

type CountName =
  | 'charges'
  | 'duplicates'
  | 'replays'
  | 'late'
  | 'uncaptured'
  | 'quarantined'
  | 'quarantinedTogether'
  | 'unauthentic'
  | 'failed';

const ACTOR = 'system:detect';

/**
 * Deals with one batch of a shard: each record ends as judged or quarantined, or is reported so that it comes again.
 * Records after the lowest failed one may run twice; every step recognises what it has done.
 *
 * @throws when the signing keys cannot be read: the whole batch must come again
 */
export async function detect(records: readonly StreamRecord[], context: DetectContext): Promise<Detected> {
  const parsed = await readEvents(records, context);
  const arrivals: (Arrival & { readonly at: number })[] = [];
  const rejects: Reject[] = [];
  for (const [at, result] of parsed.entries()) {
    const arrivedMs = records[at]!.arrivedMs; // parsed has one result for each record
    if (result.kind === 'event') arrivals.push({ at, event: result.event, arrivedMs });
    else rejects.push({ at, reason: result.reason, detail: result.detail });
  }
  const { judgements, touched } = await judgeBatch(arrivals, context);
  const failures = new Map<number, unknown>();
  for (const [index, judgement] of judgements.entries()) {
    const at = arrivals[index]!.at; // one judgement for each arrival
    if (judgement.kind === 'failed') failures.set(at, judgement.error);
    if (judgement.kind === 'quarantined') rejects.push({ at, reason: judgement.reason, detail: judgement.detail });
  }
  // Flags follow what is written already: if this fails, the whole batch comes again and replays.
  const raising = attempt(async () => {
    const views = await readTouched(touched, context);
    await suspendContradicted(views, context);
    await context.raiseFlags(views, ACTOR);
  });
  // Refused records go beside the flags: a flood of them delays no flag.
  const [raised, aside] = await Promise.all([raising, quarantineAll(rejects, records, context)]);
  for (const { at, error } of aside.failures) failures.set(at, error);
  if (raised.kind === 'failed') for (const at of records.keys()) failures.set(at, failures.get(at) ?? raised.error);
  return {
    failedFrom: failures.size === 0 ? undefined : Math.min(...failures.keys()),
    failures: [...failures].sort(([a], [b]) => a - b).map(([at, error]) => ({ at, error })),
    counts: count(arrivals, judgements, {
      quarantined: rejects.length,
      quarantinedTogether: aside.together,
      unauthentic: rejects.filter(({ reason }) => reason === 'unauthentic').length,
      failed: failures.size,
    }),
    processed: processedOf(arrivals, judgements),
    acceptedBySource: acceptedOf(arrivals, judgements),
  };
}

/** Suspends what the windows contradict. They are written already: another batch that reads them finds it again. */
export async function suspendContradicted(
  views: readonly ChargeView[],
  { configuration, suspensions, nowMs }: Pick<DetectContext, 'configuration' | 'suspensions' | 'nowMs'>,
): Promise<void> {
  for (const contradiction of views.flatMap((view) => contradictionsIn(view, configuration))) {
    await suspensions.suspend(contradiction, nowMs());
  }
}

interface Reject {
  readonly at: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

interface Aside {
  readonly failures: readonly RecordFailure[];
  /** Records that are stored as a part of one item. */
  readonly together: number;
}

/** Never throws: flags are under way beside it. */
async function quarantineAll(
  rejects: readonly Reject[],
  records: readonly StreamRecord[],
  context: Pick<DetectContext, 'quarantine' | 'digests' | 'configuration'>,
): Promise<Aside> {
  const failures: RecordFailure[] = [];
  const storable: { readonly at: number; readonly record: Quarantined }[] = [];
  for (const reject of rejects.toSorted((a, b) => a.at - b.at)) {
    const { at } = reject;
    try {
      storable.push({ at, record: storableOf(records[at]!, reject, context) }); // `at` came from the records
    } catch (error) {
      failures.push({ at, error });
    }
  }
  if (storable.length === 0) return { failures, together: 0 };
  const outcomes = await context.quarantine.putAll(storable.map(({ record }) => record));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === 'failed') failures.push({ at: storable[index]!.at, error: outcome.error }); // one outcome a record
  }
  return { failures, together: outcomes.filter((each) => each.kind === 'stored' && each.isTogether).length };
}

function storableOf(
  { bytes, arrivedMs }: StreamRecord,
  { reason, detail }: Reject,
  { digests, configuration }: Pick<DetectContext, 'digests' | 'configuration'>,
): Quarantined {
  const source = namedSource(bytes);
  const formats = source === undefined ? undefined : configuration.sourceOf(source)?.tokenFormats;
  const kept = withoutCardData(bytes, formats);
  // One character a byte: a digest of the bytes whatever they are.
  const id = digests.hash128(Array.from(kept.bytes, (byte) => String.fromCharCode(byte)).join(''));
  return { id, reason, detail, source, ...kept, byteCount: bytes.byteLength, arrivedMs };
}

type Attempt = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown };

async function attempt(act: () => Promise<void>): Promise<Attempt> {
  try {
    await act();
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function count(
  arrivals: readonly Arrival[],
  judgements: readonly Judgement[],
  rest: Pick<Detected['counts'], 'quarantined' | 'quarantinedTogether' | 'unauthentic' | 'failed'>,
): Detected['counts'] {
  const judged = judgements.filter((judgement) => judgement.kind === 'judged');
  return {
    charges: arrivals.filter(({ event }) => event.kind === 'charge.captured').length,
    duplicates: judged.filter(({ verdict, replay }) => verdict?.kind === 'duplicate' && !replay).length,
    replays: judged.filter(({ replay }) => replay).length,
    late: judged.filter(({ late }) => late).length,
    uncaptured: judged.filter(({ isUncaptured }) => isUncaptured).length,
    ...rest,
  };
}

function processedOf(arrivals: readonly Arrival[], judgements: readonly Judgement[]): readonly Charge[] {
  return arrivals.flatMap(({ event }, at) => {
    const judgement = judgements[at];
    const isNew = judgement?.kind === 'judged' && !judgement.replay;
    return isNew && event.kind === 'charge.captured' ? [event.charge] : [];
  });
}

function acceptedOf(arrivals: readonly Arrival[], judgements: readonly Judgement[]): ReadonlyMap<string, number> {
  const accepted = new Map<string, number>();
  for (const [at, { event }] of arrivals.entries()) {
    if (judgements[at]?.kind !== 'judged') continue;
    const { source } = event.kind === 'order.closed' ? event : event.charge;
    accepted.set(source, (accepted.get(source) ?? 0) + 1);
  }
  return accepted;
}
