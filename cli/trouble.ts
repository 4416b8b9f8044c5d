import type { Trouble } from './replay.ts';

/** Troubled lines that are reported one by one; the rest is counted. */
const REPORTED_MAX = 20;

/** Reports the first troubled lines as they come, each with its number and its reason. */
export function reportTrouble(file: string, say: (line: string) => void): (trouble: Trouble) => void {
  let reported = 0;
  return ({ line, reason, detail }) => {
    reported += 1;
    if (reported <= REPORTED_MAX) say(`  ${file}:${line}: ${reason}: ${detail}`);
  };
}

/** The line that stands for those that were not reported. */
export function unreportedTrouble(lines: number): readonly string[] {
  return lines > REPORTED_MAX ? [`  … and ${lines - REPORTED_MAX} more such lines`] : [];
}
