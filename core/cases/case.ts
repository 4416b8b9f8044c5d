import type { CaseId, Minor, Ms } from '../brands.ts';
import type { DetectorAction } from '../detection/detector.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { type AuditEntry, chainHash, GENESIS } from './audit.ts';
import { type Flag, hasRefunded, isUnreconciled, isUnresolved } from './flag.ts';

/** All flags that share one original charge. */
export interface Case {
  readonly id: CaseId;
  readonly version: number;
  readonly status: 'open' | 'resolved';
  readonly original: ChargeRef;
  readonly merchant: string;
  /** Of the original, where it is known, else of the charge that was flagged first. */
  readonly order?: string;
  readonly currency: string;
  /** What the strongest of its flags' detectors asked for so far. */
  readonly action: DetectorAction;
  readonly flags: number;
  readonly unresolved: number;
  /** Of these, those that a processor's refund report does not match. */
  readonly unreconciled: number;
  /** Flags whose refund was done. */
  readonly refunds: number;
  /** Flags whose refund waits for people. */
  readonly held: number;
  /** All under which its flags were raised so far, in the order of the alphabet. */
  readonly detectors: readonly string[];
  /** How often it was opened: 1, and one more each time a resolved case gets an unresolved flag. */
  readonly openings: number;
  /** Sum of the flagged charges' amounts, minor units of `currency`. */
  readonly atStakeMinor: Minor;
  readonly refundedMinor: Minor;
  readonly openedAtMs: Ms;
  readonly updatedAtMs: Ms;
  /** The earliest deadline of the flags that were unresolved since it was last opened; absent once it is resolved. */
  readonly deadlineAtMs?: Ms;
  /** That deadline has been near since then; absent once it is resolved. */
  readonly urgentSinceMs?: Ms;
  /** While it stands the case is neither deleted nor erased. No refund waits for it. */
  readonly legalHold?: LegalHold;
  readonly auditLength: number;
  /** Hash of the newest audit entry. */
  readonly auditHead: string;
}

/** Who ordered that a case is neither deleted nor erased, when and why. */
export interface LegalHold {
  readonly by: string;
  readonly atMs: Ms;
  readonly reason: string;
}

/** Who changes a flag, when and why: goes into the audit as it is. */
export interface Act {
  readonly actor: string;
  readonly atMs: Ms;
  readonly reason: string;
}

export interface FlagChange {
  readonly before: Flag | undefined;
  readonly after: Flag;
  readonly act: Act;
}

/** Flags of one case, the case and the audit entries: written together or not at all. */
export interface CaseChange {
  readonly case: Case;
  readonly flags: readonly Flag[];
  readonly audit: readonly AuditEntry[];
}

/** The case with the changes counted and audited. All changes are of flags of this one case. */
export function withChanges(
  known: Case | undefined,
  changes: readonly FlagChange[],
  digests: Pick<PlainDigests, 'hash256'>,
): CaseChange {
  const [first] = changes;
  if (first === undefined) throw bug('a case changes by at least one flag');
  let next = known ?? newCase(first);
  const audit: AuditEntry[] = [];
  for (const { before, after, act } of changes) {
    const wasOpen = next.unresolved > 0;
    const entry = auditEntry(next, { before, after, act }, digests);
    audit.push(entry);
    const unresolved = next.unresolved + unresolvedOf(after) - (before ? unresolvedOf(before) : 0);
    const held = next.held + heldOf(after) - (before ? heldOf(before) : 0);
    const { deadlineAtMs, urgentSinceMs, ...rest } = next;
    next = {
      ...rest,
      flags: next.flags + (before ? 0 : 1),
      unresolved,
      held,
      refunds: next.refunds + refundsOf(after) - (before ? refundsOf(before) : 0),
      detectors: [...new Set([...next.detectors, after.detector])].sort(),
      unreconciled: next.unreconciled + unreconciledOf(after) - (before ? unreconciledOf(before) : 0),
      action: stronger(next.action, after.action),
      status: unresolved > 0 ? 'open' : 'resolved',
      openings: next.openings + (!wasOpen && unresolved > 0 && next.flags > 0 ? 1 : 0),
      atStakeMinor: next.atStakeMinor + after.charge.amountMinor - (before?.charge.amountMinor ?? 0),
      refundedMinor: next.refundedMinor + refundedOf(after) - (before ? refundedOf(before) : 0),
      updatedAtMs: act.atMs,
      ...(unresolved > 0 && urgencyOf({ deadlineAtMs, urgentSinceMs }, after)),
      auditLength: entry.seq,
      auditHead: entry.hash,
    };
  }
  return { case: { ...next, version: next.version + 1 }, flags: lastOfEach(changes), audit };
}

function newCase({ after, act }: FlagChange): Case {
  const { order } = after.originalCharge ?? after.charge;
  return {
    id: after.caseId,
    version: 0,
    status: 'open',
    original: after.original,
    merchant: after.charge.merchant,
    ...(order !== undefined && { order }),
    currency: after.charge.currency,
    action: after.action,
    flags: 0,
    unresolved: 0,
    held: 0,
    refunds: 0,
    detectors: [],
    unreconciled: 0,
    openings: 1,
    atStakeMinor: 0,
    refundedMinor: 0,
    openedAtMs: act.atMs,
    updatedAtMs: act.atMs,
    auditLength: 0,
    auditHead: GENESIS,
  };
}

const STRENGTH: { readonly [action in DetectorAction]: number } = { monitor: 0, review: 1, refund: 2 };

function stronger(a: DetectorAction, b: DetectorAction): DetectorAction {
  return STRENGTH[a] >= STRENGTH[b] ? a : b;
}

function auditEntry(
  head: Case,
  { before, after, act }: FlagChange,
  digests: Pick<PlainDigests, 'hash256'>,
): AuditEntry {
  const body = {
    caseId: head.id,
    seq: head.auditLength + 1,
    flagId: after.id,
    attempt: after.attempt,
    actor: act.actor,
    atMs: act.atMs,
    from: before?.status ?? 'none',
    to: after.status,
    reason: act.reason,
    previous: head.auditHead,
  } as const;
  return { ...body, hash: chainHash(body, digests) };
}

/**
 * What a flag that resolves leaves behind stays: a case that waits for others of its flags is reminded too early by a
 * detector's window at most, never too late.
 */
function urgencyOf(known: Urgency, after: Flag): Pick<Case, keyof Urgency> {
  const added: Urgency = isUnresolved(after) ? after : {};
  const deadlines = [known.deadlineAtMs, added.deadlineAtMs].filter((ms) => ms !== undefined);
  const urgentSinceMs = known.urgentSinceMs ?? added.urgentSinceMs;
  return { deadlineAtMs: Math.min(...deadlines), ...(urgentSinceMs !== undefined && { urgentSinceMs }) };
}

interface Urgency {
  readonly deadlineAtMs?: Ms | undefined;
  readonly urgentSinceMs?: Ms | undefined;
}

function unresolvedOf(flag: Flag): number {
  return Number(isUnresolved(flag));
}

function unreconciledOf(flag: Flag): number {
  return Number(isUnreconciled(flag));
}

function heldOf({ status }: Flag): number {
  return status === 'held' ? 1 : 0;
}

/** Also what was refunded in error has gone back. */
function refundsOf(flag: Flag): number {
  return Number(hasRefunded(flag));
}

function refundedOf(flag: Flag): Minor {
  return hasRefunded(flag) ? flag.refundMinor : 0;
}

function lastOfEach(changes: readonly FlagChange[]): readonly Flag[] {
  return [...new Map(changes.map(({ after }) => [after.id, after])).values()];
}
