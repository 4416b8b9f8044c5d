import type { IncidentId, Minor } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { MinorByCurrency } from '../refunds/refund-settings.ts';

/** What waits in an incident, as its approver sees it before ordering: an order releases at most these sums. */
export interface IncidentSum {
  readonly flags: number;
  readonly sums: MinorByCurrency;
  /** False where cases with monitored charges were left unread: another order covers the rest. */
  readonly isComplete: boolean;
}

interface SumContext {
  readonly cases: Pick<CaseStore, 'flagsOf'>;
  readonly incidents: Pick<IncidentStore, 'membersOf'>;
}

/** Each is a query of its own, within the time of one request. */
const MONITORED_CASES_MAX = 400;
const CASES_AT_ONCE = 25;

/** Adds up what waits for an approver in an incident and, where that is asked for, what is only monitored. */
export async function sumOfIncident(
  { incidentId, withMonitored }: { readonly incidentId: IncidentId; readonly withMonitored: boolean },
  { cases, incidents }: SumContext,
): Promise<IncidentSum> {
  const members = await incidents.membersOf(incidentId);
  const waiting = members.flatMap((member) => (member.kind === 'flag' && member.waits === 'held' ? [member] : []));
  if (!withMonitored) return { ...added(waiting), isComplete: true };
  // In the order in which the job walks them.
  const caseIds = members.flatMap(({ kind, id }) => (kind === 'case' ? [id] : [])).sort();
  const read = caseIds.slice(0, MONITORED_CASES_MAX);
  const monitored: Amount[] = [];
  for (let at = 0; at < read.length; at += CASES_AT_ONCE) {
    const flags = await Promise.all(read.slice(at, at + CASES_AT_ONCE).map((id) => cases.flagsOf(id)));
    const found = flags.flat().filter(({ status }) => status === 'monitored');
    monitored.push(...found.map(({ charge: { currency, amountMinor } }) => ({ currency, amountMinor })));
  }
  return { ...added([...waiting, ...monitored]), isComplete: read.length === caseIds.length };
}

interface Amount {
  readonly currency: string;
  readonly amountMinor: Minor;
}

function added(amounts: readonly Amount[]): Omit<IncidentSum, 'isComplete'> {
  const sums: Record<string, Minor> = {};
  for (const { currency, amountMinor } of amounts) sums[currency] = (sums[currency] ?? 0) + amountMinor;
  return { flags: amounts.length, sums };
}
