import type { Fingerprint, FlagId, Ms } from '../brands.ts';
import type { ChargeRecord } from './charge-record.ts';
import type { ChargeView } from './charge-view.ts';
import { type ChargeWindow, rootOf } from './charge-window.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import type { RecordStore } from './record-store.ts';
import type { WindowStore } from './window-store.ts';

export interface ViewContext {
  readonly windows: Pick<WindowStore, 'readWindows'>;
  readonly records: Pick<RecordStore, 'readRecords'>;
  readonly nowMs: () => Ms;
}

/** Reads windows and then the records they name. Leaves out windows that are gone. */
export async function readViews(fingerprints: readonly Fingerprint[], context: ViewContext): Promise<ChargeView[]> {
  const found = await context.windows.readWindows(fingerprints, context.nowMs());
  return viewsOf(
    found.flatMap(({ window }) => (window === undefined ? [] : [window])),
    context,
  );
}

/** Sorts views by the strength of their detectors; those of detectors that are gone come last. */
export function strongestFirst(
  views: readonly ChargeView[],
  { detectors }: Pick<DetectorCatalog, 'detectors'>,
): readonly ChargeView[] {
  const ranks = new Map(detectors.map(({ id }, rank) => [id, rank]));
  const rankOf = ({ window }: ChargeView) => ranks.get(window.detector) ?? ranks.size;
  return [...views].sort((a, b) => rankOf(a) - rankOf(b));
}

/** Reads the records that windows name, the roots of other windows too. Every record is read once. */
export async function viewsOf(
  windows: readonly ChargeWindow[],
  { records, nowMs }: Pick<ViewContext, 'records' | 'nowMs'>,
): Promise<ChargeView[]> {
  const ids = new Set<FlagId>();
  for (const { entries } of windows) {
    for (const entry of entries) ids.add(entry.id).add(rootOf(entry));
  }
  const found = ids.size === 0 ? [] : await records.readRecords([...ids], nowMs());
  const byId = new Map<FlagId, ChargeRecord>();
  for (const { record } of found) if (record !== undefined) byId.set(record.id, record);
  return windows.map((window) => ({ window, records: byId }));
}
