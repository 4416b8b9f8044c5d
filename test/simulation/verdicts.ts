import type { Configuration } from '../../core/configuration/configuration.ts';
import type { CapturedEntry, ChargeWindow, Entry } from '../../core/detection/charge-window.ts';
import type { ChargeField, Detector } from '../../core/detection/detector.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { named, type Written } from './promises.ts';

/**
 * What is wrong with the verdicts that a write adds, by the design's words: written apart from the core on purpose. What
 * a claim or a person has brought into a window that had not seen the charge is not judged there, and not looked at here.
 */
export function wrongVerdict({ before, after }: Written, configuration: Configuration): string | undefined {
  const captured = after.entries.filter(isCaptured);
  for (const entry of captured) {
    const known = before?.entries.find((other) => named(other) === named(entry));
    if (known?.captured !== undefined || entry.ours !== undefined || entry.kept) continue;
    const { charge } = entry.captured;
    const detector = configuration.detectorFor(after.detector, charge);
    if (detector === undefined) continue;
    const what = `${entry.chargeId} in ${detector.id}`;
    if (!belongs(charge, detector)) return `${what} is none of its charges`;
    const stranger = captured.find((other) => !meets(other.captured.charge, charge, detector, configuration));
    if (stranger !== undefined) return `${what} has met ${stranger.chargeId}`;
    const wrong = wrongMatch(entry, detector, { before, after });
    if (wrong !== undefined) return `${what} ${wrong}`;
  }
  return undefined;
}

/**
 * Several events may have been folded into one write: what was released in it may have been so before the charge came, or
 * not yet. Only what was certain on both sides counts against a verdict.
 */
function wrongMatch(entry: CapturedEntry, detector: Detector, { before, after }: Written): string | undefined {
  const { verdict, seq } = entry.captured;
  if (verdict.kind === 'duplicate' && verdict.detector !== detector.id) return undefined;
  const candidates = after.entries
    .filter(isCaptured)
    .filter((other) => other.captured.seq < seq && agree(other, entry, detector) && rootOf(other) !== named(entry));
  const surely = candidates.filter((other) => isSurelyThere(before && find(before, other), other));
  const first = Math.min(...surely.map(({ captured }) => captured.seq));
  if (verdict.kind === 'original') return surely.length === 0 ? undefined : `is a duplicate of ${surely[0]?.chargeId}`;
  const may = candidates.filter((other) => !(isReleased(before && find(before, other)) && isReleased(other)));
  const isRight = may.some((other) => other.captured.seq <= first && rootOf(other) === named(verdict.original));
  return isRight ? undefined : `is no duplicate of ${verdict.original.chargeId}, or not of the first`;
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

function agree({ captured: a }: CapturedEntry, { captured: b }: CapturedEntry, { same, windowMs }: Detector): boolean {
  const isNear = Math.abs(a.timeMs - b.timeMs) <= windowMs;
  return isNear && same.every((field) => valueIn(a.charge, field) === valueIn(b.charge, field));
}

function valueIn(charge: Charge, field: ChargeField): string | number | undefined {
  return field === 'amount' ? charge.amountMinor : charge[field];
}

function rootOf({ captured: { verdict }, ...ref }: CapturedEntry): string {
  return named(verdict.kind === 'duplicate' ? verdict.original : ref);
}

function find(window: ChargeWindow, entry: Entry): Entry | undefined {
  return window.entries.find((other) => named(other) === named(entry));
}

function isReleased(entry: Entry | undefined): boolean {
  return entry?.released === true || entry?.dispute?.wonBy === 'payer';
}

/** Not released before or after; and no dispute came in between, which may have been lost and opened again. */
function isSurelyThere(before: Entry | undefined, after: Entry): boolean {
  return !isReleased(before) && !isReleased(after) && before?.dispute?.atMs === after.dispute?.atMs;
}

function isCaptured(entry: Entry): entry is CapturedEntry {
  return entry.captured !== undefined;
}
