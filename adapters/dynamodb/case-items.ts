import type { CaseId, FlagId, Ms } from '../../core/brands.ts';
import type { AuditEntry } from '../../core/cases/audit.ts';
import type { Case, CaseChange } from '../../core/cases/case.ts';
import type { Comment } from '../../core/cases/comment.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { asksApprover } from '../../core/cases/flag-history.ts';
import { iso } from '../../core/clock-units.ts';
import { REVIEW_SCORE_MAX, reviewScore } from '../../core/queries/review-score.ts';
import { auditCodec, caseCodec, commentCodec, flagCodec } from './case-codecs.ts';
import { TABLES } from './table-layouts.ts';

/**
 * A status, or the merchant of an incident, is one key: without shards, all writes would meet on one index partition,
 * which takes 1,000 write units a second. bench/queries.bench.ts works out what each must bear.
 */
const SHARDS = 16;
const CASES = TABLES.cases;

/**
 * Lists, kept by indexes of keys alone: a write that changes none of them costs the index nothing. A payer's events come
 * from one shard of the stream, which bounds their rate; a charge id is one charge's.
 */
export const INDEXES = {
  byStatus: { ...CASES.indexes.byStatus, shards: SHARDS },
  byDeadline: { ...CASES.indexes.byDeadline, shards: SHARDS },
  byMerchant: { ...CASES.indexes.byMerchant, shards: SHARDS },
  byPayer: { ...CASES.indexes.byPayer, shards: 1 },
  byOrder: { ...CASES.indexes.byOrder, shards: SHARDS },
  byCharge: { ...CASES.indexes.byCharge, shards: 1 },
  byScore: { ...CASES.indexes.byScore, shards: SHARDS },
} as const;
export type IndexName = keyof typeof INDEXES;

/** In the list by deadline, what is marked as urgent comes before what is not: the sweep begins where the latter begin. */
const URGENT = '0';
export const NOT_URGENT = '1';

/** The one list by score: what waits for an approver. */
export const WAITING = 'waiting';

export const auditPrefix = 'audit#';
export const commentPrefix = 'comment#';

export const flagPrefix = 'flag#';

export function flagKey(id: FlagId) {
  return { pk: flagPrefix + id, sk: 'flag' };
}

export function caseKey(id: CaseId) {
  return { pk: `case#${id}`, sk: 'case' };
}

export function statusKey(kind: 'case' | 'flag', status: string): string {
  return `${kind}#${status}`;
}

type StoredItem = { readonly pk: string; readonly sk: string; readonly version?: number };

/** The items of one transaction. */
export function itemsOf(change: CaseChange): readonly StoredItem[] {
  return [
    caseItem(change.case),
    ...change.flags.map((flag) => flagItem(flag, change.case)),
    ...change.audit.map(auditItem),
  ];
}

/** By payer, order and charge a flag stands where its case does, so that a case's flags are neighbours. */
function flagItem(flag: Flag, of: Case) {
  const { payer, order, chargeId } = flag.charge;
  const sortKey = `${sortKeyOf(of)}#${flag.id}`;
  return {
    ...flagKey(flag.id),
    kind: 'flag',
    status: flag.status,
    version: flag.version,
    [CASES.indexes.byCase.partitionKey]: caseKey(flag.caseId).pk,
    [CASES.indexes.byCase.sortKey]: flagKey(flag.id).pk,
    ...listed('byStatus', flag, [statusKey('flag', flag.status), sortKeyOf(flag)]),
    ...(payer !== undefined && listed('byPayer', flag, [payer, sortKey])),
    ...(order !== undefined && listed('byOrder', flag, [order, sortKey])),
    ...listed('byCharge', flag, [chargeId, sortKey]),
    ...(asksApprover(flag) && listed('byScore', flag, [WAITING, scoreKeyOf(flag)])),
    body: flagCodec.encode(flag),
  };
}

function caseItem(item: Case) {
  const { status, merchant, order, original, deadlineAtMs, urgentSinceMs } = item;
  const sortKey = sortKeyOf(item);
  return {
    ...caseKey(item.id),
    kind: 'case',
    status,
    version: item.version,
    ...listed('byStatus', item, [statusKey('case', status), sortKey]),
    ...(deadlineAtMs !== undefined &&
      listed('byDeadline', item, [
        'deadline',
        `${urgentSinceMs === undefined ? NOT_URGENT : URGENT}#${iso(deadlineAtMs)}#${item.id}`,
      ])),
    ...listed('byMerchant', item, [merchant, sortKey]),
    ...(order !== undefined && listed('byOrder', item, [order, sortKey])),
    ...listed('byCharge', item, [original.chargeId, sortKey]),
    body: caseCodec.encode(item),
  };
}

/** Audit entries are written once and never again: they have no version. */
function auditItem(entry: AuditEntry) {
  const sk = `${auditPrefix}${String(entry.seq).padStart(6, '0')}`;
  return { ...caseKey(entry.caseId), sk, kind: 'audit', body: auditCodec.encode(entry) };
}

/** Comments are no part of the audit: they change nothing. */
export function commentItem(comment: Comment) {
  return {
    ...caseKey(comment.caseId),
    sk: `${commentPrefix}${comment.id}`,
    kind: 'comment',
    body: commentCodec.encode(comment),
  };
}

/** Where a case or flag stands in a list by time. */
function sortKeyOf({ openedAtMs, id }: { readonly openedAtMs: Ms; readonly id: string }): string {
  return `${iso(openedAtMs)}#${id}`;
}

/** Where a flag stands in the list by score: the best first, of one score the oldest. */
function scoreKeyOf(flag: Flag): string {
  return `${String(REVIEW_SCORE_MAX - reviewScore(flag)).padStart(3, '0')}#${sortKeyOf(flag)}`;
}

/** All keys under which an index keeps what belongs to one. */
export function shardsOf(index: IndexName, key: string): readonly string[] {
  return Array.from({ length: INDEXES[index].shards }, (_, shard) => shardKey(key, shard));
}

function shardKey(key: string, shard: number): string {
  return `${key}#${shard}`;
}

function listed(index: IndexName, { id }: { readonly id: string }, [key, position]: readonly [string, string]) {
  const { partitionKey, sortKey, shards } = INDEXES[index];
  return { [partitionKey]: shardKey(key, Number.parseInt(id.slice(0, 4), 16) % shards), [sortKey]: position };
}
