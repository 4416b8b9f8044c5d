import * as z from 'zod';
import type { AuditEntry } from '../cases/audit.ts';
import { AUDITED_STATUSES } from '../cases/audit.ts';
import type { Case } from '../cases/case.ts';
import { DISCREPANCIES } from '../cases/discrepancy.ts';
import { FLAG_STATUSES, type Flag, hasRefunded, REASONS_TO_WAIT } from '../cases/flag.ts';
import { claimOf, denialOf, failureOf, processorReferenceOf, waitOf } from '../cases/flag-history.ts';
import { groundsOf, reasonsOf } from '../cases/sentences.ts';
import { UNCONFIRMED_FACTS } from '../cases/unconfirmed.ts';
import type { Vote } from '../cases/vote.ts';
import { iso, maybeIso } from '../clock-units.ts';
import { GROUNDS } from '../detection/charge-record.ts';
import { DENIAL_REASONS } from '../detection/claims.ts';
import { DETECTOR_ACTIONS } from '../detection/detector.ts';
import { attemptName, referenceOf } from '../detection/refund-reference.ts';
import { REVIEW_SCORE_MAX, reviewScore } from './review-score.ts';
import { contentId, count, minor, named, time, type View } from './view-schema.ts';

const chargeRef = z.strictObject({ source: z.string(), chargeId: z.string() });
const charge = chargeRef
  .extend({
    payer: z.string().optional(),
    merchant: z.string(),
    order: z.string().optional(),
    part: z.string().optional(),
    instrument: z.string().optional(),
    channel: z.string().optional(),
    mcc: z.string().optional(),
    payment: z.string().optional(),
    amountMinor: minor,
    currency: z.string(),
  })
  .register(named, { id: 'Charge' });

/** A case as compliance sees it: times in ISO 8601 UTC, money in minor units beside its currency. */
export const caseViewSchema = z
  .strictObject({
    id: contentId,
    status: z.enum(['open', 'resolved']),
    original: chargeRef,
    merchant: z.string(),
    order: z.string().optional(),
    currency: z.string(),
    action: z.enum(DETECTOR_ACTIONS),
    flags: count,
    unresolved: count,
    /** Of these, those that a processor's refund report does not match. */
    unreconciled: count,
    held: count,
    detectors: z.array(z.string()),
    atStakeMinor: minor,
    refundedMinor: minor,
    openedAt: time,
    updatedAt: time,
    /** Of what is unresolved. */
    deadlineAt: time.optional(),
    /** Since when that deadline is near. */
    urgentSince: time.optional(),
    /** While it stands the case is neither deleted nor erased. */
    legalHold: z.strictObject({ by: z.string(), at: time, reason: z.string() }).optional(),
  })
  .register(named, { id: 'Case' });
export type CaseView = View<typeof caseViewSchema>;

const vote = z.strictObject({ by: z.string(), at: time, reason: z.string() });

/** The same in each language of the product. */
const sentence = z.strictObject({ en: z.string(), zh: z.string() }).register(named, { id: 'Sentence' });

/** A flag without the task token and the window keys: they are the machinery's. */
export const flagViewSchema = z
  .strictObject({
    id: contentId,
    caseId: contentId,
    status: z.enum(FLAG_STATUSES),
    attempt: count,
    charge,
    original: chargeRef,
    originalCharge: charge.optional(),
    originalChargedAt: time.optional(),
    detector: z.string(),
    action: z.enum(DETECTOR_ACTIONS),
    configuration: z.string(),
    waitsFor: z.array(z.enum(REASONS_TO_WAIT)),
    /** What the processor's own record shows, beside the reason `unconfirmed`. */
    unconfirmed: z.strictObject({ fact: z.enum(UNCONFIRMED_FACTS), chargeId: z.string() }).optional(),
    /** What proved the refund when it was claimed. */
    restsOn: z.array(z.enum(GROUNDS)),
    /** Each reason of `waitsFor` as a sentence with its facts. */
    reasons: z.array(z.strictObject({ reason: z.enum(REASONS_TO_WAIT), sentence })),
    /** Each ground of `restsOn` as a sentence with its facts. */
    grounds: z.array(z.strictObject({ ground: z.enum(GROUNDS), sentence })),
    /** How much the charge looks like a copy, from 0 to 100: it orders the list of what waits, and moves no money. */
    score: z.int().min(0).max(REVIEW_SCORE_MAX),
    /** Since when people have been asked, and when they were notified that the hold has no answer. */
    waitsSince: time.optional(),
    escalatedAt: time.optional(),
    approvals: z.array(vote),
    keeps: z.array(vote),
    /** Who opened this attempt: that person does not approve it. */
    raisedBy: z.string(),
    refundMinor: minor.optional(),
    /** Name of the workflow execution of this attempt; absent where there is none to be. */
    execution: z.string().optional(),
    reference: z.string().optional(),
    processorReference: z.string().optional(),
    /** When we learned that the money has moved. */
    refundedAt: time.optional(),
    unanswered: z.boolean(),
    denial: z.enum(DENIAL_REASONS).optional(),
    denialText: z.string().optional(),
    failure: z.string().optional(),
    /** The refund was made in error. */
    refundError: vote.extend({ evidence: z.string() }).optional(),
    /** What differs in the processor's refund report. */
    discrepancy: z
      .strictObject({ what: z.enum(DISCREPANCIES), detail: z.string(), foundAt: time, resolved: z.boolean() })
      .optional(),
    contested: z.boolean(),
    /** After our refund its order keeps less than it owes. */
    short: z.strictObject({ since: time, why: z.string() }).optional(),
    scheme: z.string(),
    reasonCode: z.string(),
    deadlineAt: time,
    urgentSince: time.optional(),
    chargedAt: time,
    openedAt: time,
    updatedAt: time,
  })
  .register(named, { id: 'Flag' });
export type FlagView = View<typeof flagViewSchema>;

/** A flag with one vote of two, and why it takes another. */
export const firstVoteViewSchema = flagViewSchema
  .extend({
    /** `approver-sum`: the caller's sum of the hour has no room for the amount (docs/caps.md). */
    needsAnother: z.enum(['amount', 'approver-sum']),
  })
  .register(named, { id: 'FirstVote' });
export type FirstVoteView = View<typeof firstVoteViewSchema>;

/** One change of a flag as the audit has it. */
export const timelineEntrySchema = z
  .strictObject({
    seq: z.int().positive(),
    flagId: contentId,
    attempt: count,
    actor: z.string(),
    at: time,
    from: z.enum(['none', ...AUDITED_STATUSES]),
    to: z.enum(AUDITED_STATUSES),
    reason: z.string(),
    hash: z.string(),
  })
  .register(named, { id: 'TimelineEntry' });
export type TimelineEntry = View<typeof timelineEntrySchema>;

/** What the check of a case's audit chain found. */
export const auditCheckSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('intact'), head: z.string(), length: count }),
    z.strictObject({ kind: z.literal('broken'), seq: z.int().positive(), reason: z.string() }),
  ])
  .register(named, { id: 'AuditCheck' });

export function caseView(of: Case): CaseView {
  const { id, status, original, merchant, order, currency, action, flags, held, detectors } = of;
  return {
    id,
    status,
    original,
    merchant,
    order,
    currency,
    action,
    flags,
    held,
    detectors,
    unresolved: of.unresolved,
    unreconciled: of.unreconciled,
    atStakeMinor: of.atStakeMinor,
    refundedMinor: of.refundedMinor,
    openedAt: iso(of.openedAtMs),
    updatedAt: iso(of.updatedAtMs),
    deadlineAt: maybeIso(of.deadlineAtMs),
    urgentSince: maybeIso(of.urgentSinceMs),
    legalHold: of.legalHold && { by: of.legalHold.by, at: iso(of.legalHold.atMs), reason: of.legalHold.reason },
  };
}

export function flagView(flag: Flag): FlagView {
  const { id, caseId, status, attempt, charge, original, originalCharge, detector, action, configuration } = flag;
  const { discrepancy, scheme, reasonCode } = flag;
  const [wait, claim, denied] = [waitOf(flag), claimOf(flag), denialOf(flag)];
  const refundError = flag.status === 'refunded-in-error' ? flag.refundError : undefined;
  return {
    id,
    caseId,
    status,
    attempt,
    charge,
    original,
    originalCharge,
    detector,
    action,
    configuration,
    originalChargedAt: maybeIso(flag.originalTimeMs),
    waitsFor: [...(wait?.waitsFor ?? [])],
    unconfirmed: wait?.facts?.unconfirmed,
    restsOn: [...(claim?.restsOn ?? [])],
    reasons: reasonsOf(flag, 'shown'),
    grounds: groundsOf(flag, 'shown'),
    score: reviewScore(flag),
    waitsSince: maybeIso(wait?.asked?.sinceMs),
    escalatedAt: maybeIso(wait?.asked?.escalatedAtMs),
    approvals: votesOf(flag.approvals),
    keeps: votesOf(flag.keeps),
    raisedBy: flag.raisedBy,
    refundMinor: claim?.refundMinor,
    execution: status === 'monitored' ? undefined : attemptName(flag),
    reference: claim === undefined ? undefined : referenceOf(flag),
    processorReference: processorReferenceOf(flag),
    denial: denied?.denial,
    denialText: denied?.denialText,
    failure: failureOf(flag)?.failure,
    refundedAt: hasRefunded(flag) ? iso(flag.refundedAtMs) : undefined,
    discrepancy: discrepancy && {
      what: discrepancy.what,
      detail: discrepancy.detail,
      foundAt: iso(discrepancy.foundAtMs),
      resolved: discrepancy.resolved === true,
    },
    refundError: refundError && {
      by: refundError.by,
      at: iso(refundError.atMs),
      reason: refundError.reason,
      evidence: refundError.evidence,
    },
    contested: flag.contested === true,
    short: flag.short && { since: iso(flag.short.sinceMs), why: flag.short.why },
    unanswered: flag.status === 'refunding' && flag.unanswered === true,
    scheme,
    reasonCode,
    deadlineAt: iso(flag.deadlineAtMs),
    urgentSince: maybeIso(flag.urgentSinceMs),
    chargedAt: iso(flag.timeMs),
    openedAt: iso(flag.openedAtMs),
    updatedAt: iso(flag.updatedAtMs),
  };
}

function votesOf(votes: readonly Vote[]): FlagView['approvals'] {
  return votes.map(({ by, atMs, reason }) => ({ by, at: iso(atMs), reason }));
}

export function timelineEntry(entry: AuditEntry): TimelineEntry {
  const { seq, flagId, attempt, actor, atMs, from, to, reason, hash } = entry;
  return { seq, flagId, attempt, actor, at: iso(atMs), from, to, reason, hash };
}
