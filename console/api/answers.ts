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

export interface Money {
  readonly atStakeMinor: number;
  readonly refundedMinor: number;
  readonly heldMinor: number;
}

export interface IncidentView {
  readonly id: string;
  readonly scope: { kind: 'all' } | { kind: 'processor'; source: string } | { kind: 'merchant'; merchant: string };
  readonly status: 'open' | 'closing' | 'closed';
  readonly openedAt: string;
  readonly since: string;
  readonly burst: { readonly cases: number; readonly usual: number; readonly threshold: number };
  readonly totals: {
    readonly cases: number;
    readonly resolved: number;
    readonly charges: number;
    readonly held: number;
    readonly failed: number;
    readonly unknown: number;
    readonly money: { readonly [currency: string]: Money };
  };
  readonly toldAt: string;
  readonly merchants: readonly { readonly merchant: string; readonly cases: number }[];
  readonly orders: readonly {
    frozen: boolean;
    merchant?: string | undefined;
    by: string;
    reason: string;
    at: string;
  }[];
  readonly closedAt?: string | undefined;
}

export interface IncidentPage {
  readonly incidents: readonly IncidentView[];
  readonly cursor?: string;
}

interface Frozen {
  readonly by: string;
  readonly reason: string;
  readonly since: string;
}

export interface OverviewView {
  readonly at: string;
  readonly watchedLastHour: number;
  readonly lagMs?: number | undefined;
  readonly lastJudgedAt?: string | undefined;
  readonly flags: { readonly [status in FlagView['status']]?: number };
  readonly money: { readonly [currency: string]: Money };
  readonly incidents: readonly IncidentView[];
  readonly frozen?: Frozen | undefined;
}

export interface StatisticsView {
  readonly buckets: readonly {
    readonly at: string;
    readonly watched: number;
    readonly duplicates: number;
    readonly refunds: number;
    readonly held: number;
  }[];
}

export interface SettingsView {
  readonly configuration: string;
  readonly history: 'hold' | 'judge';
  readonly detectors: readonly {
    readonly id: string;
    readonly key: readonly string[];
    readonly same: readonly string[];
    readonly windowMs: number;
    readonly latenessMs: number;
    readonly retainMs: number;
    readonly settleMs: number;
    readonly action: 'watch' | 'review' | 'refund';
    readonly exemptMccs: readonly string[];
  }[];
  readonly limitMinor: { readonly [currency: string]: number };
  readonly budgetPerHourMinor: {
    readonly merchant: { readonly [currency: string]: number };
    readonly total: { readonly [currency: string]: number };
  };
  readonly twoPeopleAboveMinor: { readonly [currency: string]: number };
  readonly merchants: readonly {
    readonly merchant: string;
    readonly detectors: readonly { id: string; action: 'watch' | 'review' | 'refund'; windowMs: number }[];
    readonly limitMinor?: { readonly [currency: string]: number } | undefined;
    readonly budgetPerHourMinor?: { readonly [currency: string]: number } | undefined;
  }[];
  readonly frozen?: Frozen | undefined;
}
