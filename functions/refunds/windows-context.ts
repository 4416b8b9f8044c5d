import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { readFingerprintKey } from '../../adapters/secrets/fingerprint-key.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { readConfiguration } from '../read-configuration.ts';
import type { WINDOWS_ENVIRONMENT } from './environment.ts';

const configured = readConfiguration();

interface WindowsContextProps {
  readonly dynamodb: DynamoDBClient;
  readonly secretsManager: SecretsManagerClient;
  readonly environment: { readonly [name in (typeof WINDOWS_ENVIRONMENT)[number]]: string };
}

/** Composes what changes windows and flags together, for the tasks that do and for the API. */
export async function windowsContext({ dynamodb, secretsManager, environment }: WindowsContextProps) {
  const key = await readFingerprintKey(secretsManager, environment.FINGERPRINT_SECRET_ARN);
  return {
    ...systemRuntime,
    ...configured,
    digests: createDigests(key),
    windows: createWindowStore({ client: dynamodb, table: environment.WINDOWS_TABLE, ...systemRuntime }),
    cases: createCaseStore({ client: dynamodb, table: environment.CASES_TABLE }),
  };
}
