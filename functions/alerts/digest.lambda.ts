import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createRefusalStore } from '../../adapters/dynamodb/refusal-store.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { alertSuspensions, type SuspensionContext } from '../../core/alerts/attestation-suspended.ts';
import { type KeepContext, type Kept, keepIncidents } from '../../core/alerts/keep-incidents.ts';
import { keepRefusals, type RefusalContext } from '../../core/alerts/source-refused.ts';
import { incidentSettings } from '../../core/configuration/incident-settings.ts';
import { type SumContext, sumMinutes } from '../../core/queries/sum-minutes.ts';
import { logger, observed } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { DIGEST_ENVIRONMENT } from './environment.ts';
import { sendingContext } from './sending-context.ts';

const environment = readEnvironment(DIGEST_ENVIRONMENT);
const { configuration } = readConfiguration();
const client = new DynamoDBClient({});
const engine = { client, table: environment.INCIDENTS_TABLE, ...systemRuntime };
const cases = createCaseStore({ client, table: environment.CASES_TABLE });

const { alertAfter } = configuration.quarantine;

const context: KeepContext & SumContext & RefusalContext & SuspensionContext = {
  ...sendingContext(configuration.alerts, environment.ALERTS_TOPIC_ARN),
  settings: incidentSettings(configuration),
  incidents: createIncidentStore(engine),
  statistics: createStatisticsStore(engine),
  refusals: createRefusalStore({ client, table: environment.INCIDENTS_TABLE, countedMax: alertAfter }),
  suspensions: createSuspensionStore(engine),
  alertAfter,
  freezes: createStageFreezes({
    client,
    table: environment.CONTROLS_TABLE,
    version1Windows: environment.VERSION_1_WINDOWS_TABLE,
    ...systemRuntime,
  }),
};

/** Every minute: alerts refused sources and suspended attestations, keeps incidents with their digests and reports, and tells how long holds have waited. */
export const handler = observed(async (_event: unknown): Promise<Kept> => {
  const [held, expired] = await Promise.all([
    cases.flagsByStatus('held', { limit: 1 }),
    cases.flagsByStatus('expired', { limit: 1 }),
  ]);
  const waiting = [...held.items, ...expired.items];
  const oldestMs = Math.min(context.nowMs(), ...waiting.map(({ openedAtMs }) => openedAtMs));
  context.count('holdOldestSeconds', Math.round((context.nowMs() - oldestMs) / 1_000));
  await sumMinutes(context);
  const kept = await keepIncidents(context);
  await keepRefusals(context);
  await alertSuspensions(context);
  logger.info('incidents kept', { ...kept });
  return kept;
});
