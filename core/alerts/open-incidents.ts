import { findBurst } from '../incidents/burst.ts';
import { asNotified, type Incident, newIncident } from '../incidents/incident.ts';
import type { IncidentStore, LiveIncident } from '../incidents/incident-store.ts';
import type { IncidentSettings } from '../incidents/rate.ts';
import { covers } from '../incidents/scope.ts';
import type { AlertContext } from './context.ts';
import { incidentAlert } from './incident-alert.ts';

export interface OpenContext extends AlertContext {
  readonly settings: IncidentSettings;
  readonly incidents: Pick<
    IncidentStore,
    'openedBetween' | 'chargesProcessedSince' | 'liveIncidents' | 'openIncident' | 'saveIncident'
  >;
}

/** Incidents that one look opens at most; the next look opens the next. */
const OPENINGS_MAX = 3;

/**
 * Opens the incidents that the cases of the last window speak for: any number of workers may look at once, each scope gets
 * one. Cases that an open incident covers count for no other.
 *
 * @param endMs the window's end: now, or the time that a worker has come to in the outbox.
 * @returns the incidents that are live afterwards.
 */
export async function openIncidents(
  live: readonly LiveIncident[],
  context: OpenContext,
  endMs = context.nowMs(),
): Promise<readonly LiveIncident[]> {
  const { incidents, settings, nowMs } = context;
  const [opened, processed] = await Promise.all([
    incidents.openedBetween(endMs - settings.windowMs, endMs),
    incidents.chargesProcessedSince(endMs - settings.windowMs, endMs),
  ]);
  let known = live;
  for (let opening = 0; opening < OPENINGS_MAX; opening++) {
    const uncovered = opened.filter((one) => !known.some(({ scope }) => covers(scope, one)));
    const burst = findBurst(uncovered, processed, settings);
    if (burst === undefined) break;
    const incident = newIncident(burst, { nowMs: nowMs(), endMs, windowMs: settings.windowMs });
    if ((await incidents.openIncident(incident)) === 'opened') {
      context.count('incidentsOpened', 1);
      await sendLast(incident, context);
    }
    // Lost to another worker or won: it is open, under whichever id.
    known = await incidents.liveIncidents();
    if (!known.some(({ scope }) => uncovered.some((one) => covers(scope, one)))) break;
  }
  return known;
}

/** Sends the last message and marks it as sent; a crash in between has it sent again, under the same id. */
export async function sendLast(incident: Incident, context: OpenContext): Promise<Incident> {
  await context.send(incidentAlert(incident, context));
  const notified = asNotified(incident);
  return (await context.incidents.saveIncident(notified)) === 'saved' ? notified : incident;
}
