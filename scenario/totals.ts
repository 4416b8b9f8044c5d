import type { Minor } from '../core/brands.ts';
import { name, sureFlags } from './compare-clusters.ts';
import type { ClusterTruth, Truth } from './truth.ts';

/** Returns what the clusters add up to, without the flags that may or may not appear. */
export function totalsOf(clusters: readonly ClusterTruth[]): Truth['totals'] {
  const flagged = clusters.filter((cluster) => sureFlags(cluster) > 0);
  const cases = new Map<string, { held: number; refunded: number }>();
  for (const [index, { charges, held, refunded }] of flagged.entries()) {
    const original = charges.find((charge) => charge.original !== undefined)?.original;
    const key = original === undefined ? `cluster ${index}` : name(original);
    const known = cases.get(key) ?? { held: 0, refunded: 0 };
    cases.set(key, { held: known.held + held, refunded: known.refunded + refunded });
  }
  const sum = (of: (cluster: ClusterTruth) => number): number => flagged.reduce((total, one) => total + of(one), 0);
  const refundedMinor: Record<string, Minor> = {};
  for (const { currency, refundedMinor: minor } of flagged.filter(({ refunded }) => refunded > 0)) {
    refundedMinor[currency] = (refundedMinor[currency] ?? 0) + minor;
  }
  const monitored = sum((cluster) => cluster.monitored ?? 0);
  return {
    flags: sum(sureFlags),
    cases: cases.size,
    refunded: sum(({ refunded }) => refunded),
    held: sum(({ held }) => held),
    mayDismiss: clusters.reduce((most, { mayDismiss }) => most + mayDismiss, 0),
    ...(monitored > 0 && { monitored }),
    failed: 0,
    refundedMinor,
    // A case is announced when it opens and again when it is resolved. One that waits is still open, and one that is only
    // monitored never was.
    alerts: [...cases.values()].reduce((sent, { held, refunded }) => sent + (held === 0 && refunded > 0 ? 2 : 1), 0),
  };
}
