import type { ChargeTruth, ClusterTruth, DetectorId, ObservedFlag, Truth } from './truth.ts';

const ACTIONS: Readonly<Record<DetectorId, string>> = {
  'same-order': 'refund',
  'rapid-repeat': 'review',
  'retry-suffix': 'review',
  'near-order': 'review',
  'another-order': 'review',
};

interface Ref {
  readonly source: string;
  readonly chargeId: string;
}

/** Each flag belongs to a cluster that expects it, and each cluster has the flags that it expects. */
export function compareClusters(truth: Truth, flags: readonly ObservedFlag[]): readonly string[] {
  const differences: string[] = [];
  const flagsOf = new Map<ClusterTruth, ObservedFlag[]>(truth.clusters.map((cluster) => [cluster, []]));
  const truthOf = truthByCharge(truth);
  const found = new Set<string>();
  for (const flag of flags) {
    if (found.has(name(flag))) differences.push(`charge ${name(flag)} is flagged more than once`);
    found.add(name(flag));
    const known = truthOf.get(`${flag.detector} ${name(flag)}`);
    if (known === undefined || known.charge.flagged === 'never') {
      const about = `charge ${name(flag)}${kindOf(truth, flag)}`;
      differences.push(`${about} is flagged by ${flag.detector} and must not be${forbidden(flag)}`);
    }
    if (known !== undefined) {
      flagsOf.get(known.cluster)?.push(flag);
      differences.push(...compareFlag(flag, known.charge, known.cluster));
    }
  }
  for (const [cluster, ofCluster] of flagsOf) {
    differences.push(
      ...missingFlags(cluster, found),
      ...compareCounts(cluster, ofCluster),
      ...oneCase(cluster, ofCluster),
    );
  }
  return differences;
}

type TrueCharge = { readonly cluster: ClusterTruth; readonly charge: ChargeTruth };

/** A charge may be an original under both detectors, so its key has the detector's name. */
function truthByCharge(truth: Truth): ReadonlyMap<string, TrueCharge> {
  return new Map(
    truth.clusters.flatMap((cluster) =>
      cluster.charges.map((charge) => [`${cluster.detector} ${name(charge)}`, { cluster, charge }] as const),
    ),
  );
}

function compareFlag(flag: ObservedFlag, charge: ChargeTruth, cluster: ClusterTruth): string[] {
  const about = `charge ${name(flag)} (${cluster.kind})`;
  const differences: string[] = [];
  // A charge whose source has no gateway is only monitored, whatever its detector says.
  const action = charge.status === 'monitored' ? 'monitor' : ACTIONS[cluster.detector];
  if (flag.action !== action) differences.push(`${about} has the action ${flag.action} instead of ${action}`);
  if (charge.status !== undefined && flag.status !== charge.status) {
    differences.push(`${about} ended ${flag.status} instead of ${charge.status}${forbidden(flag)}`);
  }
  if (charge.waitsFor !== undefined && flag.status === 'held' && flag.waitsFor !== undefined) {
    const [found, expected] = [flag.waitsFor, charge.waitsFor].map((reasons) => [...reasons].sort().join(', '));
    if (found !== expected) differences.push(`${about} waits for ${found} instead of ${expected}`);
  }
  const original = originalOf(flag);
  if (charge.original !== undefined && name(charge.original) !== name(original)) {
    differences.push(`${about} names the original ${name(original)} instead of ${name(charge.original)}`);
  }
  return differences;
}

/** A refund that the truth forbids matters most, so its difference names it as one. */
function forbidden({ status }: ObservedFlag): string {
  return status === 'refunded' ? '; the truth forbids this refund' : '';
}

function missingFlags(cluster: ClusterTruth, found: ReadonlySet<string>): string[] {
  return cluster.charges
    .filter((charge) => charge.flagged === 'always' && !found.has(name(charge)))
    .map((charge) => `charge ${name(charge)} (${cluster.kind}) is not flagged; ${cluster.detector} must find it`);
}

/** Promise 1 and promise 2: exactly the owed number stands, and each surplus charge has its one flag and end. */
function compareCounts(cluster: ClusterTruth, flags: readonly ObservedFlag[]): string[] {
  const differences: string[] = [];
  const ended = (status: string): number => flags.filter((flag) => flag.status === status).length;
  const differs = (what: string, found: number, wanted: number, atMost = wanted): void => {
    if (found >= wanted && found <= atMost) return;
    const range = atMost === wanted ? `${wanted}` : `${wanted} to ${atMost}`;
    differences.push(`${clusterName(cluster)} has ${found} ${what} instead of ${range}`);
  };
  const { mayHold = 0 } = cluster;
  differs('flags', flags.length, sureFlags(cluster), sureFlags(cluster) + cluster.mayDismiss + mayHold);
  differs('refunded', ended('refunded'), cluster.refunded);
  differs('held', ended('held'), cluster.held, cluster.held + mayHold);
  differs('monitored', ended('monitored'), cluster.monitored ?? 0);
  differs('dismissed', ended('dismissed'), 0, cluster.mayDismiss);
  const left = cluster.charges.filter(({ taken }) => taken === undefined).length;
  differs('charges standing', left - ended('refunded'), cluster.standing);
  return differences;
}

/** Whichever charge was first, all flags of a cluster name the same original, and it is one of its charges. */
function oneCase(cluster: ClusterTruth, flags: readonly ObservedFlag[]): string[] {
  const originals = new Set(flags.map((flag) => name(originalOf(flag))));
  const members = new Set(cluster.charges.map(name));
  const strangers = [...originals].filter((original) => !members.has(original));
  const differences = strangers.map((stranger) => `${clusterName(cluster)} has an original from outside: ${stranger}`);
  if (originals.size > 1) {
    differences.push(`${clusterName(cluster)} has ${originals.size} originals: ${[...originals].join(', ')}`);
  }
  return differences;
}

/** Those that every order of processing raises in the end. */
export function sureFlags({ refunded, held, monitored = 0 }: ClusterTruth): number {
  return refunded + held + monitored;
}

export function originalOf({ originalSource, original }: ObservedFlag): Ref {
  return { source: originalSource, chargeId: original };
}

/** How a charge is called in a difference, and compared: two processors may use one charge id. */
export function name({ source, chargeId }: Ref): string {
  return `${source} ${chargeId}`;
}

function clusterName({ kind, story, detector, charges }: ClusterTruth): string {
  return `the ${detector} cluster of story ${story} (${kind}: ${charges.map(name).join(', ')})`;
}

/** The kind of the story that a charge belongs to, by the number in its id. */
function kindOf(truth: Truth, { chargeId }: Ref): string {
  const story = Number(chargeId.split('_')[1]);
  const kind = Object.keys(truth.stories).find((key) => truth.stories[key]?.includes(story));
  return kind === undefined ? '' : ` (${kind})`;
}
