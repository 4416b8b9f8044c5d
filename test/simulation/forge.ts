import { withChanges } from '../../core/cases/case.ts';
import { isUnclaimed } from '../../core/detection/charge-record.ts';
import type { Random } from '../../scenario/random.ts';
import { digests } from '../fixtures/configurations.ts';
import { FORGED_MAC } from './given-approvals.ts';
import type { Referee } from './referee.ts';
import type { Scheduler } from './scheduler.ts';
import type { Stores } from './stores.ts';

export interface ForgeWorld {
  readonly stores: Stores;
  readonly referee: Referee;
  readonly random: Random;
  readonly scheduler: Scheduler;
}

/** A role that may write the Charges table writes a claim by hand: it has no reservation, and moves no money. */
export async function forgeClaim({ stores: { cases, charges }, referee, random }: ForgeWorld): Promise<void> {
  const [flag] = random.shuffled(cases.allFlags().filter(({ status }) => status === 'held'));
  const record = flag && referee.recordOf(flag.id);
  if (flag === undefined || record === undefined || !isUnclaimed(record)) return;
  const ours = {
    attempt: flag.attempt,
    state: 'claimed',
    refundMinor: flag.charge.amountMinor,
    atMs: flag.updatedAtMs,
    restsOn: ['approval'],
  } as const;
  referee.noteForged(flag);
  await charges.records.replaceRecord({ ...record, ours, version: record.version + 1 }, record.version);
}

/** A role that may write the Cases table approves a flag by hand, in the name of two approvers: no money moves on it. */
export async function forgeApprovals({ stores: { cases }, referee, random, scheduler }: ForgeWorld): Promise<void> {
  const [flag] = random.shuffled(cases.allFlags());
  if (flag?.status !== 'held') return;
  referee.approvedByHand.add(flag.id);
  const saw = flag.wait.waitsFor;
  const approvals = ['ann', 'bob'].map((by) => ({
    by,
    atMs: scheduler.nowMs(),
    reason: 'a forgery',
    saw,
    mac: FORGED_MAC,
  }));
  const after = { ...flag, status: 'approved', approvals, version: flag.version + 1 } as const;
  const act = { actor: 'system:detect', atMs: scheduler.nowMs(), reason: 'a forgery' };
  // The audit has an entry of it, for the chain is whole wherever a role writes as the code does.
  await cases.commit(withChanges(await cases.readCase(flag.caseId), [{ before: flag, after, act }], digests));
}
