import type { Claim, ReportedRefund } from '../detection/charge-record.ts';
import { type ChargeView, chargesOf } from '../detection/charge-view.ts';
import type { Act, FlagChange } from './case.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import type { Flag } from './flag.ts';
import { fail, markDiscrepancy, may, refund, resolveDiscrepancy } from './flag-transitions.ts';

/** A claim that an event of the processor, by our reference, has ended. */
type Reported = Extract<Claim, { readonly reported?: ReportedRefund }> & { readonly reported: ReportedRefund };

const FAILURE = 'the processor reports that the refund has failed';

/**
 * The flags follow what the processor reports of our own refunds. A refund under way ends, also one whose last answer was
 * unknown. One that fails after it was done waits for an approver again. One that was done after it had failed is a
 * discrepancy: until an operator has explained it, no approval lets another refund go.
 */
export async function followOwnRefunds(
  views: readonly ChargeView[],
  actor: string,
  context: CaseContext,
): Promise<void> {
  const reported = new Map(
    views.flatMap(chargesOf).flatMap(({ record: { id, ours } }) => (isReported(ours) ? [[id, ours] as const] : [])),
  );
  for (const [id, ours] of reported) {
    await changeFlags(
      [id],
      ([flag]) => {
        if (flag?.attempt !== ours.attempt) return [];
        const change = following(flag, ours, { actor, atMs: context.nowMs() });
        return change === undefined ? [] : [change];
      },
      context,
    );
  }
}

function isReported(ours: Claim | undefined): ours is Reported {
  return ours !== undefined && 'reported' in ours && ours.reported !== undefined;
}

function following(flag: Flag, { state, reported }: Reported, act: Omit<Act, 'reason'>): FlagChange | undefined {
  const { processorReference } = reported;
  const known = flag.discrepancy;
  const detail = `the processor reports the refund of attempt ${flag.attempt} as done; for us it failed`;
  const isMarked = known?.what === 'not-known' && known.detail === detail;
  if (state === 'failed') {
    if (may('fail', flag)) return fail(flag, { failure: FAILURE }, { ...act, reason: FAILURE });
    if (!isMarked || known.resolved) return undefined;
    return resolveDiscrepancy(flag, { ...known, resolved: true }, { ...act, reason: FAILURE });
  }
  if (may('refund', flag)) {
    return refund(
      flag,
      { processorReference },
      { ...act, reason: `the processor reports it as ${processorReference}` },
    );
  }
  if (flag.status !== 'failed' || isMarked) return undefined;
  const discrepancy = { what: 'not-known', detail, foundAtMs: act.atMs } as const;
  return markDiscrepancy(flag, discrepancy, { ...act, reason: detail });
}
