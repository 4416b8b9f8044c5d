import type { Minor } from '../../core/brands.ts';
import { HOUR_MS, iso } from '../../core/clock-units.ts';
import type { Outflow } from '../../core/refunds/outflow.ts';
import type { Ramp } from '../../core/refunds/ramp.ts';

/** The total is one number for everybody: spread over shards, each with its part of the cap. */
const TOTAL_SHARDS = 4;

export interface Counter {
  readonly pk: string;
  readonly minor: Minor;
  /** What may be spent already for the allocation to fit; undefined: no cap. */
  readonly roomMinor: Minor | undefined;
}

/** What counters add up: a budget counts no charge. */
type Counted = Omit<Outflow, 'charge'> & { readonly ramps?: readonly Ramp[] };

/** Returns the counters of the clock hour that a refund adds to: of what was allocated, or of what gateways were asked for. */
export function countersOf(refund: Counted, of: 'budget' | 'outflow'): readonly Counter[] {
  const { merchant, currency, refundMinor, merchantMaxMinor, nowMs } = refund;
  const hour = iso(Math.floor(nowMs / HOUR_MS) * HOUR_MS).slice(0, 13);
  const ofMerchant = {
    pk: `${of}#merchant#${merchant}#${currency}#${hour}`,
    minor: refundMinor,
    roomMinor: merchantMaxMinor === undefined ? undefined : merchantMaxMinor - refundMinor,
  };
  const ofTotal = totalShares(refund).map(({ shard, minor, maxMinor }) => ({
    pk: `${of}#total#${currency}#${hour}#${shard}`,
    minor,
    roomMinor: maxMinor === undefined ? undefined : maxMinor - minor,
  }));
  return [ofMerchant, ...ofTotal];
}

/** Returns the counters of the day that a refund adds to, one for each source whose attestations are young. */
export function dayCountersOf({ ramps = [], currency, refundMinor, nowMs }: Counted): readonly Counter[] {
  const day = iso(nowMs).slice(0, 10);
  return ramps.map(({ source, maxMinor }) => ({
    pk: `budget#day#${currency}#${day}#${source}`,
    minor: refundMinor,
    roomMinor: maxMinor - refundMinor,
  }));
}

/** A refund counts in one shard of the total; one that is larger than a shard's part of the cap is spread over all. */
function totalShares({ name, refundMinor, totalMaxMinor }: Counted) {
  const shard = shardOf(name);
  const maxMinor = totalMaxMinor === undefined ? undefined : partOf(totalMaxMinor, shard);
  if (totalMaxMinor === undefined || maxMinor === undefined || refundMinor <= maxMinor)
    return [{ shard, minor: refundMinor, maxMinor }];
  return Array.from({ length: TOTAL_SHARDS }, (_, shard) => ({
    shard,
    minor: partOf(refundMinor, shard),
    maxMinor: partOf(totalMaxMinor, shard),
  }));
}

/** Refund and cap are divided alike, so that a refund as large as the cap fits into an hour that has spent nothing. */
function partOf(minor: Minor, shard: number): Minor {
  return Math.floor(minor / TOTAL_SHARDS) + (shard < minor % TOTAL_SHARDS ? 1 : 0);
}

/** Names begin with a flag id, which is a hash: its first digits are spread evenly. */
function shardOf(name: string): number {
  return Number.parseInt(name.slice(0, 4), 16) % TOTAL_SHARDS;
}
