import type { Ms } from '../brands.ts';
import type { ChargeRecord } from '../detection/charge-record.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import type { Detector } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { type Digests, fingerprintOf } from '../detection/fingerprint.ts';
import { inParts, type JudgeContext, untilWritten } from '../detection/judging.ts';
import type { RecordStore } from '../detection/record-store.ts';
import { addWindow, capturedIn, type Version1Charges } from '../detection/version-1-charges.ts';
import { mergeRecord, mergeWindow } from '../detection/version-1-merge.ts';
import type { Version1Window } from '../detection/version-1-window.ts';
import type { InsertOutcome, WindowStore } from '../detection/window-store.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { UserError } from '../user-error.ts';
import type { Reservation } from './claim-store.ts';

/** One item of the version-1 table. An unreadable one stays where it is. */
export type Version1Item =
  | { readonly kind: 'window'; readonly window: Version1Window }
  /** What a detector compared, as one text. */
  | { readonly kind: 'definition'; readonly detector: string; readonly notion: string }
  | { readonly kind: 'unreadable'; readonly key: string; readonly reason: string };

export interface Version1Windows {
  /** Reads every item once, in any order, expired ones too. */
  items(): AsyncIterable<Version1Item>;
}

export interface ReservationWriter {
  /** Inserts the reservation if its attempt has none: one conditional write. A repetition answers `exists`. */
  insertReservation(reservation: Reservation): Promise<'inserted' | 'exists'>;
}

export interface SurveyContext {
  readonly configuration: DetectorCatalog;
  readonly digests: Digests;
  readonly version1: Version1Windows;
  /** What a detector of today compares, as version 1 stored it. */
  readonly notionOf: (detector: Detector) => string;
  readonly nowMs: () => Ms;
}

export interface MigrateContext extends SurveyContext, Pick<JudgeContext, 'sleep' | 'random'> {
  readonly records: RecordStore;
  readonly windows: WindowStore;
  readonly reservations: ReservationWriter;
}

/** What the version-1 table holds. */
export interface Survey {
  readonly windows: number;
  /** Windows that version 1 itself counted as gone. */
  readonly expired: number;
  readonly charges: number;
  /** Charges with a claim that runs or has moved money. */
  readonly claims: number;
  readonly unreadable: readonly Extract<Version1Item, { readonly kind: 'unreadable' }>[];
  /** Charges of which two windows know different amounts; the earlier telling holds. */
  readonly differing: readonly ChargeRef[];
  /** Detectors whose id means something else today: two memories would mix. */
  readonly changed: readonly string[];
  /** Windows whose keys today's configuration does not make: new charges do not meet the charges in them. */
  readonly unmet: number;
}

export interface Migrated {
  readonly survey: Survey;
  readonly written: { readonly records: number; readonly reservations: number; readonly windows: number };
}

/** Bounds what one round of inserts holds in flight: 16 batches of DynamoDB's 25 statements. */
const ROUND = 400;

/** Counts what a migration would bring over. Writes nothing. */
export async function surveyVersion1(context: SurveyContext): Promise<Survey> {
  return (await readCharges(context)).survey;
}

/**
 * Brings version 1's charges over: their records first, then the reservations of their claims, then their windows. Each
 * write is conditional and adds only what is missing. So a repetition changes nothing, and finishes what a crash has left.
 *
 * @throws {UserError} when a detector has changed under its id; nothing is written then. Else the first fault of a write
 */
export async function migrate(context: MigrateContext): Promise<Migrated> {
  const { charges, survey } = await readCharges(context);
  if (survey.changed.length > 0) throw new UserError(explainChanged(survey.changed));
  const [records, windows] = [recordTarget(context), windowTarget(context)];
  const written = { records: 0, reservations: 0, windows: 0 };
  for (const round of roundsOf([...charges.values()])) {
    const { changed, left } = await writeRound(round, records, context);
    written.records += changed;
    written.reservations += await reserve(left, context);
  }
  for await (const round of windowRounds(context)) {
    written.windows += (await writeRound(round, windows, context)).changed;
  }
  return { survey, written };
}

async function readCharges(
  context: SurveyContext,
): Promise<{ readonly charges: Version1Charges; readonly survey: Survey }> {
  const charges: Version1Charges = new Map();
  const unreadable: Survey['unreadable'][number][] = [];
  const differing: ChargeRef[] = [];
  const changed: string[] = [];
  let [windows, expired, unmet] = [0, 0, 0];
  for await (const item of context.version1.items()) {
    if (item.kind === 'unreadable') {
      unreadable.push(item);
      continue;
    }
    if (item.kind === 'definition') {
      if (isChanged(item, context)) changed.push(item.detector);
      continue;
    }
    const { window } = item;
    windows++;
    if (window.expiresAtMs <= context.nowMs()) expired++;
    else if (!isMet(window, context)) unmet++;
    differing.push(...addWindow(charges, window, context));
  }
  const claims = [...charges.values()].filter(
    ({ ours }) => ours !== undefined && !MOVED_NOTHING.has(ours.state),
  ).length;
  return {
    charges,
    survey: { windows, expired, charges: charges.size, claims, unreadable, differing, changed, unmet },
  };
}

function isChanged(
  { detector: known, notion }: Extract<Version1Item, { readonly kind: 'definition' }>,
  { configuration, notionOf }: SurveyContext,
): boolean {
  const detector = configuration.detectors.find(({ id }) => id === known);
  return detector !== undefined && notionOf(detector) !== notion;
}

export function explainChanged(detectors: readonly string[]): string {
  const named = detectors.join(', ');
  return `Detectors compare other fields than in version 1: ${named}. Give each a new id in the configuration, and deploy it.`;
}

const MOVED_NOTHING: ReadonlySet<string> = new Set(['denied', 'failed']);

/** New charges look for the window under the key that today's configuration makes of this one's charges. */
function isMet(window: Version1Window, { configuration, digests }: SurveyContext): boolean {
  const charge = capturedIn(window)[0]?.captured.charge;
  if (charge === undefined) return true;
  const detector = configuration.detectorFor(window.detector, charge);
  const { namespaceOf } = configuration;
  return detector !== undefined && fingerprintOf(detector, charge, { digests, namespaceOf }) === window.fingerprint;
}

/** How version-1 facts become items of one kind. */
interface Target<Facts, Item> {
  readonly what: string;
  /** Returns the live item itself when it knew everything; undefined when there is nothing to write. */
  merge(found: Found<Item>, facts: Facts): Item | undefined;
  insert(items: readonly Item[]): Promise<readonly InsertOutcome[]>;
  read(facts: Facts): Promise<Found<Item>>;
  replace(item: Item, expectedVersion: number): Promise<'replaced' | 'conflict'>;
}

interface Found<Item> {
  readonly item: Item | undefined;
  readonly version: number;
}

function recordTarget({ records, nowMs }: MigrateContext): Target<ChargeRecord, ChargeRecord> {
  return {
    what: 'one charge record',
    merge: ({ item: record, version }, facts) => mergeRecord({ record, version }, facts, nowMs()),
    insert: (all) => records.insertRecords(all),
    async read({ id }) {
      const [found] = await records.readRecords([id], nowMs());
      return { item: found?.record, version: found?.version ?? 0 };
    },
    replace: (record, expectedVersion) => records.replaceRecord(record, expectedVersion),
  };
}

function windowTarget(context: MigrateContext): Target<Version1Window, ChargeWindow> {
  const { windows, configuration, digests, nowMs } = context;
  return {
    what: 'one charge window',
    merge: ({ item: window, version }, facts) =>
      mergeWindow({ window, version }, facts, { configuration, digests, nowMs: nowMs() }),
    insert: (all) => windows.insertWindows(all),
    async read({ fingerprint }) {
      const [found] = await windows.readWindows([fingerprint], nowMs());
      return { item: found?.window, version: found?.version ?? 0 };
    },
    replace: (window, expectedVersion) => windows.replaceWindow(window, expectedVersion),
  };
}

/** Inserts what is not there, and merges into what is. Returns the items as they were left. */
async function writeRound<Facts, Item>(
  round: readonly Facts[],
  target: Target<Facts, Item>,
  context: Pick<MigrateContext, 'sleep' | 'random'>,
): Promise<{ readonly changed: number; readonly left: readonly Item[] }> {
  const fresh = round.flatMap((facts) => {
    const item = target.merge({ item: undefined, version: 0 }, facts);
    return item === undefined ? [] : [{ facts, item }];
  });
  const outcomes = await target.insert(fresh.map(({ item }) => item));
  const left: Item[] = [];
  const slow: Facts[] = [];
  for (const [at, { facts, item }] of fresh.entries()) {
    const outcome = outcomes[at];
    if (outcome === 'inserted') left.push(item);
    else if (outcome === 'exists') slow.push(facts);
    else throw outcome?.failed ?? bug('the store gave no outcome');
  }
  let changed = left.length;
  await inParts(slow, async (facts) => {
    const { item, isChanged } = await untilWritten(target.what, () => mergeOnce(facts, target), context);
    if (item !== undefined) left.push(item);
    if (isChanged) changed++;
  });
  return { changed, left };
}

/** Returns undefined when another worker wrote first. */
async function mergeOnce<Facts, Item>(facts: Facts, target: Target<Facts, Item>) {
  const found = await target.read(facts);
  const item = target.merge(found, facts);
  if (item === undefined || item === found.item) return { item, isChanged: false };
  return (await target.replace(item, found.version)) === 'conflict' ? undefined : { item, isChanged: true };
}

/** A claim that runs, and one whose workflow has not heard of its end, may call the gateway again: for that it needs one. */
async function reserve(records: readonly ChargeRecord[], { reservations }: MigrateContext): Promise<number> {
  let inserted = 0;
  await inParts(records.flatMap(reservationOf), async (reservation) => {
    if ((await reservations.insertReservation(reservation)) === 'inserted') inserted++;
  });
  return inserted;
}

function reservationOf({ id, source, chargeId, capture, ours }: ChargeRecord): readonly Reservation[] {
  if (capture === undefined || (ours?.state !== 'claimed' && ours?.state !== 'refunded')) return [];
  const { attempt, refundMinor: amountMinor } = ours;
  const { currency } = capture.charge;
  return [{ flagId: id, attempt, charge: { source, chargeId }, amountMinor, currency }];
}

function* roundsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += ROUND) yield items.slice(at, at + ROUND);
}

/** The windows are read a second time: all of them at once would not fit into memory. */
async function* windowRounds({ version1 }: SurveyContext): AsyncGenerator<readonly Version1Window[]> {
  let round: Version1Window[] = [];
  for await (const item of version1.items()) {
    if (item.kind !== 'window') continue;
    round.push(item.window);
    if (round.length < ROUND) continue;
    yield round;
    round = [];
  }
  yield round;
}
