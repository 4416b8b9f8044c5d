import { iso } from '../../core/clock-units.ts';
import type { QuarantineFilter, QuarantineIndex, StoredRecord } from '../../core/redrive/quarantine-index.ts';
import {
  isWaiting,
  type QuarantineDecision,
  type QuarantinedItem,
  type QuarantineStatus,
} from '../../core/redrive/quarantined-item.ts';

/** The index of the quarantine in this process, under the same conditions as in DynamoDB. For tests. */
export function createMemoryQuarantineIndex(): QuarantineIndex {
  const items = new Map<string, QuarantinedItem>();
  const change = (id: string, next: (item: QuarantinedItem) => QuarantinedItem | undefined) => {
    const item = items.get(id);
    const changed = item && next(item);
    if (changed !== undefined) items.set(id, changed);
    return changed !== undefined;
  };
  return {
    add: async (record) => {
      const known = items.get(record.id);
      const endsSoon = (known?.expiresAtMs ?? 0) < (record.arrivedMs + record.expiresAtMs) / 2;
      if (known?.status === 'waiting' && !endsSoon) return;
      items.set(record.id, waiting(record, known));
    },
    read: async (id) => items.get(id),
    list: async function* (filter) {
      for (const item of [...items.values()]) if (isMatch(item, filter)) yield item;
    },
    beginSending: async (id) => change(id, (item) => (isWaiting(item) ? { ...item, status: 'sending' } : undefined)),
    markRepaired: async (id, decision) =>
      change(id, (item) => (item.status === 'sending' ? ended(item, 'repaired', decision) : undefined)),
    markDiscarded: async (id, decision) =>
      change(id, (item) => (isWaiting(item) ? ended(item, 'discarded', decision) : undefined)),
  };
}

function waiting({ arrivedMs, ...record }: StoredRecord, known: QuarantinedItem | undefined): QuarantinedItem {
  return { ...record, status: 'waiting', arrivedAt: iso(arrivedMs), history: known?.history ?? [] };
}

function ended(item: QuarantinedItem, status: QuarantineStatus, decision: QuarantineDecision): QuarantinedItem {
  return { ...item, status, history: [...item.history, decision] };
}

function isMatch(item: QuarantinedItem, { source, reasons, sinceMs, untilMs, statuses }: QuarantineFilter): boolean {
  const arrivedMs = Date.parse(item.arrivedAt);
  return (
    statuses.includes(item.status) &&
    (source === undefined || item.source === source) &&
    (reasons === undefined || reasons.includes(item.reason)) &&
    (sinceMs === undefined || arrivedMs >= sinceMs) &&
    (untilMs === undefined || arrivedMs < untilMs)
  );
}
