import type { QuarantinedRecords } from '../adapters/s3/quarantined-records.ts';
import type { Ms } from '../core/brands.ts';
import { iso } from '../core/clock-units.ts';
import type { EventRules } from '../core/events/source.ts';
import { type QuarantinedItem, repair } from '../core/redrive/repair.ts';
import type { StreamRecord } from './put-records.ts';

export interface PutBackPorts {
  readonly quarantined: Pick<QuarantinedRecords, 'read' | 'bytesOf' | 'markRedriven'>;
  readonly put: (record: StreamRecord) => Promise<void>;
  readonly digestOf: (bytes: Uint8Array) => string;
  readonly now: () => Ms;
  readonly by: string;
  /** The registry of the stage: a source that is registered by now may go back. */
  readonly sources: EventRules;
  /** The repaired event; without it the kept bytes go back. */
  readonly repaired: Uint8Array | undefined;
  readonly isDryRun: boolean;
}

export type PutBack =
  | { readonly kind: 'done'; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Puts one quarantined record back on the stream and marks it. The same bytes asked for twice go once. */
export async function putBackQuarantined(id: string, ports: PutBackPorts): Promise<PutBack> {
  const { quarantined, repaired } = ports;
  const item = await quarantined.read(id);
  if (item === undefined) {
    return { kind: 'refused', reason: `no quarantined record ${id}; list those that wait with --quarantine` };
  }
  const bytes = repaired ?? (await quarantined.bytesOf(item));
  const digest = ports.digestOf(bytes);
  if (item.redriven?.digest === digest) {
    const { at, by } = item.redriven;
    return { kind: 'done', message: `${id} was put back already at ${at} by ${by}; nothing was done.` };
  }
  const nowMs = ports.now();
  const decision = repair(item, bytes, { isRepaired: repaired !== undefined, nowMs, sources: ports.sources });
  if (decision.kind === 'refused') {
    const hint = repaired === undefined ? '; repair it with --with FILE' : '';
    return { kind: 'refused', reason: `${id} cannot go back: ${decision.reason}${hint}` };
  }
  if (ports.isDryRun) return { kind: 'done', message: `${id} can go back: ${item.reason}, ${item.detail}` };
  await ports.put(decision.record);
  await quarantined.markRedriven(id, { at: iso(nowMs), by: ports.by, digest });
  return { kind: 'done', message: `${id} is back on the stream.` };
}

/** One line: id, since when, and why. */
export function describeQuarantined({ id, reason, detail, arrivedAt }: QuarantinedItem): string {
  return `${id}  ${arrivedAt}  ${reason}: ${detail}`;
}
