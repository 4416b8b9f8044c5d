import type { AuditEntry } from '../../core/cases/audit.ts';
import type { Case } from '../../core/cases/case.ts';
import type { Flag } from '../../core/cases/flag.ts';

/** A status is one key: without shards, an incident's writes would all meet on one index partition. */
export const SHARDS = 8;

/** In the list by deadline, what is marked as urgent comes before what is not: the sweep begins where the latter begin. */
const URGENT = '0';
export const NOT_URGENT = '1';

export const auditPrefix = 'audit#';

export function flagKey(id: string) {
  return { pk: `flag#${id}`, sk: 'flag' };
}

export function caseKey(id: string) {
  return { pk: `case#${id}`, sk: 'case' };
}

export function statusKey(kind: 'case' | 'flag', status: string, shard: number): string {
  return `${kind}#${status}#${shard}`;
}

/** Of all unresolved cases, spread for the same reason. */
export function deadlineKey(shard: number): string {
  return `deadline#${shard}`;
}

export function flagItem(flag: Flag) {
  return {
    ...flagKey(flag.id),
    kind: 'flag',
    status: flag.status,
    version: flag.version,
    gsi1pk: caseKey(flag.caseId).pk,
    gsi1sk: flagKey(flag.id).pk,
    ...listed('flag', flag),
    body: flag,
  };
}

export function caseItem(item: Case) {
  return {
    ...caseKey(item.id),
    kind: 'case',
    status: item.status,
    version: item.version,
    ...listed('case', item),
    ...(item.deadlineAtMs !== undefined && {
      gsi3pk: deadlineKey(shardOf(item)),
      gsi3sk: `${item.urgentSinceMs === undefined ? NOT_URGENT : URGENT}#${new Date(item.deadlineAtMs).toISOString()}#${item.id}`,
    }),
    body: item,
  };
}

/** Audit entries are written once and never again: they have no version. */
export function auditItem(entry: AuditEntry): { readonly version?: number } {
  const sk = `${auditPrefix}${String(entry.seq).padStart(6, '0')}`;
  return { ...caseKey(entry.caseId), sk, kind: 'audit', body: entry } as { readonly version?: number };
}

function listed(
  kind: 'case' | 'flag',
  item: { readonly id: string; readonly status: string; readonly openedAtMs: number },
) {
  return {
    gsi2pk: statusKey(kind, item.status, shardOf(item)),
    gsi2sk: `${new Date(item.openedAtMs).toISOString()}#${item.id}`,
  };
}

function shardOf({ id }: { readonly id: string }): number {
  return Number.parseInt(id.slice(0, 4), 16) % SHARDS;
}
