import { iso } from '../clock-units.ts';
import type { Incident } from '../incidents/incident.ts';
import { ALERT_VERSION, type AlertOf } from './alert.ts';
import { type Links, linkTo } from './links.ts';

/** The last message of an incident, as its record has it: sent again it is the same. */
export function incidentAlert(
  incident: Incident,
  links: Links,
): AlertOf<'incident.opened'> | AlertOf<'incident.digest'> | AlertOf<'incident.closed'> {
  const { burst, messages } = incident;
  const head = {
    version: ALERT_VERSION,
    at: iso(incident.messageAtMs),
    ...linkTo(links, 'incidents', incident.id),
    incidentId: incident.id,
    scope: incident.scope,
    openedAt: iso(incident.openedAtMs),
  } as const;
  if (messages === 1) {
    return {
      kind: 'incident.opened',
      ...head,
      alertId: `${incident.id}:opened`,
      severity: 'critical',
      cases: burst.cases,
      usual: Math.round(burst.usual * 10) / 10,
      threshold: burst.threshold,
      windowSeconds: Math.round(incident.windowMs / 1_000),
    };
  }
  const orders = incident.orders.map(({ atMs, ...order }) => ({ ...order, at: iso(atMs) }));
  const { totals, changes, merchants } = incident;
  const record = { totals, changes, merchants: [...merchants], orders };
  if (incident.status !== 'closed') {
    const severity = totals.failed + totals.unknown > 0 ? 'critical' : 'warning';
    const number = messages - 1;
    return {
      kind: 'incident.digest',
      ...head,
      ...record,
      alertId: `${incident.id}:digest:${number}`,
      severity,
      number,
    };
  }
  return {
    kind: 'incident.closed',
    ...head,
    ...record,
    alertId: `${incident.id}:closed`,
    severity: 'info',
    closedAt: iso(incident.closedAtMs ?? incident.messageAtMs),
    reason: incident.reason ?? 'quiet',
    digests: messages - 2,
  };
}
