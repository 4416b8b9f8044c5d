import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';

/** Lets AWS's delivery of logs write to a log group, for this account's sources alone. */
export function allowDelivery(group: LogGroup): void {
  const { account, region, partition } = Stack.of(group);
  group.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [group.logGroupArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${account}:*` },
      },
    }),
  );
}

/** The ARN without the `:*` for its streams: what deliveries take. */
export function plainArnOf(group: LogGroup): string {
  const parts = { service: 'logs', resource: 'log-group', resourceName: group.logGroupName };
  return Stack.of(group).formatArn({ ...parts, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
