import type { AuditEntry } from './audit.ts';
import type { Case, CaseChange } from './case.ts';
import type { Flag, FlagStatus } from './flag.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it back to read on; absent on the last page. */
  readonly cursor?: string;
}

/** Where flags, cases and their audit live. Reads by id are strongly consistent; lists may lag by moments. */
export interface CaseStore {
  readFlags(ids: readonly string[]): Promise<readonly (Flag | undefined)[]>;
  readCase(id: string): Promise<Case | undefined>;
  /**
   * Writes case, flags and audit entries in one transaction, each on condition that the version it replaces is the
   * one before it (version 1: that there is none). `conflict` when somebody else was first; nothing is written then.
   */
  commit(change: CaseChange): Promise<'committed' | 'conflict'>;
  flagsOf(caseId: string): Promise<readonly Flag[]>;
  auditOf(caseId: string): Promise<readonly AuditEntry[]>;
  /** Newest first. */
  casesByStatus(
    status: Case['status'],
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Case>>;
  /** Unresolved ones: those whose deadline has been marked as near, then all others, each by the nearest deadline. */
  casesByDeadline(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<Case>>;
  /** The same list without those that are marked. */
  casesNotUrgent(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<Case>>;
  /** Oldest first: who has waited longest comes first. */
  flagsByStatus(status: FlagStatus, page: { readonly limit: number; readonly cursor?: string }): Promise<Page<Flag>>;
}
