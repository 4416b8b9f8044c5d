import { createMemoryIncidentStore } from '../../adapters/memory/incident-store.ts';
import { createMemoryRefusalStore } from '../../adapters/memory/refusal-store.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { alertSuspensions } from '../../core/alerts/attestation-suspended.ts';
import { createFollower, type FollowContext } from '../../core/alerts/follow.ts';
import { keepIncidents } from '../../core/alerts/keep-incidents.ts';
import { type NotifyContext, notify, type RecordChange } from '../../core/alerts/notify.ts';
import { keepRefusals } from '../../core/alerts/source-refused.ts';
import type { Ms } from '../../core/brands.ts';
import { MINUTE_MS } from '../../core/clock-units.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { incidentSettings } from '../../core/configuration/incident-settings.ts';
import type { SuspensionStore } from '../../core/detection/suspensions.ts';
import { type ChargeMeter, createChargeMeter } from '../../core/incidents/charge-meter.ts';
import type { RefusalStore } from '../../core/incidents/refusals.ts';
import type { FreezeStore } from '../../core/refunds/freeze.ts';
import type { Random } from '../../core/retry.ts';

interface AlertingProps {
  readonly configuration: Configuration;
  readonly cases: NotifyContext['cases'];
  readonly freezes: Pick<FreezeStore, 'newestOrders'>;
  readonly suspensions: Pick<SuspensionStore, 'allSuspensions' | 'markAlerted'>;
  readonly nowMs: () => Ms;
  readonly random: Random;
}

/** So long after a refusal it can still bring an alert: core/alerts/source-refused.ts. */
const REFUSAL_DUE_MS = 2 * MINUTE_MS;

export interface Alerting {
  /** Counts judged charges: what a burst is compared with. */
  readonly meter: ChargeMeter;
  /** Counts refused records, as detection does. */
  readonly refusals: Pick<RefusalStore, 'noteRefusals'>;
  /** Notifies of changes, or folds them into an incident. */
  deliver(changes: readonly RecordChange[]): Promise<void>;
  /** Alerts refused sources and suspended attestations, and takes each open incident one step further, as production does every minute. */
  doMinute(): Promise<void>;
  /** Returns true where the next minute can bring an alert. */
  isMinuteNeeded(): Promise<boolean>;
  /** Each alert once, in the order in which they were first sent. */
  sent(): readonly Alert[];
}

/** Composes the production alerts with a recipient that remembers them. */
export function createAlerting({ configuration, cases, freezes, suspensions, nowMs, random }: AlertingProps): Alerting {
  const incidents = createMemoryIncidentStore();
  const { alertAfter } = configuration.quarantine;
  const refusals = createMemoryRefusalStore({ countedMax: alertAfter });
  let refusedMs = Number.NEGATIVE_INFINITY;
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
    cases,
  };
  const follow = createFollower(context);
  return {
    meter: createChargeMeter({ note: (count) => incidents.noteChargesProcessed(count), nowMs, random }),
    deliver: async (changes) => {
      const live = await follow(changes);
      for (const change of changes) await notify(change, live, context);
    },
    refusals: {
      noteRefusals: async (refusal) => {
        refusedMs = Math.max(refusedMs, refusal.atMs);
        return refusals.noteRefusals(refusal);
      },
    },
    doMinute: async () => {
      await keepIncidents({ ...context, incidents, freezes });
      await keepRefusals({ ...context, incidents, refusals, alertAfter });
      await alertSuspensions({ ...context, suspensions });
    },
    isMinuteNeeded: async () =>
      nowMs() < refusedMs + REFUSAL_DUE_MS ||
      (await incidents.unfinishedIncidents()).length > 0 ||
      (await suspensions.allSuspensions()).some(({ isAlerted }) => !isAlerted),
    sent: () => [...sent.values()],
  };
}
