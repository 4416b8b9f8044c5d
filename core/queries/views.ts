import type { AuditEntry } from '../cases/audit.ts';
import type { Case } from '../cases/case.ts';
import { type Flag, referenceOf } from '../cases/flag.ts';

/** A case as compliance sees it: times in ISO 8601 UTC, money in minor units beside its currency. */
export interface CaseView {
  readonly id: string;
  readonly status: Case['status'];
  readonly original: { readonly source: string; readonly chargeId: string };
  readonly merchant: string;
  readonly currency: string;
  readonly flags: number;
  readonly unresolved: number;
  readonly atStakeMinor: number;
  readonly refundedMinor: number;
  readonly openedAt: string;
  readonly updatedAt: string;
  /** Of what is unresolved. */
  readonly deadlineAt?: string;
  /** Since when that deadline is near. */
  readonly urgentSince?: string;
}

export interface FlagView {
  readonly id: string;
  readonly caseId: string;
  readonly status: Flag['status'];
  readonly attempt: number;
  readonly charge: Flag['charge'];
  readonly original: Flag['original'];
  readonly originalCharge?: Flag['charge'];
  readonly detector: string;
  readonly action: Flag['action'];
  readonly configuration: string;
  readonly holds: NonNullable<Flag['holds']>;
  readonly approvals: NonNullable<Flag['approvals']>;
  readonly refundMinor?: number;
  readonly reference?: string;
  readonly processorReference?: string;
  readonly denial?: string;
  readonly denialText?: string;
  readonly failure?: string;
  readonly contested: boolean;
  readonly scheme: string;
  readonly reasonCode: string;
  readonly deadlineAt: string;
  readonly urgentSince?: string;
  readonly chargedAt: string;
  readonly openedAt: string;
  readonly updatedAt: string;
}

export interface TimelineEntry {
  readonly seq: number;
  readonly flagId: string;
  readonly attempt: number;
  readonly actor: string;
  readonly at: string;
  readonly from: AuditEntry['from'];
  readonly to: AuditEntry['to'];
  readonly reason: string;
  readonly hash: string;
}

export function caseView(of: Case): CaseView {
  const { id, status, original, merchant, currency, flags, unresolved, atStakeMinor, refundedMinor } = of;
  const times = {
    openedAt: iso(of.openedAtMs),
    updatedAt: iso(of.updatedAtMs),
    ...(of.deadlineAtMs !== undefined && { deadlineAt: iso(of.deadlineAtMs) }),
    ...(of.urgentSinceMs !== undefined && { urgentSince: iso(of.urgentSinceMs) }),
  };
  return { id, status, original, merchant, currency, flags, unresolved, atStakeMinor, refundedMinor, ...times };
}

/** Without the task token and the window keys: they are the machinery's. */
export function flagView(flag: Flag): FlagView {
  const { token: _token, windows: _windows, version: _version, stale: _stale, decidedBy: _decidedBy, ...rest } = flag;
  const { openedAtMs, updatedAtMs, timeMs, claimedAtMs, deadlineAtMs, urgentSinceMs, ...seen } = rest;
  return {
    ...seen,
    holds: flag.holds ?? [],
    approvals: flag.approvals ?? [],
    contested: flag.contested === true,
    ...(claimedAtMs !== undefined && { reference: referenceOf(flag) }),
    deadlineAt: iso(deadlineAtMs),
    ...(urgentSinceMs !== undefined && { urgentSince: iso(urgentSinceMs) }),
    chargedAt: iso(timeMs),
    openedAt: iso(openedAtMs),
    updatedAt: iso(updatedAtMs),
  };
}

export function timelineEntry(entry: AuditEntry): TimelineEntry {
  const { seq, flagId, attempt, actor, atMs, from, to, reason, hash } = entry;
  return { seq, flagId, attempt, actor, at: iso(atMs), from, to, reason, hash };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
