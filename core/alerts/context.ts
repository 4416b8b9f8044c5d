import type { Ms } from '../brands.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { IncidentSettings } from '../incidents/rate.ts';
import type { Alert } from './alert.ts';
import type { Links } from './links.ts';

/** What notifying takes. */
export interface AlertContext extends Links {
  readonly incidents: IncidentStore;
  readonly settings: IncidentSettings;
  /** How long a hold waits for people at most. */
  readonly holdExpiresAfterMs: Ms;
  /** Says it to everybody who subscribed. At least once, in no order. */
  readonly send: (alert: Alert) => Promise<void>;
  readonly count: (metric: AlertMetric, value: number) => void;
  readonly nowMs: () => Ms;
}

export type AlertMetric =
  | 'casesOpened'
  | 'casesFolded'
  | 'incidentsOpened'
  | 'incidentsOpen'
  | 'holdOldestSeconds'
  | 'refundsRefused'
  | 'refundsContested'
  | 'refundsInError'
  | 'outcomesUnknown'
  | 'budgetsSpent'
  | 'holdsEscalated'
  | 'holdsExpired';
