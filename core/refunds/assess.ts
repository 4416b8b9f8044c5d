import type { Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { type Flag, passesByItself, REASONS_TO_WAIT, type ReasonToWait } from '../cases/flag.ts';
import { presentIn } from '../detection/charge-view.ts';
import { decideClaim } from '../detection/claims.ts';
import type { SuspensionStore } from '../detection/suspensions.ts';
import { type AllocationContext, readOtherCases } from './allocate.ts';
import { type Attempt, decidingFacts, type FactsContext, flagOf, type Waiting, waitingOf } from './attempt.ts';
import { awaitReaders, type ReadersContext } from './await-readers.ts';
import { type ConfirmContext, confirm, type InQuestion } from './confirm.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import type { FreezeStore } from './freeze.ts';
import { hasAnsweredLookup, type Judgement, judgeRefund, type RefundPolicy } from './policy.ts';
import { SILENT_MS_MAX, silentSinceMs } from './silence.ts';
import { survivorsIn } from './survivors.ts';

export interface AssessContext
  extends FactsContext,
    ConfirmContext,
    AllocationContext<'otherCases'>,
    Pick<ReadersContext, 'lag'> {
  readonly configuration: RefundPolicy & AllocationContext<never>['configuration'];
  readonly cases: Pick<CaseStore, 'readFlags'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen' | 'isMigrating'>;
  readonly suspensions: Pick<SuspensionStore, 'suspensionsOf'>;
}

export type Assessed = Attempt &
  (
    | { readonly next: 'claim' | 'end' }
    | ({ readonly next: 'hold' } & Waiting)
    | { readonly next: 'level'; readonly waitSeconds: number }
  );

/** After the grace period: must this refund wait for people? Reads only, so asking again is harmless. */
export async function assess(attempt: Attempt, context: AssessContext): Promise<Assessed> {
  const { flagId } = attempt;
  const flag = await flagOf(attempt, context);
  const same = { flagId, attempt: attempt.attempt };
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'open':
    case 'approved': {
      // Not even denied: the charge's record may be still to come.
      if (await context.freezes.isMigrating()) return { ...same, next: 'hold', waitsFor: ['frozen'] };
      const frozen = await context.freezes.isFrozen(flag.charge.merchant);
      const facts = await decidingFacts(flag, context);
      const decision = facts && decideClaim(facts.view, flag.id, flag.attempt);
      // What would be denied is nothing that people need to decide: the claim says so and dismisses it. And a claim that
      // was granted before its run died is taken up again: a hold upon it would expire and leave it granted for ever.
      if (decision?.kind === 'denied' || (decision?.kind === 'granted' && decision.replay))
        return { ...same, next: 'claim' };
      const otherCases = await readOtherCases(flag, context);
      const suspensions = await context.suspensions.suspensionsOf(flag.charge.merchant);
      const { configuration } = context;
      const { waitsFor, reasons } = judgeRefund(flag, { facts, configuration, frozen, otherCases, suspensions });
      // The processor's record may be ahead of readers that lag: what it knows of a void, they have still to read.
      const next = waitsFor.length > 0 ? undefined : await nextStep(flag, context);
      if (next !== undefined && next.next !== 'claim') return { ...same, ...next };
      const judged =
        facts === undefined || decision?.kind !== 'granted'
          ? { waitsFor }
          : await withLookup(flag, { ...decision, waitsFor, reasons, facts }, context);
      const waiting = { ...judged, ...(judged.waitsFor.includes('payer-often') && { otherCases }) };
      return waiting.waitsFor.length > 0 ? { ...same, next: 'hold', ...waiting } : { ...same, next: 'claim' };
    }
    case 'held':
      return { ...same, next: 'hold', ...waitingOf(flag.wait) };
    case 'refunding':
      return { ...same, next: 'claim' };
    default:
      return { ...same, next: 'end' };
  }
}

/** Nothing keeps the refund but readers that lag: the grace counts from when they are level. */
async function nextStep(flag: Flag, context: AssessContext) {
  const readers = await awaitReaders(flag, context);
  switch (readers.kind) {
    case 'level':
      return { next: 'claim' } as const;
    case 'lagging':
      return { next: 'level', waitSeconds: readers.waitSeconds } as const;
    case 'behind':
      return { next: 'hold', waitsFor: ['behind'] } as const;
  }
}

/**
 * Adds `unconfirmed` where the processor's record does not confirm the refund. An approval that saw it answers it. Where
 * nothing but a missing answer keeps the refund, it waits as `silent` for a day, and no approver is asked.
 */
async function withLookup(
  flag: Flag,
  {
    waitsFor,
    reasons,
    refundMinor,
    facts,
  }: Pick<Judgement, 'waitsFor' | 'reasons'> & Pick<InQuestion, 'refundMinor'> & { readonly facts: EvidenceFacts },
  context: AssessContext,
): Promise<Waiting> {
  if (hasAnsweredLookup(flag, context.configuration)) return { waitsFor };
  const startMs = silentSinceMs(flag) ?? graceEndOf(flag, context);
  const sinceMs: InQuestion['sinceMs'] = waitsFor.length > 0 ? 'unknown' : startMs;
  const question = { refundMinor, survivors: survivorsIn(facts, flag.id), sinceMs };
  const confirmation = await confirm(presentIn(facts.view, flag), question, context);
  if (confirmation.kind === 'confirmed') return { waitsFor };
  const { fact, chargeId } = confirmation;
  if (fact === 'no-answer' && waitsFor.every(passesByItself)) {
    // It goes on automatically once the freeze ends, and the processor is asked then.
    if (waitsFor.length > 0) return { waitsFor };
    if (context.nowMs() - startMs < SILENT_MS_MAX) {
      return { waitsFor: ['silent'], silent: { chargeId, sinceMs: startMs } };
    }
  }
  // The approvals do not answer this reason: the next ones must see all.
  const all: readonly ReasonToWait[] = [...reasons, 'unconfirmed'];
  return {
    waitsFor: REASONS_TO_WAIT.filter((reason) => all.includes(reason)),
    unconfirmed: { fact, chargeId },
  };
}

/** The attempt opened, or was let go on, with the flag's last write; its workflow may have waited out a grace since. */
function graceEndOf(flag: Flag, { configuration }: AssessContext): Ms {
  return flag.updatedAtMs + (configuration.detectorFor(flag.detector, flag.charge)?.graceMs ?? 0);
}
