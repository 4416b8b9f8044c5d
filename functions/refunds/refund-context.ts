import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDigests } from '../../adapters/crypto/digests.ts';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createConfiguredGateways } from '../../adapters/gateways/configured-gateways.ts';
import { readFingerprintKey } from '../../adapters/secrets/fingerprint-key.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { RefundContext } from '../../core/refunds/refund-context.ts';
import { logger } from '../observability.ts';
import { once } from '../once.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { REFUND_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(REFUND_ENVIRONMENT);
const { configuration, configurationHash } = readConfiguration();

/** What every task of the refund workflow works with; made once in an execution environment. */
export const refundContext = once(async (): Promise<RefundContext> => {
  const client = new DynamoDBClient({});
  const secretsManager = new SecretsManagerClient({});
  const key = await readFingerprintKey(secretsManager, environment.FINGERPRINT_SECRET_ARN);
  return {
    ...systemRuntime,
    configuration,
    configurationHash,
    digests: createDigests(key),
    windows: createWindowStore({ client, table: environment.WINDOWS_TABLE, ...systemRuntime }),
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
    budgets: createBudgets({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
    freezes: createFreezeStore({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
    gatewayOf: createConfiguredGateways({
      gateways: configuration.refunds.gateways,
      dynamodb: client,
      sandboxTable: environment.SANDBOX_TABLE,
      secretsManager,
      report: (fault) => logger.error('the gateway needs people', { ...fault }),
      ...systemRuntime,
    }),
  };
});
