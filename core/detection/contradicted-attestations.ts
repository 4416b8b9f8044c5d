import type { Minor } from '../brands.ts';
import { type Attestation, attests, type SourceCatalog } from '../events/source.ts';
import { type CapturedRecord, type Claim, isDisputed, isReleased } from './charge-record.ts';
import { type ChargeView, chargesOf, remainingMinor, type ViewedCharge } from './charge-view.ts';
import { type OrderTotal, rootOf, totalOf } from './charge-window.ts';
import type { Contradiction } from './suspensions.ts';

/**
 * Returns the attestations that an order's window and its records contradict: docs/decisions/1013. A pure function, so that
 * a crash between window and suspension is repaired by the next look at the window.
 */
export function contradictionsIn(view: ChargeView, { sourceOf }: SourceCatalog): readonly Contradiction[] {
  const found = [...singleChargesIn(view), ...closingsIn(view), ...totalsIn(view)];
  return found.filter(({ source, attestation, merchant }) => attests(sourceOf(source), attestation, merchant));
}

/**
 * `single-charge`: the order's total needs more than one charge of a cluster. One charge of each cluster is less, and it is
 * exactly what the first two or more of one cluster add up to, or all charges. What we have refunded counts: we may have
 * been wrong.
 */
function singleChargesIn(view: ChargeView): readonly Contradiction[] {
  const { window } = view;
  return (window.totals ?? []).flatMap(({ currency }) => {
    const total = totalOf(window, currency);
    const charges = chargesOf(view).filter((charge) => isPaid(charge) && currencyOf(charge) === currency);
    const clusters = [...Map.groupBy(charges, ({ entry }) => rootOf(entry)).values()];
    if (total === undefined || onceEachMinor(clusters) >= total.totalMinor) return [];
    const isAll = sumOf(charges) === total.totalMinor;
    return clusters
      .filter((cluster) => cluster.length > 1 && (isAll || isTotalOfSome(cluster, total.totalMinor)))
      .flatMap((cluster) => ofCluster(cluster, total));
  });
}

/** Returns the most that the order costs if each cluster is owed once. */
function onceEachMinor(clusters: readonly (readonly ViewedCharge[])[]): Minor {
  return clusters.reduce((sum, cluster) => sum + Math.max(...cluster.map(remainingMinor)), 0);
}

function isTotalOfSome(cluster: readonly ViewedCharge[], totalMinor: Minor): boolean {
  return cluster.some((_, at) => at > 0 && sumOf(cluster.slice(0, at + 1)) === totalMinor);
}

function ofCluster(cluster: readonly ViewedCharge[], { atMs }: OrderTotal): readonly Contradiction[] {
  const newestMs = Math.max(atMs, ...cluster.map(({ record }) => record.capture.timeMs));
  const bySource = new Map(cluster.map(({ record }) => [record.source, record]));
  return [...bySource.values()].map((record) => contradictionOf(record, 'single-charge', newestMs));
}

/**
 * `closings`: our refund rests on a closing as unpaid, and its source has closed the order as paid after it. A source
 * that says so before any money has moved has only been slow.
 */
function closingsIn(view: ChargeView): readonly Contradiction[] {
  const { closed } = view.window;
  const refunded = chargesOf(view).find(({ record: { ours } }) => isOurs(ours) && ours.restsOn.includes('closings'));
  if (closed?.contradictedBy === undefined || refunded === undefined) return [];
  return [{ ...contradictionOf(refunded.record, 'closings', closed.atMs), source: closed.contradictedBy }];
}

/** `totals`: our refund rested on a total, and its source has told a later, higher one. */
function totalsIn(view: ChargeView): readonly Contradiction[] {
  return chargesOf(view).flatMap(({ record }) => {
    const { ours } = record;
    if (!isOurs(ours)) return [];
    const rested = ours.onTotal;
    const total = view.window.totals?.find(({ currency }) => currency === record.capture.charge.currency);
    if (rested === undefined || total?.source !== rested.source || total.totalMinor <= rested.totalMinor) return [];
    return [{ ...contradictionOf(record, 'totals', total.atMs), source: total.source }];
  });
}

function isOurs(ours: Claim | undefined): ours is Extract<Claim, { readonly state: 'claimed' | 'refunded' }> {
  return ours?.state === 'claimed' || ours?.state === 'refunded';
}

function contradictionOf({ source, capture }: CapturedRecord, attestation: Attestation, atMs: number): Contradiction {
  const { merchant, order = '' } = capture.charge;
  return { source, merchant, attestation, order, atMs };
}

/** Captured, and neither others nor a dispute have taken it back. */
function isPaid({ record, twins, isTwin }: ViewedCharge): boolean {
  return !isTwin && [record, ...twins].every((one) => !isReleased(one) && !isDisputed(one));
}

function currencyOf({ record }: ViewedCharge): string {
  return record.capture.charge.currency;
}

function sumOf(charges: readonly ViewedCharge[]): Minor {
  return charges.reduce((sum, charge) => sum + remainingMinor(charge), 0);
}
