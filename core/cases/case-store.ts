import type { CaseId, FlagId, Ms } from '../brands.ts';
import type { AuditEntry } from './audit.ts';
import type { Case, CaseChange } from './case.ts';
import type { Comment } from './comment.ts';
import type { Flag, FlagIn, FlagStatus } from './flag.ts';

export interface Page<Item> {
  /** Fewer than asked for, or none, where the list was behind its items: the cursor alone says whether there is more. */
  readonly items: readonly Item[];
  /** Give it back to read on; absent on the last page. */
  readonly cursor?: string | undefined;
}

export interface PageOf {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Which cases, in which order: unresolved ones by the nearest deadline, those first that were marked as near; all others
 * newest first. A list by payer holds the cases of which that payer's charge was flagged; one by order or charge also
 * those whose original it is. A case is listed once, however many of its flags belong to the list.
 */
export type CaseList =
  | { readonly by: 'deadline' }
  | { readonly by: 'status'; readonly status: Case['status'] | 'any' }
  | { readonly by: 'merchant'; readonly merchant: string }
  | { readonly by: 'payer'; readonly payer: string }
  | { readonly by: 'order'; readonly order: string }
  | { readonly by: 'charge'; readonly chargeId: string };

export interface CasePageOf extends PageOf {
  /** Opened not before, and before: of lists by when cases or flags were opened. */
  readonly fromMs?: Ms | undefined;
  readonly toMs?: Ms | undefined;
}

/** A case and its position in the list: a cursor at which to read on after it, whatever is opened meanwhile. */
export interface ListedCase {
  readonly cursor: string;
  readonly found: Case;
}

export type WaitingFlag = FlagIn<'held' | 'expired'>;

/** Where flags, cases and their audit live. Reads by id are strongly consistent; lists may lag by moments. */
export interface CaseStore {
  readFlags(ids: readonly FlagId[]): Promise<readonly (Flag | undefined)[]>;
  readCase(id: CaseId): Promise<Case | undefined>;
  /**
   * Writes case, flags and audit entries in one transaction, each on condition that the version it replaces is the
   * one before it (version 1: that there is none). `conflict` when somebody else was first; nothing is written then.
   */
  commit(change: CaseChange): Promise<'committed' | 'conflict'>;
  flagsOf(caseId: CaseId): Promise<readonly Flag[]>;
  auditOf(caseId: CaseId): Promise<readonly AuditEntry[]>;
  /** Writes a comment once; gives the one that is there when it was written before. */
  addComment(comment: Comment): Promise<Comment>;
  /** In the order in which they were written. */
  commentsOf(caseId: CaseId): Promise<readonly Comment[]>;
  listCases(list: CaseList, page: CasePageOf): Promise<Page<ListedCase>>;
  /** Newest first. */
  casesByStatus(status: Case['status'], page: CasePageOf): Promise<Page<Case>>;
  /** Unresolved cases whose deadline has not been marked as near, nearest first. */
  casesNotUrgent(page: PageOf): Promise<Page<Case>>;
  /** Flags of a status that were raised from then on; of very many, at least so many. May lag by moments. */
  countFlags(status: FlagStatus, sinceMs: Ms): Promise<number>;
  /** Oldest first: who has waited longest comes first. */
  flagsByStatus<Status extends FlagStatus>(status: Status, page: CasePageOf): Promise<Page<FlagIn<Status>>>;
  /**
   * Flags that wait for an approver, best score first, of one score the oldest first. A flag that an older version stored
   * has no score and comes last. May lag by moments.
   */
  waitingFlags(page: PageOf): Promise<Page<WaitingFlag>>;
}
