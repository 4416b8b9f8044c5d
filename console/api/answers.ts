import type { ChainCheck } from '../../core/cases/audit.ts';
import type { CaseView, FlagView, TimelineEntry } from '../../core/queries/views.ts';

export interface CasePage {
  readonly cases: readonly CaseView[];
  readonly cursor?: string;
}

export interface CommentView {
  readonly id: string;
  readonly by: string;
  readonly at: string;
  readonly text: string;
}

export interface CaseDetail extends Omit<CaseView, 'flags'> {
  readonly flags: readonly FlagView[];
  readonly timeline: readonly TimelineEntry[];
  readonly comments?: readonly CommentView[];
  readonly audit: ChainCheck;
}
