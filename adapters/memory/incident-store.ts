import type { CaseId, IncidentId, Ms } from '../../core/brands.ts';
import { iso, MINUTE_MS } from '../../core/clock-units.ts';
import { addProcessed, type ProcessedCount } from '../../core/incidents/charge-meter.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { IncidentStore, OpenedCase } from '../../core/incidents/incident-store.ts';
import { scopeKey } from '../../core/incidents/scope.ts';
import type { Member } from '../../core/incidents/totals.ts';

/** Incidents in this process, under the same conditions as in DynamoDB. For tests. */
export function createMemoryIncidentStore(): IncidentStore {
  const processed: ProcessedCount[] = [];
  const opened = new Map<CaseId, OpenedCase>();
  const live = new Map<string, Incident>();
  const heads = new Map<IncidentId, Incident>();
  const members = new Map<IncidentId, Map<string, Member>>();
  const claims = new Map<string, string>();
  const minute = (ms: Ms) => Math.floor(ms / MINUTE_MS);
  const listKey = ({ openedAtMs, id }: Incident) => `${iso(openedAtMs)}#${id}`;

  return {
    noteChargesProcessed: async (count) => {
      processed.push({ ...count, ...addProcessed([count]) });
    },
    chargesProcessedSince: async (fromMs, nowMs) => {
      const counts = processed.filter(({ atMs }) => minute(atMs) >= minute(fromMs) && minute(atMs) <= minute(nowMs));
      const [newest] = counts.toSorted((a, b) => b.atMs - a.atMs);
      return { ...addProcessed(counts), ...(newest && { newest: { atMs: newest.atMs, lagMs: newest.lagMs } }) };
    },
    noteOpened: async (cases) => {
      for (const one of cases) opened.set(one.caseId, one);
    },
    openedBetween: async (fromMs, toMs) =>
      [...opened.values()].filter(({ openedAtMs }) => openedAtMs >= fromMs && openedAtMs <= toMs),
    liveIncidents: async () => [...live.values()].map(({ id, scope }) => ({ id, scope })),
    openIncident: async (incident) => {
      const key = scopeKey(incident.scope);
      if (live.has(key) || heads.has(incident.id)) return 'already-open';
      live.set(key, incident);
      heads.set(incident.id, incident);
      return 'opened';
    },
    readIncident: async (id) => heads.get(id),
    saveIncident: async (incident) => {
      if (heads.get(incident.id)?.version !== incident.version - 1) return 'conflict';
      heads.set(incident.id, incident);
      if (incident.status === 'closing') live.delete(scopeKey(incident.scope));
      return 'saved';
    },
    unfinishedIncidents: async () =>
      [...heads.values()].filter(({ status, messages, notified }) => status !== 'closed' || notified < messages),
    listIncidents: async ({ limit, cursor }) => {
      const sorted = [...heads.values()].sort((a, b) => (listKey(a) < listKey(b) ? 1 : -1));
      const rest = cursor === undefined ? sorted : sorted.filter((incident) => listKey(incident) < cursor);
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return { items, cursor: rest.length > limit && last !== undefined ? listKey(last) : undefined };
    },
    noteMembers: async (incidentId, noted) => {
      const known = members.get(incidentId) ?? new Map<string, Member>();
      members.set(incidentId, known);
      for (const member of noted) {
        const key = `${member.kind}#${member.id}`;
        if ((known.get(key)?.version ?? 0) < member.version) known.set(key, member);
      }
    },
    membersOf: async (incidentId) => [...(members.get(incidentId)?.values() ?? [])],
    claimOnce: async (name, owner) => {
      const held = claims.get(name) ?? owner;
      claims.set(name, held);
      return held === owner ? 'yours' : 'others';
    },
  };
}
