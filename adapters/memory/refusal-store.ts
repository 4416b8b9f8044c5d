import type { Ms } from '../../core/brands.ts';
import type { QuarantineReason } from '../../core/events/parse-event.ts';
import { hourOf, type RefusalNotice, type RefusalStore } from '../../core/incidents/refusals.ts';

interface Counted {
  readonly source: string | undefined;
  readonly hourMs: Ms;
  readonly firstAtMs: Ms;
  readonly ids: Map<QuarantineReason, Set<string>>;
}

/** Refusals in this process, under the same conditions as in DynamoDB. For tests and playbacks. */
export function createMemoryRefusalStore({ countedMax }: { readonly countedMax: number }): RefusalStore {
  const counts = new Map<string, Counted>();
  const notices = new Map<string, RefusalNotice>();
  const keyOf = (hourMs: Ms, source: string | undefined) => JSON.stringify([hourMs, source ?? null]);
  return {
    noteRefusals: async ({ recordIds, source, reason, atMs }) => {
      const hourMs = hourOf(atMs);
      const key = keyOf(hourMs, source);
      const counted = counts.get(key) ?? { source, hourMs, firstAtMs: atMs, ids: new Map() };
      counts.set(key, counted);
      const ids = counted.ids.get(reason) ?? new Set();
      counted.ids.set(reason, ids);
      const [first = ''] = recordIds;
      if (ids.size >= countedMax && !ids.has(first)) return 'beyond-budget';
      for (const id of recordIds.slice(0, countedMax)) ids.add(id);
      return 'counted';
    },
    refusalsIn: async (hourMs) =>
      [...counts.values()]
        .filter((counted) => counted.hourMs === hourMs)
        .map(({ source, firstAtMs, ids }) => ({
          source,
          firstAtMs,
          byReason: Object.fromEntries([...ids].map(([reason, records]) => [reason, records.size])),
          notice: notices.get(keyOf(hourMs, source)),
        })),
    openNotice: async (notice) => {
      const key = keyOf(notice.hourMs, notice.source);
      if (notices.has(key)) return 'already-open';
      notices.set(key, notice);
      return 'opened';
    },
    markNoticeSent: async (notice) => {
      notices.set(keyOf(notice.hourMs, notice.source), { ...notice, isSent: true });
    },
  };
}
