import type { Flag } from '../../core/cases/flag.ts';
import type { RecordsContext } from '../../core/refunds/change-record.ts';
import { type ApprovalContext, approve, keep } from '../../core/refunds/decide-hold.ts';
import { markRefundedInError } from '../../core/refunds/mark-refunded-in-error.ts';
import type { Random } from '../../scenario/random.ts';
import type { Knowledge } from './knowledge.ts';
import type { Run, Scheduler } from './scheduler.ts';

export interface PeopleWorld {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly knowledge: Knowledge;
  readonly contextOf: (run: Run) => RecordsContext & ApprovalContext;
  readonly flags: () => readonly Flag[];
  /** Keeps that were answered by an error: the approver asks again. */
  readonly unanswered: Set<Flag>;
}

/** Somebody looks at some flag and decides, perhaps late, perhaps about one that nobody should decide on any more. */
export async function decideSomething(world: PeopleWorld): Promise<void> {
  const { random, flags } = world;
  const waiting = flags().filter(waitsForPeople);
  const flag = random.shuffled(waiting.length > 0 && random.chance(0.85) ? waiting : flags())[0];
  if (flag?.status === 'refunded') await regret(flag, world);
  else if (flag !== undefined) await decide(flag, random.chance(0.3) ? 'keep' : 'approve', world);
}

/** Everything that waits for people is decided, twice where it takes two. */
export async function decideEverything(world: PeopleWorld): Promise<void> {
  for (const flag of world.unanswered) await decide(flag, 'keep', world);
  for (const flag of world.flags().filter(waitsForPeople)) {
    const how = world.random.chance(0.3) ? 'keep' : 'approve';
    await decide(flag, how, world);
    await decide(flag, how, world);
  }
}

/** Perhaps the refund was made in error: whether it was changes nothing for anybody else. */
async function regret({ id: flagId }: Flag, { scheduler, contextOf }: PeopleWorld): Promise<void> {
  const statement = { flagId, by: 'ann', reason: 'a person found out', evidence: 'a letter' };
  await scheduler.invoke('refunded-in-error', (run) => markRefundedInError(statement, contextOf(run))).catch(() => {});
}

function waitsForPeople({ status }: Flag): boolean {
  return status === 'held' || status === 'expired' || status === 'failed';
}

async function decide(flag: Flag, how: 'keep' | 'approve', world: PeopleWorld): Promise<void> {
  const { scheduler, random, knowledge, contextOf, unanswered } = world;
  const by = random.pick(['ann', 'bob', 'cy', 'di']);
  try {
    const act = how === 'keep' ? keep : approve;
    const decision = { flagId: flag.id, by, reason: 'a person decided' };
    const outcome = await scheduler.invoke(how, (run) => act(decision, contextOf(run)));
    unanswered.delete(flag);
    if (how === 'keep' && outcome.kind === 'done') knowledge.keep(flag.charge);
  } catch {
    // The page showed an error; perhaps the decision was written, perhaps not.
    if (how === 'keep') unanswered.add(flag);
  }
}
