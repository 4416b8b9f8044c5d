import type { Trouble } from './replay.ts';

/** Troubled lines that are told one by one; the rest is counted. */
const TOLD_MAX = 20;

/** Tells the first troubled lines as they come, each with its number and its reason. */
export function tellTrouble(file: string, say: (line: string) => void): (trouble: Trouble) => void {
  let told = 0;
  return ({ line, reason, detail }) => {
    told += 1;
    if (told <= TOLD_MAX) say(`  ${file}:${line}: ${reason}: ${detail}`);
  };
}

/** The line that stands for those that were not told. */
export function untoldTrouble(lines: number): readonly string[] {
  return lines > TOLD_MAX ? [`  … and ${lines - TOLD_MAX} more such lines`] : [];
}
