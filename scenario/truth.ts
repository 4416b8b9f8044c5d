import * as z from 'zod';
import type { Minor } from '../core/brands.ts';

const count = z.int().nonnegative();

const detectorId = z.enum(['same-order', 'rapid-repeat', 'retry-suffix', 'near-order', 'another-order']);

const flagEnd = z.enum(['refunded', 'held', 'dismissed', 'monitored']);

/** `at-once`: the whole file reaches the stream before a grace period ends. `paced`: each event at its own time. */
const pace = z.enum(['at-once', 'paced']);

const chargeRef = { source: z.string(), chargeId: z.string() };

const chargeTruth = z.strictObject({
  ...chargeRef,
  /** Absent where it depends on which payer's events are processed first. */
  verdict: z.enum(['original', 'duplicate']).optional(),
  /** `sometimes`: it depends on what is processed first, or together in one batch. */
  flagged: z.enum(['always', 'never', 'sometimes']),
  /** How its flag ends, if it has one. Absent where it depends on which claim comes first. */
  status: flagEnd.optional(),
  /** The original that its flag names: itself, if its order was closed unpaid. Absent where it is open. */
  original: z.strictObject(chargeRef).optional(),
  /** Why it does not stand, other than by our refund. A `twin` has the payment of an earlier charge. */
  taken: z.enum(['released', 'disputed', 'twin']).optional(),
  /** Why a held refund waits. Absent where it depends on what was known at that moment. */
  waitsFor: z.array(z.string()).optional(),
});

/** An original and its duplicates under one detector, after the whole file was seen and then all claims decided. */
const clusterTruth = z.strictObject({
  story: count,
  kind: z.string(),
  detector: detectorId,
  /** Absent where the cluster ends the same at every pace. */
  pace: pace.optional(),
  owed: count,
  /** How many stand in the end. Held ones do: nobody has decided yet. */
  standing: count,
  refunded: count,
  held: count,
  /**
   * At most so many further flags: of charges that are surplus for a while, until a void or a closing. They are raised
   * only if somebody looks in that while, and are always dismissed.
   */
  mayDismiss: count,
  /** At most this many further flags: of charges that wait, unless a total was known before they could be flagged. */
  mayHold: count.optional(),
  /** Flags that are only reported. */
  monitored: count.optional(),
  currency: z.string(),
  refundedMinor: count,
  charges: z.array(chargeTruth).min(1),
});

export const truth = z.strictObject({
  format: z.literal(1),
  orders: count,
  seed: count,
  /** Lines of the file, whatever they hold. */
  events: count,
  /** Charges, each counted once, whose capture the file tells in a well-formed line. */
  charges: count,
  /** Distinct malformed lines: the same bytes twice are one entry of the quarantine. */
  quarantined: count,
  quarantinedBy: z.record(z.string(), count),
  /** What the clusters add up to; flags, cases and alerts without those that may or may not appear. */
  totals: z.strictObject({
    flags: count,
    cases: count,
    refunded: count,
    held: count,
    mayDismiss: count,
    monitored: count.optional(),
    failed: count,
    refundedMinor: z.record(z.string(), count),
    alerts: count,
  }),
  /** Which stories are of which kind: `ch_417_2` is a charge of story 417. */
  stories: z.record(z.string(), z.array(count)),
  clusters: z.array(clusterTruth),
});

export type Pace = z.infer<typeof pace>;

export type DetectorId = z.infer<typeof detectorId>;

export type ChargeTruth = z.infer<typeof chargeTruth>;

export type ClusterTruth = z.infer<typeof clusterTruth>;

export type Truth = z.infer<typeof truth>;

/** A flag as the system under test reports it. `original` is the charge id of the original, `originalSource` its source. */
export interface ObservedFlag {
  readonly source: string;
  readonly chargeId: string;
  readonly original: string;
  readonly originalSource: string;
  readonly detector: string;
  readonly action: string;
  readonly status: string;
  /** Why it waits, while it is held. */
  readonly waitsFor?: readonly string[];
}

/** What the system under test counted. */
export interface ObservedSummary {
  readonly events: number;
  readonly charges: number;
  readonly quarantined: number;
  readonly flags: number;
  readonly cases: number;
  readonly refunded: number;
  readonly held: number;
  readonly dismissed: number;
  readonly failed: number;
  readonly monitored?: number;
  readonly refundedMinor: Readonly<Record<string, Minor>>;
  readonly alerts: number;
  /** Bursts, each notified as one incident: their cases' alerts are in digests. */
  readonly incidents?: number;
}
