import type { FlagId } from '../brands.ts';
import type { ChargeRecord } from '../detection/charge-record.ts';
import type { RecordStore } from '../detection/record-store.ts';
import { contentionLost } from '../fault.ts';
import { backoffMs } from '../retry.ts';
import type { RecheckContext } from './recheck-surplus.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What changing the record of a charge, and the flags that follow it, takes. */
export interface RecordsContext extends RecheckContext {
  readonly configuration: RecheckContext['configuration'] & RefundSettings;
  readonly records: Pick<RecordStore, 'readRecords' | 'replaceRecord'>;
}

/** 32 workers on one charge each lose most races; a step's own retry goes on. */
export const CONTENTION = { triesMax: 40, baseMs: 10, capMs: 500 };

/**
 * Changes a charge's record in one conditional write: reads it, lets `decide` answer and say what is written, and does so
 * again while others were first. A record that is gone stays so: `decide` may answer, and nothing is written.
 */
export async function changeRecord<Answer>(
  id: FlagId,
  decide: (record: ChargeRecord | undefined) => {
    readonly answer: Answer;
    readonly record?: ChargeRecord;
  },
  context: Pick<RecordsContext, 'records' | 'nowMs' | 'sleep' | 'random'>,
): Promise<Answer> {
  for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
    const [found] = await context.records.readRecords([id], context.nowMs());
    const { answer, record } = decide(found?.record);
    if (found?.record === undefined || record === undefined || record === found.record) return answer;
    if ((await context.records.replaceRecord(record, found.version)) === 'replaced') return answer;
    await context.sleep(backoffMs(lost, CONTENTION, context.random));
  }
  throw contentionLost(`the record of flag ${id}`, CONTENTION.triesMax);
}
