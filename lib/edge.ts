import type { Environment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConsoleLogsStack } from './console-logs-stack.ts';
import { ConsoleStack } from './console-stack.ts';
import { FirewallStack } from './firewall-stack.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import type { StageSettings } from './settings.ts';

interface EdgeProps {
  readonly settings: StageSettings;
  readonly service: ServiceAddresses;
  readonly env: Environment;
  /** The version of the edge's secret that CloudFront sends; without one it is the current one. */
  readonly edgeSecretVersion?: string | undefined;
}

/** Where AWS keeps what belongs to CloudFront. */
const CLOUDFRONT_REGION = 'us-east-1';

/** What stands before the service: the console with CloudFront, its firewall and its logs. */
export function deployEdge(scope: Construct, { settings, service, env, edgeSecretVersion }: EdgeProps) {
  // The two ARNs that pass between regions are outputs, which CloudFormation reads: no custom resource is needed.
  const ofCloudFront = { settings, env: { ...env, region: CLOUDFRONT_REGION } };
  const name = `Onecharge-${settings.stage}`;
  const firewall = new FirewallStack(scope, `${name}-firewall`, ofCloudFront);
  const { webAclArn } = firewall;
  const console = new ConsoleStack(scope, `${name}-console`, { settings, env, service, webAclArn, edgeSecretVersion });
  const { distributionArn } = console;
  const logs = new ConsoleLogsStack(scope, `${name}-console-logs`, { ...ofCloudFront, distributionArn });
  return { firewall, console, logs };
}
