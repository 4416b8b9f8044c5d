import type { Minor } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { Ground } from '../detection/charge-record.ts';
import type { RecordStore } from '../detection/record-store.ts';
import { attemptName } from '../detection/refund-reference.ts';
import { type AllocationContext, allocationOf } from './allocate.ts';
import type { Waiting } from './attempt.ts';
import { awaitReaders, type ReadersContext } from './await-readers.ts';
import type { Budgets } from './budgets.ts';
import { type CapRaiseStore, readRaised } from './cap-raise.ts';
import type { FreezeStore } from './freeze.ts';
import { hourlyCapsOf, isAboveWhole } from './hourly-caps.ts';
import { isApproved } from './policy.ts';
import { onDay, type RampContext, rampsOf } from './ramp.ts';

export interface PermitContext
  extends AllocationContext<keyof Budgets>,
    Pick<ReadersContext, 'lag'>,
    Pick<RampContext, 'attestedSince'> {
  readonly configuration: AllocationContext<never>['configuration'] & ReadersContext['configuration'];
  readonly records: Pick<RecordStore, 'readRecords'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
  readonly raises: Pick<CapRaiseStore, 'raisesIn'>;
}

/** The refund goes on by a step before the claim. */
export type Pause = ({ readonly next: 'hold' } & Waiting) | { readonly next: 'level'; readonly waitSeconds: number };

/**
 * Asks the freeze, the readers, the budget, the first week of attestations and the payer's count. The same amount asked for again is allocated once. No
 * hour has room for a refund above its whole budget, so that an approver is asked, nor for one above the whole second cap,
 * which must be raised first. A claim that is granted already is never left to an approver, and its grace is over.
 */
export async function permit(
  flag: Flag,
  {
    refundMinor,
    replay,
    restsOn,
  }: { readonly refundMinor: Minor; readonly replay: boolean; readonly restsOn: readonly Ground[] },
  context: PermitContext,
): Promise<'permitted' | 'payer-often' | 'above-cap' | Pause> {
  const configuration = await readRaised(context.configuration, flag.charge.currency, context);
  const allocation = allocationOf(flag, { refundMinor, replay }, { ...context, configuration });
  const pause = (await context.freezes.isFrozen(flag.charge.merchant))
    ? ({ next: 'hold', waitsFor: ['frozen'] } as const)
    : !replay && (await pauseForReaders(flag, context));
  if (pause) {
    // A run before this one may have allocated budget and died; what it was granted is spent.
    await (replay ? context.budgets.ensureAllocated(allocation) : releaseUnclaimed(flag, context));
    return pause;
  }
  if (!replay && isAboveWhole(refundMinor, hourlyCapsOf(flag.charge, configuration))) return 'above-cap';
  if (!replay && isAboveWhole(refundMinor, allocation)) return { next: 'hold', waitsFor: ['limit'] };
  const isFree = replay || isApproved(flag, configuration);
  const ramps = isFree ? [] : await rampsOf(flag, restsOn, context);
  // No day has room for it: an approver is asked.
  const whole = ramps.find(({ maxMinor }) => refundMinor > maxMinor);
  if (whole !== undefined) return { next: 'hold', waitsFor: ['limit'], ramp: onDay(whole, context.nowMs()) };
  const answer = await context.budgets.allocate({ ...allocation, ramps });
  switch (answer) {
    case 'allocated':
      return 'permitted';
    case 'payer-often':
      return answer;
    case 'spent':
      return { next: 'hold', waitsFor: ['budget'] };
    case 'day-spent': {
      const [ramp] = ramps;
      return { next: 'hold', waitsFor: ['budget'], ...(ramp && { ramp: onDay(ramp, context.nowMs()) }) };
    }
  }
}

async function pauseForReaders(flag: Flag, context: ReadersContext): Promise<Pause | undefined> {
  const readers = await awaitReaders(flag, context);
  if (readers.kind === 'level') return undefined;
  return readers.kind === 'behind'
    ? { next: 'hold', waitsFor: ['behind'] }
    : { next: 'level', waitSeconds: readers.waitSeconds };
}

/**
 * Releases the budget of an attempt that must wait. Another run of the attempt may be granted its claim meanwhile. Grant
 * and release each look at the other's work after their own, so that whichever comes later restores the budget.
 */
export async function releaseUnclaimed(
  flag: Flag,
  context: Pick<PermitContext, 'budgets' | 'records' | 'configuration' | 'digests' | 'nowMs'>,
): Promise<void> {
  await context.budgets.releaseAllocation(attemptName(flag));
  const [found] = await context.records.readRecords([flag.id], context.nowMs());
  const ours = found?.record?.ours;
  if (ours?.attempt !== flag.attempt || (ours.state !== 'claimed' && ours.state !== 'refunded')) return;
  const { refundMinor } = ours;
  await context.budgets.ensureAllocated(allocationOf(flag, { refundMinor, replay: true }, context));
}
