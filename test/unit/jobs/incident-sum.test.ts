import { expect, it } from 'vitest';
import { asCaseId, asFlagId, asIncidentId } from '../../../core/brands.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import type { Member } from '../../../core/incidents/totals.ts';
import { sumOfIncident } from '../../../core/jobs/incident-sum.ts';

const flag = (id: string, waits: 'held' | 'no' | 'failed', currency: string, amountMinor: number): Member => ({
  kind: 'flag',
  id: asFlagId(id),
  version: 1,
  currency,
  waits,
  amountMinor,
});
const caseOf = (id: string) => ({ kind: 'case', id: asCaseId(id) }) as Member;

function context(members: readonly Member[]) {
  const read: string[] = [];
  const monitored = { status: 'monitored', charge: { currency: 'CNY', amountMinor: 1 } } as Flag;
  const held = { status: 'held', charge: { currency: 'CNY', amountMinor: 500 } } as Flag;
  const flagsOf = async (id: string) => {
    read.push(id);
    return [monitored, held];
  };
  return { read, incidents: { membersOf: async () => members }, cases: { flagsOf } };
}

const OF = { incidentId: asIncidentId('i_1') };

it('adds up by currency what waits for an approver, and reads no flag for it', async () => {
  const members = [
    caseOf('1'),
    flag('1', 'held', 'CNY', 100),
    flag('2', 'no', 'CNY', 7),
    flag('3', 'held', 'JPY', 5),
    flag('4', 'failed', 'CNY', 9),
    flag('5', 'held', 'CNY', 20),
  ];
  const given = context(members);
  const sum = await sumOfIncident({ ...OF, withMonitored: false }, given);
  expect(sum).toEqual({ flags: 3, sums: { CNY: 120, JPY: 5 }, isComplete: true });
  expect(given.read).toEqual([]);
});

it('adds what is only monitored where it is asked to', async () => {
  const given = context([caseOf('2'), caseOf('1'), flag('1', 'held', 'CNY', 100)]);
  const sum = await sumOfIncident({ ...OF, withMonitored: true }, given);
  expect(sum).toEqual({ flags: 3, sums: { CNY: 102 }, isComplete: true });
  expect(given.read).toEqual(['1', '2']);
});

it('reads the monitored charges of 400 cases, and says that others are left', async () => {
  const given = context(Array.from({ length: 401 }, (_, n) => caseOf(String(n).padStart(3, '0'))));
  const sum = await sumOfIncident({ ...OF, withMonitored: true }, given);
  expect(sum).toEqual({ flags: 400, sums: { CNY: 400 }, isComplete: false });
});
