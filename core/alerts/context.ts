import type { Alert } from './alert.ts';
import type { FreezeOrder } from './incident.ts';
import type { IncidentStore } from './incident-store.ts';
import type { Links } from './links.ts';
import type { RateSettings } from './rate.ts';

export interface IncidentSettings {
  readonly windowMs: number;
  readonly quietMs: number;
  /** Of one merchant, or of processors and everybody. */
  rateOf(merchant: string | undefined): RateSettings;
}

/** What telling people takes. */
export interface AlertContext extends Links {
  readonly incidents: IncidentStore;
  readonly settings: IncidentSettings;
  /** How long a hold waits for people at most. */
  readonly holdExpiresAfterMs: number;
  /** Says it to everybody who subscribed. At least once, in no order. */
  readonly send: (alert: Alert) => Promise<void>;
  readonly count: (metric: AlertMetric, value: number) => void;
  readonly nowMs: () => number;
}

export interface FreezeOrders {
  /** The newest order for all refunds, and for each of the merchants, where there is one. */
  newestOrders(merchants: readonly string[]): Promise<readonly FreezeOrder[]>;
}

export type AlertMetric =
  | 'casesOpened'
  | 'casesFolded'
  | 'incidentsOpened'
  | 'incidentsOpen'
  | 'holdOldestSeconds'
  | 'refundsRefused'
  | 'refundsContested'
  | 'refundsMistaken'
  | 'outcomesUnknown'
  | 'budgetsSpent'
  | 'holdsEscalated'
  | 'holdsExpired';
