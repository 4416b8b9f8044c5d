import type { Ms } from '../brands.ts';
import type { Alert } from './alert.ts';
import type { Links } from './links.ts';

/** What sending an alert takes. */
export interface AlertContext extends Links {
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
  | 'ordersShort'
  | 'refundsInError'
  | 'outcomesUnknown'
  | 'budgetsSpent'
  | 'holdsEscalated'
  | 'holdsExpired'
  | 'sourcesRefused'
  | 'attestationsSuspended';
