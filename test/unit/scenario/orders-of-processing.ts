import * as z from 'zod';
import type { Random } from '../../../scenario/random.ts';

const partitioned = z.object({ data: z.object({ payer: z.string() }) });

/**
 * The lines as some other night would have processed them: those of one payer stay in their order, and all payers are
 * mixed by chance. What has no payer, such as a closing, may come at any time at all.
 */
export function mixedByPayer(lines: readonly string[], random: Random): string[] {
  const partitions = new Map<string, string[]>();
  for (const [index, line] of lines.entries()) {
    const key = payerOf(line) ?? `line ${index}`;
    partitions.set(key, [...(partitions.get(key) ?? []), line]);
  }
  // Each line draws a turn; a payer's lines take that payer's turns in their own order.
  const turns = random.shuffled([...partitions].flatMap(([key, queue]) => queue.map(() => key)));
  const taken = new Map<string, number>();
  return turns.map((key) => {
    const next = taken.get(key) ?? 0;
    taken.set(key, next + 1);
    const line = partitions.get(key)?.[next];
    if (line === undefined) throw new Error(`the partition ${key} has no line for its turn`);
    return line;
  });
}

/** The lines in batches of one line and more, so that what passes within a batch is never seen. */
export function inBatches(lines: readonly string[], linesMax: number, random: Random): string[][] {
  const batches: string[][] = [];
  for (let from = 0; from < lines.length; ) {
    const length = random.integer(1, linesMax);
    batches.push(lines.slice(from, from + length));
    from += length;
  }
  return batches;
}

function payerOf(line: string): string | undefined {
  try {
    return partitioned.safeParse(JSON.parse(line)).data?.data.payer;
  } catch {
    return undefined;
  }
}
