import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { compareClusters } from './compare-clusters.ts';
import { compareSummary } from './compare-summary.ts';
import { totalsOf } from './totals.ts';
import { type ObservedFlag, type ObservedSummary, type Pace, type Truth, truth } from './truth.ts';

/** @throws when the file is missing, is no JSON, or is no ground truth; the message names the file and the field. */
export async function readTruth(file: string): Promise<Truth> {
  const text = await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
  const parsed = truth.safeParse(json);
  if (!parsed.success) throw new Error(`${file} is no ground truth: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** One cluster a line, so that a diff of two truths shows clusters. */
export function printTruth({ clusters, stories, ...head }: Truth): string {
  const opening = JSON.stringify(head, null, 2).slice(0, -2);
  const kinds = Object.entries(stories).map(([kind, numbers]) => `    "${kind}": ${JSON.stringify(numbers)}`);
  const lines = clusters.map((cluster) => `    ${JSON.stringify(cluster)}`);
  const list = (items: readonly string[]): string => (items.length === 0 ? '' : `\n${items.join(',\n')}\n  `);
  return `${opening},\n  "stories": {${list(kinds)}},\n  "clusters": [${list(lines)}]\n}\n`;
}

/**
 * Compares what was observed with what is true, charge by charge, cluster by cluster and in total.
 *
 * @param pace at which the file was replayed; the local demo replays all of it at once.
 * @returns each difference in words that name the charge, the cluster or the total; nothing if all agree.
 */
export function compareWithTruth(
  expected: Truth,
  flags: readonly ObservedFlag[],
  summary: ObservedSummary,
  pace: Pace = 'at-once',
): readonly string[] {
  const ofPace = truthAt(pace, expected);
  return [...compareClusters(ofPace, flags), ...compareSummary(ofPace, flags, summary)];
}

/** Returns the truth for one pace of the replay. */
function truthAt(pace: Pace, expected: Truth): Truth {
  const clusters = clustersAt(pace, expected.clusters);
  return { ...expected, clusters, totals: totalsOf(clusters) };
}

/** Returns the clusters that end so at a pace of the replay. */
export function clustersAt(pace: Pace, clusters: Truth['clusters']): Truth['clusters'] {
  return clusters.filter((cluster) => cluster.pace === undefined || cluster.pace === pace);
}
