import type { QuarantinedRecords } from '../adapters/s3/quarantined-records.ts';
import { mend, type QuarantinedItem } from '../core/redrive/mend.ts';
import type { StreamRecord } from './put-records.ts';

export interface PutBackPorts {
  readonly quarantined: QuarantinedRecords;
  readonly put: (record: StreamRecord) => Promise<void>;
  readonly digestOf: (bytes: Uint8Array) => string;
  readonly now: () => number;
  readonly by: string;
  /** The mended event; without it the kept bytes go back. */
  readonly mended: Uint8Array | undefined;
  readonly isDryRun: boolean;
}

export type PutBack =
  | { readonly kind: 'done'; readonly says: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Puts one quarantined record back on the stream and marks it. The same bytes asked for twice go once. */
export async function putBackQuarantined(id: string, ports: PutBackPorts): Promise<PutBack> {
  const { quarantined, mended } = ports;
  const item = await quarantined.read(id);
  if (item === undefined) {
    return { kind: 'refused', why: `no quarantined record ${id}; list those that wait with --quarantine` };
  }
  const bytes = mended ?? (await quarantined.bytesOf(item));
  const digest = ports.digestOf(bytes);
  if (item.redriven?.digest === digest) {
    const { at, by } = item.redriven;
    return { kind: 'done', says: `${id} was put back already at ${at} by ${by}; nothing was done.` };
  }
  const nowMs = ports.now();
  const decision = mend(item, bytes, { isMended: mended !== undefined, nowMs });
  if (decision.kind === 'refused') {
    const hint = mended === undefined ? '; mend it with --with FILE' : '';
    return { kind: 'refused', why: `${id} cannot go back: ${decision.why}${hint}` };
  }
  if (ports.isDryRun) return { kind: 'done', says: `${id} can go back: ${item.reason}, ${item.detail}` };
  await ports.put(decision.record);
  await quarantined.markRedriven(id, { at: new Date(nowMs).toISOString(), by: ports.by, digest });
  return { kind: 'done', says: `${id} is back on the stream.` };
}

/** One line: id, since when, and why. */
export function describeQuarantined({ id, reason, detail, arrivedAt }: QuarantinedItem): string {
  return `${id}  ${arrivedAt}  ${reason}: ${detail}`;
}
