import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createDetectorsSince } from '../../adapters/dynamodb/detector-definitions.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { readConfiguration } from '../read-configuration.ts';
import type { RECORDS_ENVIRONMENT } from './environment.ts';

const configured = readConfiguration();

interface RecordsContextProps {
  readonly dynamodb: DynamoDBClient;
  readonly environment: { readonly [name in (typeof RECORDS_ENVIRONMENT)[number]]: string };
}

/** Composes what changes records and flags together, for the tasks that do and for the API. */
export function recordsContext({ dynamodb, environment }: RecordsContextProps) {
  const charges = { client: dynamodb, table: environment.CHARGES_TABLE, ...systemRuntime };
  return {
    ...systemRuntime,
    ...configured,
    digests: plainDigests,
    records: createRecordStore(charges),
    windows: createWindowStore(charges),
    detectorsSince: createDetectorsSince(configured.configuration.detectors, charges),
    cases: createCaseStore({ client: dynamodb, table: environment.CASES_TABLE }),
  };
}
