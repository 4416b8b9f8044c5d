import type { ChainCheck } from '../../core/cases/audit.ts';
import type { CommentView } from '../../core/queries/comment-view.ts';
import type { IncidentView } from '../../core/queries/incident-view.ts';
import type { settingsView } from '../../core/queries/settings-view.ts';
import type { Sums } from '../../core/queries/statistics.ts';
import type { CaseView, FlagView, TimelineEntry } from '../../core/queries/views.ts';

/** What the API puts together of the core's views. */
export interface CasePage {
  readonly cases: readonly CaseView[];
  readonly cursor?: string | undefined;
}

export interface CaseDetail extends Omit<CaseView, 'flags'> {
  readonly flags: readonly FlagView[];
  readonly timeline: readonly TimelineEntry[];
  readonly comments: readonly CommentView[];
  readonly audit: ChainCheck;
}

export interface WaitingPage {
  readonly flags: readonly FlagView[];
  readonly cursor?: string | undefined;
}

export interface IncidentPage {
  readonly incidents: readonly IncidentView[];
  readonly cursor?: string;
}

/** Each bucket, also those in which nothing happened. */
export interface Statistics {
  readonly buckets: readonly (Sums & { readonly at: string })[];
}

export type SettingsView = ReturnType<typeof settingsView>;
