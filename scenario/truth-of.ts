import { clustersAt } from './ground-truth.ts';
import type { Delivery } from './scene.ts';
import { totalsOf } from './totals.ts';
import type { ClusterTruth, Truth } from './truth.ts';

/** What one story has sent, and what is true of it. */
export interface StoryParts {
  readonly kind: string;
  readonly number: number;
  readonly deliveries: readonly Delivery[];
  readonly clusters: readonly ClusterTruth[];
  /** Each charge that a well-formed line captures. */
  readonly chargeKeys: ReadonlySet<string>;
}

/** Returns a story's part of the file, without the rest of its stage. */
export function partsOf({
  number,
  deliveries,
  clusters,
  chargeKeys,
}: Omit<StoryParts, 'kind'>): Omit<StoryParts, 'kind'> {
  return { number, deliveries, clusters, chargeKeys };
}

/** Sorts by arrival. Lines that arrive at one time keep their order, so a redelivery comes second. */
export function inOrderOfArrival(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.toSorted((a, b) => a.arrivesMs - b.arrivesMs);
}

/** Returns the truth of a file with these stories. Its totals are those of a replay at once. */
export function truthOf({
  orders,
  seed,
  lines,
  parts,
  kinds,
}: {
  readonly orders: number;
  readonly seed: number;
  readonly lines: readonly string[];
  readonly parts: readonly StoryParts[];
  readonly kinds: readonly { readonly kind: string }[];
}): Truth {
  const clusters = parts.flatMap((story) => story.clusters);
  const rejected = new Map(
    parts.flatMap(({ deliveries }) =>
      deliveries.flatMap(({ line, reason }) => (reason === undefined ? [] : [[line, reason] as const])),
    ),
  );
  return {
    format: 1,
    orders,
    seed,
    events: lines.length,
    charges: parts.reduce((sum, { chargeKeys }) => sum + chargeKeys.size, 0),
    quarantined: rejected.size,
    quarantinedBy: tally([...rejected.values()]),
    totals: totalsOf(clustersAt('at-once', clusters)),
    stories: Object.fromEntries(
      kinds.map(({ kind }) => [kind, parts.filter((story) => story.kind === kind).map(({ number }) => number)]),
    ),
    clusters,
  };
}

function tally(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons.toSorted()) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
