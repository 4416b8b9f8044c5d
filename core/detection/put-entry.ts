import type { Ms } from '../brands.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import { type ChargeWindow, type Entry, EVIDENCE_MS, isSameCharge } from './charge-window.ts';
import type { Detector } from './detector.ts';

/** What a write needs to know of a detector: also for one that is no longer configured. */
export type Remembering = Pick<Detector, 'retainMs' | 'same'>;

/** When something happened and when it is being dealt with, ms since the epoch. Transitions read no clock. */
export interface Instant {
  readonly timeMs: Ms;
  readonly nowMs: Ms;
}

export interface Step<Outcome> {
  /** The same object when nothing changed: then there is nothing to write. */
  readonly window: ChargeWindow;
  readonly outcome: Outcome;
}

/** The window with the entry in it, in place of the one of the same charge, and its expiry moved on. */
export function put(window: ChargeWindow, detector: Remembering, entry: Entry, when: Instant): ChargeWindow {
  const at = window.entries.findIndex((known) => isSameCharge(known, entry));
  const kept = shrunk(entry, detector);
  const entries = at < 0 ? [...window.entries, kept] : window.entries.with(at, kept);
  return remembered({ ...window, entries }, detector, when);
}

/** A charge whose money went back keeps what matching and audit need; no entry is ever trimmed away. */
function shrunk(entry: Entry, { same }: Remembering): Entry {
  if (entry.captured === undefined || !(entry.released || entry.ours?.state === 'refunded')) return entry;
  const { instrument, channel, mcc, ...rest } = entry.captured.charge;
  const charge = {
    ...rest,
    ...(same.includes('instrument') && { instrument }),
    ...(same.includes('channel') && { channel }),
    ...(same.includes('mcc') && { mcc }),
  };
  return { ...entry, captured: { ...entry.captured, charge } };
}

/** Every write moves the expiry on: `retain` for originals alone, half a year for anything that is evidence. */
export function remembered(window: ChargeWindow, detector: Remembering, { timeMs, nowMs }: Instant): ChargeWindow {
  const livesMs = isOriginalsAlone(window) ? detector.retainMs : Math.max(detector.retainMs, EVIDENCE_MS);
  const expiresAtMs = Math.max(window.expiresAtMs, Math.max(timeMs, nowMs) + livesMs);
  return { ...window, expiresAtMs, version: window.version + 1 };
}

function isOriginalsAlone(window: ChargeWindow): boolean {
  return (
    window.closed?.owed !== 0 &&
    window.closed?.overrules === undefined &&
    window.entries.every(
      (entry) =>
        entry.captured?.verdict.kind === 'original' &&
        entry.released === undefined &&
        entry.refundedTotalMinor === undefined &&
        entry.dispute === undefined &&
        entry.ours === undefined &&
        entry.kept === undefined,
    )
  );
}

export function refOf({ source, chargeId }: ChargeRef): ChargeRef {
  return { source, chargeId };
}
