import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { allowDelivery, plainArnOf } from './delivered-logs.ts';
import { logGroup } from './log-group.ts';
import type { StageSettings } from './settings.ts';

interface ConsoleLogsStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly distributionArn: string;
}

/**
 * What CloudFront logs of a request. No path, query, cookie and referrer: a path may be a payer's link, which is a credential, and a
 * query names payers. The API logs the route of each request.
 */
const FIELDS = [
  'date',
  'time',
  'c-ip',
  'cs-method',
  'sc-status',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'x-edge-request-id',
  'x-edge-location',
  'cs(User-Agent)',
  'cs-protocol-version',
  'ssl-protocol',
  'ssl-cipher',
  'cs-bytes',
  'sc-bytes',
  'time-taken',
] as const;

/** The access logs of CloudFront. A stack of its own: AWS delivers them from us-east-1 alone. */
export class ConsoleLogsStack extends Stack {
  constructor(scope: Construct, id: string, { settings, distributionArn, ...stackProps }: ConsoleLogsStackProps) {
    super(scope, id, { description: 'Onecharge: access logs of the console', ...stackProps });
    Tags.of(this).add('service', 'onecharge');
    const group = logGroup(this, 'Access', settings);
    allowDelivery(group);
    const name = `onecharge-${settings.stage}-console`;
    const source = new CfnDeliverySource(this, 'Source', {
      name,
      logType: 'ACCESS_LOGS',
      resourceArn: distributionArn,
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name,
      destinationResourceArn: plainArnOf(group),
      outputFormat: 'json',
    });
    const delivery = new CfnDelivery(this, 'Delivery', {
      deliverySourceName: name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: [...FIELDS],
    });
    delivery.addResourceDependency(source);
  }
}
