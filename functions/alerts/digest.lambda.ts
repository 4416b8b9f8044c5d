import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type Kept, keepIncidents } from '../../core/alerts/keep-incidents.ts';
import { sumMinutes } from '../../core/queries/sum-minutes.ts';
import { logger, observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { alertContext } from './alert-context.ts';
import { DIGEST_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(DIGEST_ENVIRONMENT);
const client = new DynamoDBClient({});
const cases = createCaseStore({ client, table: environment.CASES_TABLE });
const freezes = createFreezeStore({ client, table: environment.CONTROLS_TABLE, ...systemRuntime });

/** Every minute: what incidents there are, their digests and reports, and how long people have let a refund wait. */
export const handler = observed(async (_event: unknown): Promise<Kept> => {
  const [held, expired] = await Promise.all([
    cases.flagsByStatus('held', { limit: 1 }),
    cases.flagsByStatus('expired', { limit: 1 }),
  ]);
  const waiting = [...held.items, ...expired.items];
  const oldestMs = Math.min(alertContext.nowMs(), ...waiting.map(({ openedAtMs }) => openedAtMs));
  alertContext.count('holdOldestSeconds', Math.round((alertContext.nowMs() - oldestMs) / 1_000));
  await sumMinutes(alertContext);
  const kept = await keepIncidents({ ...alertContext, freezes });
  logger.info('incidents kept', { ...kept });
  return kept;
});
