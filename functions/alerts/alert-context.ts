import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { publishAlert } from '../../adapters/sns/alerts.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { AlertContext } from '../../core/alerts/context.ts';
import { incidentSettings } from '../../core/configuration/incident-settings.ts';
import type { StatisticsStore } from '../../core/queries/statistics-store.ts';
import { metrics } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { TELL_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(TELL_ENVIRONMENT);
const { configuration } = readConfiguration();
const sns = new SNSClient({});
const engine = { client: new DynamoDBClient({}), table: environment.INCIDENTS_TABLE, ...systemRuntime };

/** What notifying takes, in both functions that notify. */
export const alertContext: AlertContext & { readonly statistics: StatisticsStore } = {
  consoleUrl: configuration.alerts.consoleUrl,
  settings: incidentSettings(configuration),
  holdExpiresAfterMs: configuration.refunds.holds.expireAfterMs,
  incidents: createIncidentStore(engine),
  statistics: createStatisticsStore(engine),
  send: (alert) => publishAlert(sns, environment.ALERTS_TOPIC_ARN, alert),
  count: (metric, value) => metrics.addMetric(metric, MetricUnit.Count, value),
  nowMs: systemRuntime.nowMs,
};
