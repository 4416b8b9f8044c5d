import { describe, expect, it } from 'vitest';
import { createMemoryQuarantineIndex } from '../../../adapters/memory/quarantine-index.ts';
import {
  checkTarget,
  filterOf,
  type TargetOptions,
  targetsOf,
  WAITING,
} from '../../../cli/commands/quarantine-options.ts';
import { UserError } from '../../../core/user-error.ts';
import { DAY, START_MS } from '../../fixtures/charges.ts';
import { range } from '../incidents/histories.ts';

async function quarantineOf(records: number) {
  const index = createMemoryQuarantineIndex();
  for (const n of range(records)) {
    const stored = { arrivedMs: START_MS + n, expiresAtMs: START_MS + DAY, objectKey: `future/r${n}`, byteCount: 2 };
    await index.add({ id: `r${n}`, reason: 'future', detail: 'd', source: '/p', ...stored });
  }
  return { index };
}

async function idsOf(...args: Parameters<typeof targetsOf>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of targetsOf(...args)) ids.push(id);
  return ids;
}

const OPTIONS: TargetOptions = { stage: 'local', limit: 3 };

describe('what a command is about', () => {
  it('is the records that its filter finds, at most its limit', async () => {
    const quarantine = await quarantineOf(5);
    expect(await idsOf(quarantine, undefined, OPTIONS)).toHaveLength(3);
    expect(await idsOf(quarantine, undefined, { ...OPTIONS, source: '/other' })).toEqual([]);
    const since = new Date(START_MS + 3).toISOString();
    expect(await idsOf(quarantine, undefined, { ...OPTIONS, since })).toEqual(['r3', 'r4']);
  });

  it('is one record, as long as it waits', async () => {
    const quarantine = await quarantineOf(1);
    expect(await idsOf(quarantine, 'r0', OPTIONS)).toEqual(['r0']);
    const line = { what: 'discarded', at: '2024-11-11T02:00:00.000Z', by: 'lee', reason: 'a test' } as const;
    await quarantine.index.markDiscarded('r0', line);
    await expect(idsOf(quarantine, 'r0', OPTIONS)).rejects.toThrow(
      'The record r0 was discarded at 2024-11-11T02:00:00.000Z by lee: a test. It waits no longer; see: onecharge quarantine show r0',
    );
    await expect(idsOf(quarantine, 'r9', OPTIONS)).rejects.toThrow(
      /^The quarantine has no record r9; find its id with/,
    );
  });

  it('is never one record and a filter together', () => {
    expect(() => checkTarget('r0', { source: '/p' })).toThrow(UserError);
    expect(() => checkTarget('r0', {})).not.toThrow();
    expect(() => checkTarget(undefined, { source: '/p' })).not.toThrow();
  });

  it('has days and times with a zone as bounds', () => {
    const { sinceMs, untilMs } = filterOf({ since: '2024-11-10', until: '2024-11-11T00:00:00+08:00' }, WAITING);
    expect([sinceMs, untilMs]).toEqual([Date.parse('2024-11-10T00:00:00Z'), Date.parse('2024-11-10T16:00:00Z')]);
    expect(() => filterOf({ until: 'yesterday' }, WAITING)).toThrow(/^--until must be a day/);
  });
});
