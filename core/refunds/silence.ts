import type { Ms } from '../brands.ts';
import type { Flag, FlagIn } from '../cases/flag.ts';
import type { JudgedFacts } from '../cases/judged-facts.ts';
import { DAY_MS, HOUR_MS } from '../clock-units.ts';

/** A processor does not answer a lookup: of which charge, and since when. */
export type Silence = NonNullable<JudgedFacts['silent']>;

/** An outage ends within a day, or it is no outage: then an approver can decide without the record. */
export const SILENT_MS_MAX = DAY_MS;

/** Returns since when the attempt has waited for an answer alone; undefined where this is its first silence. */
export function silentSinceMs(flag: Flag): Ms | undefined {
  return flag.status === 'approved' ? flag.wait.facts?.silent?.sinceMs : undefined;
}

/**
 * Returns when the processor is asked again: after as long as its silence has lasted, and once more at the end. So a long
 * outage costs a refund a handful of requests.
 */
export function askedAgainMs({ updatedAtMs, wait }: FlagIn<'held'>): Ms {
  const sinceMs = wait.facts?.silent?.sinceMs ?? updatedAtMs - HOUR_MS;
  return Math.min(updatedAtMs + (updatedAtMs - sinceMs), sinceMs + SILENT_MS_MAX);
}
