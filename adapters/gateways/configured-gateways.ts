import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import type { Configuration, GatewayConfiguration } from '../../core/configuration/configuration.ts';
import { bug } from '../../core/fault.ts';
import type { GatewayOf, RefundGateway } from '../../core/refunds/refund-gateway.ts';
import type { Random, Sleep } from '../../core/retry.ts';
import { createGatewaySecrets, type GatewaySecrets } from '../secrets/gateway-secrets.ts';
import type { ReportFault } from './gateway-fault.ts';
import { createSandboxGateway } from './sandbox.ts';
import { createStripeGateway } from './stripe.ts';
import { createWebhookGateway } from './webhook.ts';

export interface ConfiguredGatewaysProps {
  readonly gateways: Configuration['refunds']['gateways'];
  readonly dynamodb: DynamoDBClient;
  readonly sandboxTable: string;
  readonly secretsManager: SecretsManagerClient;
  readonly report: ReportFault;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** The gateway of a source, as it is configured; a source that is not has the one of `default`. */
export function createConfiguredGateways(props: ConfiguredGatewaysProps): GatewayOf {
  const secrets = createGatewaySecrets({ client: props.secretsManager, nowMs: props.nowMs });
  const gateways = new Map(
    Object.entries(props.gateways).map(([source, configured]) => [source, create(configured, { ...props, secrets })]),
  );
  return (source) => {
    const gateway = gateways.get(source) ?? gateways.get('default');
    if (gateway === undefined) throw bug('a valid configuration has a default gateway');
    return gateway;
  };
}

type CreateProps = ConfiguredGatewaysProps & { readonly secrets: GatewaySecrets };

function create(configured: GatewayConfiguration, props: CreateProps): RefundGateway {
  const { secrets, report, nowMs, random, sleep } = props;
  switch (configured.kind) {
    case 'sandbox':
      return createSandboxGateway({ client: props.dynamodb, table: props.sandboxTable, random, sleep });
    case 'stripe':
      return createStripeGateway({ secret: configured.secret, secrets, report });
    case 'webhook':
      return createWebhookGateway({ url: configured.url, secret: configured.secret, secrets, report, nowMs });
  }
}
