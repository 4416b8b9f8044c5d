import type { Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import { MINUTE_MS, SECOND_MS } from '../clock-units.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { behindUntilMs, type LagStore } from '../detection/reader-lag.ts';

export interface ReadersContext {
  readonly lag: Pick<LagStore, 'readLag'>;
  readonly configuration: Pick<DetectorCatalog, 'detectorFor'>;
  readonly nowMs: () => Ms;
}

export type Readers =
  | { readonly kind: 'level' }
  /** The grace period lasts so much longer. */
  | { readonly kind: 'lagging'; readonly waitSeconds: number }
  /** They have lagged for so long that an operator should see it on the flag. */
  | { readonly kind: 'behind' };

/** A longer lag is shown as the reason `behind`; the sweep then lets the refund go on. */
const EXTENDED_MAX_MS = 10 * MINUTE_MS;

/** Tells whether the stream's readers have read what came within the flag's grace period. Reads only. */
export async function awaitReaders(flag: Flag, { lag, configuration, nowMs }: ReadersContext): Promise<Readers> {
  const graceMs = configuration.detectorFor(flag.detector, flag.charge)?.graceMs ?? 0;
  const now = nowMs();
  const untilMs = behindUntilMs(await lag.readLag(), { graceMs, nowMs: now });
  if (untilMs === undefined) return { kind: 'level' };
  if (now - flag.updatedAtMs >= graceMs + EXTENDED_MAX_MS) return { kind: 'behind' };
  return { kind: 'lagging', waitSeconds: Math.ceil((untilMs - now) / SECOND_MS) };
}
