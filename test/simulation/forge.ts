import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryCharges } from '../../adapters/memory/charges.ts';
import { isUnclaimed } from '../../core/detection/charge-record.ts';
import type { Random } from '../../scenario/random.ts';
import type { Referee } from './referee.ts';

/** Whoever may write the Charges table writes a claim by hand: it has no reservation, and moves no money. */
export async function forgeClaim({
  cases,
  charges: { records },
  referee,
  random,
}: {
  readonly cases: MemoryCaseStore;
  readonly charges: MemoryCharges;
  readonly referee: Referee;
  readonly random: Random;
}): Promise<void> {
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
  await records.replaceRecord({ ...record, ours, version: record.version + 1 }, record.version);
}
