import { createMemoryIncidentStore } from '../../adapters/memory/incident-store.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { createFollower, type FollowContext } from '../../core/alerts/follow.ts';
import { keepIncidents } from '../../core/alerts/keep-incidents.ts';
import { type NotifyContext, notify, type RecordChange } from '../../core/alerts/notify.ts';
import type { Ms } from '../../core/brands.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { incidentSettings } from '../../core/configuration/incident-settings.ts';
import { type ChargeMeter, createChargeMeter } from '../../core/incidents/charge-meter.ts';
import type { FreezeStore } from '../../core/refunds/freeze.ts';
import type { Random } from '../../core/retry.ts';

interface AlertingProps {
  readonly configuration: Configuration;
  readonly freezes: Pick<FreezeStore, 'newestOrders'>;
  readonly nowMs: () => Ms;
  readonly random: Random;
}

export interface Alerting {
  /** Counts judged charges: what a burst is compared with. */
  readonly meter: ChargeMeter;
  /** Notifies of changes, or folds them into an incident. */
  deliver(changes: readonly RecordChange[]): Promise<void>;
  /** Takes each open incident one step further, as production does every minute. */
  keepIncidents(): Promise<void>;
  hasOpenIncident(): Promise<boolean>;
  /** Each alert once, in the order in which they were first sent. */
  sent(): readonly Alert[];
}

/** Composes the production alerts with a recipient that remembers them. */
export function createAlerting({ configuration, freezes, nowMs, random }: AlertingProps): Alerting {
  const incidents = createMemoryIncidentStore();
  const sent = new Map<string, Alert>();
  const context: FollowContext & NotifyContext = {
    consoleUrl: configuration.alerts.consoleUrl,
    // Production sends at least once; a recipient knows a repetition by its alert id.
    send: async (alert) => {
      if (!sent.has(alert.alertId)) sent.set(alert.alertId, alert);
    },
    count: () => {},
    nowMs,
    settings: incidentSettings(configuration),
    holdExpiresAfterMs: configuration.refunds.holds.expireAfterMs,
    incidents,
  };
  const follow = createFollower(context);
  return {
    meter: createChargeMeter({ note: (count) => incidents.noteChargesProcessed(count), nowMs, random }),
    deliver: async (changes) => {
      const live = await follow(changes);
      for (const change of changes) await notify(change, live, context);
    },
    keepIncidents: async () => void (await keepIncidents({ ...context, incidents, freezes })),
    hasOpenIncident: async () => (await incidents.unfinishedIncidents()).length > 0,
    sent: () => [...sent.values()],
  };
}
