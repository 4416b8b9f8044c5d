import type { CaseId, FlagId, Ms } from '../../core/brands.ts';
import type { AuditEntry } from '../../core/cases/audit.ts';
import type { Case, CaseChange } from '../../core/cases/case.ts';
import type { CaseList, CasePageOf, CaseStore, ListedCase, Page, PageOf } from '../../core/cases/case-store.ts';
import type { Comment } from '../../core/cases/comment.ts';
import type { Flag, FlagIn, FlagStatus } from '../../core/cases/flag.ts';
import { hasStatus } from '../../core/cases/flag.ts';
import { asksApprover } from '../../core/cases/flag-history.ts';
import { iso } from '../../core/clock-units.ts';
import { bug } from '../../core/fault.ts';
import { REVIEW_SCORE_MAX, reviewScore } from '../../core/queries/review-score.ts';

/** Flags, cases and their audit in this process, under the same conditions as in DynamoDB. For tests and the simulator. */
export interface MemoryCaseStore extends CaseStore {
  allFlags(): readonly Flag[];
  allCases(): readonly Case[];
}

/** Where those begin, in the list by deadline, that are not marked as urgent. */
const NOT_URGENT = '1';
/** DynamoDB takes no more in one transaction (TransactWriteItems, API reference). */
const TRANSACTION_ITEMS_MAX = 100;

export function createMemoryCaseStore(): MemoryCaseStore {
  const flags = new Map<FlagId, Flag>();
  const cases = new Map<CaseId, Case>();
  const comments = new Map<string, Comment>();
  const audits = new Map<CaseId, AuditEntry[]>();

  const commit = (change: CaseChange): 'committed' | 'conflict' => {
    if (1 + change.flags.length + change.audit.length > TRANSACTION_ITEMS_MAX) {
      throw bug(`more than ${TRANSACTION_ITEMS_MAX} items in one transaction`);
    }
    const isNext = (known: { readonly version: number } | undefined, next: { readonly version: number }): boolean =>
      (known?.version ?? 0) === next.version - 1;
    if (!isNext(cases.get(change.case.id), change.case)) return 'conflict';
    if (!change.flags.every((flag) => isNext(flags.get(flag.id), flag))) return 'conflict';
    const audit = audits.get(change.case.id) ?? [];
    if (change.audit.some(({ seq }, at) => seq !== audit.length + 1 + at)) return 'conflict';
    cases.set(change.case.id, change.case);
    for (const flag of change.flags) flags.set(flag.id, flag);
    audits.set(change.case.id, [...audit, ...change.audit]);
    return 'committed';
  };
  const listCases = (list: CaseList, page: CasePageOf): Page<ListedCase> => {
    const isDeadline = list.by === 'deadline';
    const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = page;
    const found = [...cases.values()]
      .filter((each) => isListed(each, list, flags.values()))
      .filter(({ openedAtMs }) => isDeadline || (openedAtMs >= fromMs && openedAtMs < toMs))
      .map((each) => ({ found: each, cursor: isDeadline ? deadlineKey(each) : orderKey(each.openedAtMs, each.id) }));
    return pageOf(found, page, ({ cursor }) => cursor, isDeadline ? 'oldest-first' : 'newest-first');
  };
  const plain = ({ items, ...rest }: Page<ListedCase>) => ({ ...rest, items: items.map(({ found }) => found) });
  return {
    readFlags: async (ids) => ids.map((id) => flags.get(id)),
    readCase: async (id) => cases.get(id),
    commit: async (change) => commit(change),
    flagsOf: async (caseId) =>
      [...flags.values()].filter((flag) => flag.caseId === caseId).sort((a, b) => compare(a.id, b.id)),
    auditOf: async (caseId) => audits.get(caseId) ?? [],
    addComment: async (comment) => {
      const known = comments.get(comment.id) ?? comment;
      comments.set(comment.id, known);
      return known;
    },
    commentsOf: async (caseId) =>
      [...comments.values()].filter((each) => each.caseId === caseId).sort((a, b) => a.atMs - b.atMs),
    listCases: async (list, page) => listCases(list, page),
    casesByStatus: async (status, page) => plain(listCases({ by: 'status', status }, page)),
    casesNotUrgent: async ({ limit, cursor = NOT_URGENT }) => plain(listCases({ by: 'deadline' }, { limit, cursor })),
    countFlags: async (status, sinceMs) =>
      [...flags.values()].filter((flag) => flag.status === status && flag.openedAtMs >= sinceMs).length,
    flagsByStatus: async <Status extends FlagStatus>(status: Status, page: CasePageOf) => {
      const { fromMs = -Infinity, toMs = Infinity } = page;
      const found = [...flags.values()]
        .filter((flag): flag is FlagIn<Status> => hasStatus(flag, status))
        .filter(({ openedAtMs }) => openedAtMs >= fromMs && openedAtMs < toMs);
      return pageOf(found, page, (flag) => orderKey(flag.openedAtMs, flag.id), 'oldest-first');
    },
    waitingFlags: async (page) => {
      const found = [...flags.values()].filter(asksApprover);
      return pageOf(found, page, (flag) => `${scoreKey(flag)}#${orderKey(flag.openedAtMs, flag.id)}`, 'oldest-first');
    },
    allFlags: () => [...flags.values()],
    allCases: () => [...cases.values()],
  };
}

function isListed(one: Case, list: CaseList, flags: Iterable<Flag>): boolean {
  const hasFlag = (isMeant: (flag: Flag) => boolean) =>
    [...flags].some((flag) => flag.caseId === one.id && isMeant(flag));
  switch (list.by) {
    case 'deadline':
      return one.deadlineAtMs !== undefined;
    case 'status':
      return list.status === 'any' || list.status === one.status;
    case 'merchant':
      return one.merchant === list.merchant;
    case 'payer':
      return hasFlag(({ charge }) => charge.payer === list.payer);
    case 'order':
      return one.order === list.order || hasFlag(({ charge }) => charge.order === list.order);
    case 'charge':
      return one.original.chargeId === list.chargeId || hasFlag(({ charge }) => charge.chargeId === list.chargeId);
  }
}

function pageOf<Item>(
  found: readonly Item[],
  { limit, cursor }: PageOf,
  keyOf: (item: Item) => string,
  order: 'newest-first' | 'oldest-first',
): Page<Item> {
  const sign = order === 'oldest-first' ? 1 : -1;
  const sorted = found.toSorted((a, b) => sign * compare(keyOf(a), keyOf(b)));
  const rest = cursor === undefined ? sorted : sorted.filter((item) => sign * compare(keyOf(item), cursor) > 0);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, cursor: rest.length > limit && last !== undefined ? keyOf(last) : undefined };
}

function deadlineKey({ urgentSinceMs, deadlineAtMs = 0, id }: Case): string {
  return `${urgentSinceMs === undefined ? NOT_URGENT : '0'}#${orderKey(deadlineAtMs, id)}`;
}

/** The best score first. */
function scoreKey(flag: Flag): string {
  return String(REVIEW_SCORE_MAX - reviewScore(flag)).padStart(3, '0');
}

function orderKey(timeMs: Ms, id: string): string {
  return `${iso(timeMs)}#${id}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
