import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import type { GatewayConfiguration, RegisteredSource } from '../../core/configuration/sources.ts';
import type { GatewayOf, RefundGateway } from '../../core/refunds/refund-gateway.ts';
import type { Random, Sleep } from '../../core/retry.ts';
import { createGatewaySecrets, type GatewaySecrets } from '../secrets/gateway-secrets.ts';
import type { ReportFault } from './gateway-fault.ts';
import { createSandboxGateway } from './sandbox.ts';
import { createStripeGateway } from './stripe.ts';
import { createWebhookGateway } from './webhook.ts';

export interface ConfiguredGatewaysProps {
  readonly sources: readonly Pick<RegisteredSource, 'id' | 'gateway' | 'merchants'>[];
  readonly dynamodb: DynamoDBClient;
  readonly sandboxTable: string;
  readonly secretsManager: SecretsManagerClient;
  readonly report: ReportFault;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

/**
 * Returns the gateway of each source, as the registry names it. Where it names none (the source may have lost it since
 * the claim), no processor is called: a reversal is `unknown` and an operator is notified, a lookup is `unsupported`.
 */
export function createConfiguredGateways(props: ConfiguredGatewaysProps): GatewayOf {
  const secrets = createGatewaySecrets({ client: props.secretsManager, nowMs: props.nowMs });
  const gateways = new Map(
    props.sources.flatMap(({ id, gateway, merchants }) =>
      gateway === undefined ? [] : [[id, create(gateway, { ...props, secrets, merchants })] as const],
    ),
  );
  return (source) => gateways.get(source) ?? missingGateway(source, props.report);
}

function missingGateway(source: string, report: ReportFault): RefundGateway {
  return {
    reverse: async () => {
      report({ gateway: 'none', code: 'no-gateway', source });
      return { kind: 'unknown', reason: `the source ${source} has no gateway: name one in "sources"` };
    },
    lookup: async () => ({ kind: 'unsupported' }),
  };
}

type CreateProps = ConfiguredGatewaysProps & Pick<RegisteredSource, 'merchants'> & { readonly secrets: GatewaySecrets };

function create(configured: GatewayConfiguration, props: CreateProps): RefundGateway {
  const { secrets, report, nowMs, random, sleep } = props;
  switch (configured.kind) {
    case 'sandbox':
      return createSandboxGateway({ client: props.dynamodb, table: props.sandboxTable, random, sleep });
    case 'stripe':
      return createStripeGateway({
        secret: configured.secret,
        secrets,
        report,
        metadata: configured.metadata ?? {},
        onlyMerchant: onlyOf(props.merchants),
      });
    case 'webhook':
      return createWebhookGateway({ url: configured.url, secret: configured.secret, secrets, report, nowMs });
  }
}

/** An account of one merchant alone has charges of no other. */
function onlyOf(merchants: RegisteredSource['merchants']): string | undefined {
  return merchants !== 'all' && merchants.size === 1 ? [...merchants][0] : undefined;
}
