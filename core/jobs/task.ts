import type { CaseId, IncidentId } from '../brands.ts';
import type { CaseFilter } from '../queries/case-filter.ts';
import type { MinorByCurrency } from '../refunds/refund-settings.ts';

/** What was asked for, and the checkpoint from which it goes on. */
export type Task = ExportTask | BulkApprovalTask;

/** A point from which a job can go on: everything before it is done and kept. */
export interface Progress {
  readonly task: Task;
  readonly done: number;
  readonly total?: number;
  readonly isOver: boolean;
}

/** All cases that a filter lets through, written to a file. */
export interface ExportTask {
  readonly kind: 'export';
  readonly format: ExportFormat;
  readonly filter: CaseFilter;
  /** Absent before the file was begun. */
  readonly checkpoint?: ExportCheckpoint;
}

/** How far the file is, and where the reading of cases goes on. */
export interface ExportCheckpoint {
  readonly upload: Upload;
  readonly parts: readonly string[];
  /** Names what has been read and is too little for a part. */
  readonly rest?: string;
  /** Absent before the first page. */
  readonly cursor?: string;
  /** All is read and every part is there: only joining them is left. */
  readonly isRead?: true;
}

/** A file that is being written. Its name is of no meaning to people. */
export interface Upload {
  readonly name: string;
  readonly id: string;
}

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The approval of everything that waits in an incident: by one approver, or by two where its sums ask for it. */
export interface BulkApprovalTask {
  readonly kind: 'bulk-approval';
  readonly incidentId: IncidentId;
  readonly reason: string;
  /** Also what was only monitored. */
  readonly withMonitored?: true;
  /** By currency, what it releases at most: as its approvers saw it. */
  readonly sums: MinorByCurrency;
  /** Its approver may release the sums without another. */
  readonly alone?: true;
  /** The case walked last; cases are walked in the order of their ids. */
  readonly after?: CaseId;
  readonly counts: BulkCounts;
}

/** Of the flags that waited when they were come to. */
export interface BulkCounts {
  readonly approved: number;
  /** This person has approved; somebody else must too. */
  readonly needAnother: number;
  /** Decided by others in between, or nothing that this person may decide. */
  readonly skipped: number;
  /** The sums of the order had no room: they need another order. */
  readonly beyondSum: number;
}

export const NO_COUNTS: BulkCounts = { approved: 0, needAnother: 0, skipped: 0, beyondSum: 0 };
