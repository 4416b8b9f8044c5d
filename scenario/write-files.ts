import { writeFile } from 'node:fs/promises';
import { printTruth } from './ground-truth.ts';
import type { Truth } from './truth.ts';

/** An event file with what a correct system makes of it. */
export interface Scenario {
  /** NDJSON, in the order of arrival, without line ends. */
  readonly lines: string[];
  readonly truth: Truth;
}

/**
 * Writes the events to `out` and their truth beside them: `X.ndjson` and `X.truth.json`.
 *
 * @returns the number of lines, and of charges that they capture.
 */
export async function writeFiles(
  out: string,
  { lines, truth }: Scenario,
): Promise<{ readonly events: number; readonly charges: number }> {
  await writeFile(out, `${lines.join('\n')}\n`);
  await writeFile(truthFileOf(out), printTruth(truth));
  return { events: truth.events, charges: truth.charges };
}

/** `night.ndjson` has its truth in `night.truth.json`. */
export function truthFileOf(eventsFile: string): string {
  return `${eventsFile.replace(/\.ndjson$/, '')}.truth.json`;
}
