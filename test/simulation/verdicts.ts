import type { Configuration } from '../../core/configuration/configuration.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow, WindowEntry } from '../../core/detection/charge-window.ts';
import type { ChargeField, Detector } from '../../core/detection/detector.ts';
import { sameDigestOf } from '../../core/detection/fingerprint.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { digests } from '../fixtures/configurations.ts';
import type { RecordOf, Written } from './promises.ts';
import { rootOf } from './standing.ts';

/** An entry beside the charge that its record tells of. */
interface Told {
  readonly entry: WindowEntry;
  readonly charge: Charge;
  /** Its further amounts before the write. */
  readonly alsoBefore: WindowEntry['also'];
  readonly adjustments: NonNullable<ChargeRecord['adjustments']>;
}

/** What is wrong with the verdicts that a write adds, by the design's words: written apart from the core on purpose. */
export function wrongVerdict(
  { before, after }: Written<ChargeWindow>,
  recordOf: RecordOf,
  {
    configuration,
    deployed,
  }: {
    readonly configuration: Configuration;
    /** A record may name windows by a configuration before. */
    readonly deployed: readonly Configuration[];
  },
): string | undefined {
  const known = new Map(before?.entries.map((entry) => [entry.id, entry]));
  const all = after.entries.flatMap((entry) => {
    const record = recordOf(entry.id);
    const charge = record?.capture?.charge;
    const alsoBefore = known.get(entry.id)?.also;
    return charge === undefined ? [] : [{ entry, charge, alsoBefore, adjustments: record?.adjustments ?? [] }];
  });
  if (all.length < after.entries.length) return `${after.fingerprint} names a charge without a record`;
  for (const one of all.filter(({ entry }) => !known.has(entry.id))) {
    const detector = configuration.detectorFor(after.detector, one.charge);
    if (detector === undefined) continue;
    const what = `${one.charge.chargeId} in ${detector.id}`;
    const isMember = deployed.some((each) => {
      const then = each.detectorFor(after.detector, one.charge);
      return then !== undefined && belongs(one.charge, then);
    });
    if (!isMember) return `${what} is none of its charges`;
    const stranger = all.find((other) => !meets(other.charge, one.charge, detector, configuration));
    if (stranger !== undefined) return `${what} has met ${stranger.charge.chargeId}`;
    const wrong = wrongMatch(one, all, detector);
    if (wrong !== undefined) return `${what} ${wrong}`;
  }
  return undefined;
}

/** What is wrong with who is in a window after a write, and in which order. */
export function brokenMembership(
  written: Written<ChargeWindow>,
  configuration: Configuration,
  nowMs: number,
): string | undefined {
  const { before, after } = written;
  const ids = after.entries.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return `${after.fingerprint} remembers a charge twice`;
  const isDisordered = after.entries.some(({ seq }, at) => seq <= (after.entries[at - 1]?.seq ?? -1));
  if (isDisordered) return `${after.fingerprint} is out of its order`;
  const circle = after.entries.find((entry) => isCircle(entry, after));
  if (circle !== undefined) return `${circle.id} and ${rootOf(circle)} are each the duplicate of the other`;
  for (const entry of before?.entries ?? []) {
    const now = after.entries.find(({ id }) => id === entry.id);
    if (now === undefined && mayBeForgotten(entry, written, configuration, nowMs)) continue;
    if (now === undefined) return `${entry.id} in ${after.detector} was forgotten`;
    if (!isGrown(entry, now)) {
      return `${entry.id} in ${after.detector} was ${JSON.stringify(entry)}, then ${JSON.stringify(now)}`;
    }
  }
  return undefined;
}

/** An entry may come to have further amounts; nothing else of it changes. */
function isGrown({ also: before = [], ...entry }: WindowEntry, { also: after = [], ...now }: WindowEntry): boolean {
  const kept = after.slice(0, before.length);
  return JSON.stringify([entry, before]) === JSON.stringify([now, kept]);
}

/** An original alone of a window without a closing may be forgotten after its time; everything else stays. */
function mayBeForgotten(
  entry: WindowEntry,
  { before, after }: Written<ChargeWindow>,
  { detectors }: Configuration,
  nowMs: number,
): boolean {
  const all = [...(before?.entries ?? []), ...after.entries];
  const isAlone =
    entry.verdict.kind === 'original' &&
    all.every(({ id, verdict }) => id === entry.id || verdict.kind === 'original' || verdict.root !== entry.id);
  const retainMs = detectors.find(({ id }) => id === after.detector)?.retainMs ?? 0;
  return isAlone && entry.sinceMs + retainMs <= nowMs && before?.closed === undefined;
}

/**
 * No charge is its own duplicate, and no two of one window are each the other's. (In two windows they may be, when one of
 * them was forgotten and its charges were told again: there the claim alone keeps the last one.)
 */
function isCircle({ id, verdict }: WindowEntry, { entries }: ChargeWindow): boolean {
  if (verdict.kind !== 'duplicate') return false;
  const other = entries.find((each) => each.id === verdict.root)?.verdict;
  return verdict.root === id || (other?.kind === 'duplicate' && other.root === id);
}

/**
 * The first of those that were there, agree and are near, as is the beginning of its cluster, gives the original. An amount
 * that the same write has added may have come before the charge or after it.
 */
function wrongMatch({ entry, charge }: Told, all: readonly Told[], detector: Detector): string | undefined {
  const { verdict } = entry;
  if (verdict.kind === 'duplicate' && verdict.detector !== detector.id) return undefined;
  const isNear = (other: WindowEntry) => Math.abs(other.timeMs - entry.timeMs) < detector.reviewWindowMs;
  const earlier = all.filter((other) => other.entry.seq < entry.seq);
  const beginningOf = (other: WindowEntry) =>
    earlier.find((each) => each.entry.id === rootOf(other)) ??
    earlier.find((each) => rootOf(each.entry) === rootOf(other));
  const isOriginal = earlier.some((other) => rootOf(other.entry) === entry.id);
  const matches = earlier.filter((other) => {
    const beginning = beginningOf(other.entry);
    const isWithin = isNear(other.entry) && beginning !== undefined && isNear(beginning.entry);
    return !isOriginal && isWithin && amountsOf(other, detector).some((like) => agree(like, charge, detector));
  });
  const isCertain = (other: Told) =>
    amountsOf({ ...other, entry: { ...other.entry, also: other.alsoBefore } }, detector).some((like) =>
      agree(like, charge, detector),
    );
  const certain = matches.findIndex(isCertain);
  const first = (certain < 0 ? matches : matches.slice(0, certain + 1)).map((other) => rootOf(other.entry));
  const expected: readonly (string | undefined)[] = certain < 0 ? [...first, undefined] : first;
  const root = verdict.kind === 'duplicate' ? verdict.root : undefined;
  if (expected.includes(root)) return undefined;
  return expected[0] === undefined ? `is no duplicate of ${root}` : `is a duplicate of ${expected[0]}, not of ${root}`;
}

/** It has all fields of the key and is not exempt. */
function belongs(charge: Charge, { key, exemptMccs }: Detector): boolean {
  return key.every((field) => valueIn(charge, field) !== undefined) && !exemptMccs.has(charge.mcc ?? '');
}

/** One key and one namespace: only such charges share a window. */
function meets(a: Charge, b: Charge, { key }: Detector, { namespaceOf }: Configuration): boolean {
  return (
    namespaceOf(a.source) === namespaceOf(b.source) && key.every((field) => valueIn(a, field) === valueIn(b, field))
  );
}

/** The charge by each amount that the window knows: its record may have heard of another a moment ago. */
function amountsOf({ entry, charge, adjustments }: Told, detector: Detector): readonly Charge[] {
  const known = new Set([entry, ...(entry.also ?? [])].map(({ same }) => same));
  const all = adjustments.map(({ amountMinor }) => ({ ...charge, amountMinor }));
  return [charge, ...all.filter((like) => known.has(sameDigestOf(detector, like, digests)))];
}

function agree(a: Charge, b: Charge, { same }: Detector): boolean {
  return same.every((field) => valueIn(a, field) === valueIn(b, field));
}

function valueIn(charge: Charge, field: ChargeField): string | number | undefined {
  return field === 'amount' ? charge.amountMinor : charge[field];
}
