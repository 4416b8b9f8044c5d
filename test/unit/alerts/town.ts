import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { createMemoryIncidentStore } from '../../../adapters/memory/incident-store.ts';
import { createMemoryRefusalStore } from '../../../adapters/memory/refusal-store.ts';
import { createMemorySuspensionStore } from '../../../adapters/memory/suspension-store.ts';
import type { Alert, AlertKind, AlertOf } from '../../../core/alerts/alert.ts';
import { alertSuspensions, type SuspensionContext } from '../../../core/alerts/attestation-suspended.ts';
import { createFollower, type FollowContext } from '../../../core/alerts/follow.ts';
import { type KeepContext, keepIncidents } from '../../../core/alerts/keep-incidents.ts';
import { type NotifyContext, notify, type RecordChange } from '../../../core/alerts/notify.ts';
import { keepRefusals, type RefusalContext } from '../../../core/alerts/source-refused.ts';
import type { FlagId } from '../../../core/brands.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import type { SuspensionStore } from '../../../core/detection/suspensions.ts';
import type { IncidentStore, LiveIncident } from '../../../core/incidents/incident-store.ts';
import type { IncidentSettings } from '../../../core/incidents/rate.ts';
import type { RefusalStore } from '../../../core/incidents/refusals.ts';
import type { FreezeStore } from '../../../core/refunds/freeze.ts';
import { DAY, MINUTE, START_MS } from '../../fixtures/charges.ts';

/** The notifying side of the product on a clock of its own: workers that read batches, and the minute's run. */
export interface Town {
  readonly incidents: IncidentStore;
  readonly refusals: RefusalStore;
  readonly suspensions: SuspensionStore;
  readonly sent: readonly Alert[];
  readonly freezes: FreezeStore;
  nowMs(): number;
  pass(ms: number): void;
  /** A worker reads a batch; it ends early where `sends` is used up, as one that is killed. */
  work(batch: readonly RecordChange[], sends?: number): Promise<'done' | 'killed'>;
  keep(sends?: number): Promise<'done' | 'killed'>;
  /** A worker that looked at the live incidents a while ago. */
  notifyLate(batch: readonly RecordChange[], live: readonly LiveIncident[]): Promise<void>;
}

export const SETTINGS = { minCases: 4, windowMs: 5 * MINUTE, quietMs: 10 * MINUTE };

/** Refused records of one source in an hour that are alerted, whatever their share. */
export const ALERT_AFTER = 6;

export function newTown({
  minCases = SETTINGS.minCases,
  store = createMemoryIncidentStore(),
}: {
  readonly minCases?: number;
  readonly store?: IncidentStore;
} = {}): Town {
  let nowMs = START_MS;
  const sent: Alert[] = [];
  const freezes = createMemoryFreezeStore();
  const refusals = createMemoryRefusalStore({ countedMax: ALERT_AFTER });
  const suspensions = createMemorySuspensionStore();
  const flags = new Map<FlagId, Flag>();
  const keepFlags = (batch: readonly RecordChange[]) => {
    for (const change of batch) if (change.kind === 'flag') flags.set(change.after.id, change.after);
  };
  const settings: IncidentSettings = {
    windowMs: SETTINGS.windowMs,
    quietMs: SETTINGS.quietMs,
    rateOf: () => ({ baseRate: 0.006, tolerance: 3, falseAlarm: 1e-6, minCases }),
  };
  const contextFor = (
    sends: number,
  ): KeepContext & FollowContext & NotifyContext & RefusalContext & SuspensionContext => {
    let left = sends;
    return {
      consoleUrl: 'https://console.example/',
      settings,
      holdExpiresAfterMs: 7 * DAY,
      incidents: store,
      refusals,
      suspensions,
      alertAfter: ALERT_AFTER,
      cases: { flagsOf: async (caseId) => [...flags.values()].filter((flag) => flag.caseId === caseId) },
      freezes,
      count: () => {},
      nowMs: () => nowMs,
      send: async (alert) => {
        if (left-- <= 0) throw new Killed();
        sent.push(alert);
        await Promise.resolve();
        // Sent, and killed before anybody knew.
        if (left <= 0 && sends !== Number.POSITIVE_INFINITY) throw new Killed();
      },
    };
  };
  return {
    incidents: store,
    refusals,
    suspensions,
    sent,
    freezes,
    nowMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
    work: (batch, sends = Number.POSITIVE_INFINITY) =>
      untilKilled(async () => {
        keepFlags(batch);
        const context = contextFor(sends);
        const live = await createFollower(context)(batch);
        for (const changes of batch) await notify(changes, live, context);
      }),
    notifyLate: async (batch, live) => {
      keepFlags(batch);
      for (const changes of batch) await notify(changes, live, contextFor(Number.POSITIVE_INFINITY));
    },
    keep: (sends = Number.POSITIVE_INFINITY) =>
      untilKilled(async () => {
        const context = contextFor(sends);
        await keepIncidents(context);
        await keepRefusals(context);
        await alertSuspensions(context);
      }),
  };
}

export function ofKind<Kind extends AlertKind>({ sent }: Pick<Town, 'sent'>, kind: Kind): readonly AlertOf<Kind>[] {
  return sent.filter((alert): alert is AlertOf<Kind> => alert.kind === kind);
}

/** Runs the minute's work until no incident is left, or for so many minutes. */
export async function passMinutes(town: Town, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    town.pass(MINUTE);
    await town.keep();
  }
}

class Killed extends Error {}

async function untilKilled(work: () => Promise<void>): Promise<'done' | 'killed'> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof Killed) return 'killed';
    throw error;
  }
}
