import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createCaseEndings } from '../../adapters/dynamodb/case-endings.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { createMigrationReader } from '../../adapters/dynamodb/migration-reader.ts';
import { createMigrationWriter } from '../../adapters/dynamodb/migration-writer.ts';
import { createRaiseEnds } from '../../adapters/dynamodb/raise-ends.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { NO_VERSION_1 } from '../../adapters/dynamodb/table-layouts.ts';
import { createVersion1Presence } from '../../adapters/dynamodb/version-1-presence.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { endCases } from '../../core/cases/end-cases.ts';
import { lookForVersion1 } from '../../core/refunds/migration.ts';
import { noteEndedRaises, type RaiseEndsContext } from '../../core/refunds/raise-ends.ts';
import { type SweepContext, type Swept, sweep } from '../../core/refunds/sweep.ts';
import { logger, noteRaiseEnd, observed } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { numberOf, readEnvironment } from '../read-environment.ts';
import { SWEEP_ENVIRONMENT } from './environment.ts';
import { pacedWorkflows } from './paced-workflows.ts';

const environment = readEnvironment(SWEEP_ENVIRONMENT);
const client = new DynamoDBClient({});
const controls = { client, table: environment.CONTROLS_TABLE };
const version1Windows = environment.VERSION_1_WINDOWS_TABLE;

const cases = createCaseStore({ client, table: environment.CASES_TABLE });

const context: SweepContext = {
  ...systemRuntime,
  configuration: readConfiguration().configuration,
  digests: plainDigests,
  cases,
  records: createRecordStore({ client, table: environment.CHARGES_TABLE, ...systemRuntime }),
  lag: createLagStore({ client, table: environment.CHARGES_TABLE }),
  freezes: createStageFreezes({ ...controls, version1Windows, ...systemRuntime }),
  workflows: pacedWorkflows(environment),
};

const caseEnding = {
  ...systemRuntime,
  cases,
  endings: createCaseEndings({ client, table: environment.CASES_TABLE }),
  caseDays: numberOf(environment, 'CASE_DAYS'),
};

const ending: RaiseEndsContext = {
  ...systemRuntime,
  configuration: context.configuration,
  raises: createCapRaises(controls),
  raiseEnds: createRaiseEnds(controls),
  noteRaiseEnd,
};

const migration = {
  ...systemRuntime,
  migrations: { ...createMigrationReader(controls), ...createMigrationWriter(controls) },
  version1: createVersion1Presence({ client, table: version1Windows }),
};

/** Every five minutes: starts and wakes what the stream did not, and lets go on what a freeze, a lag or a budget held. */
export const handler = observed(async (_event: unknown): Promise<Swept> => {
  if (version1Windows !== NO_VERSION_1) await lookForVersion1(migration);
  const swept = await sweep(context);
  const ended = await endCases(caseEnding);
  logger.info('swept', { ...swept, ended, raisesEnded: await noteEndedRaises(ending) });
  return swept;
});
