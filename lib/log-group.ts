import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageSettings } from './settings.ts';

/** Logs carry no payload and no token: they may go with the stack, and end after the stage's retention. */
export function logGroup(scope: Construct, id: string, { logRetentionDays }: StageSettings, name?: string): LogGroup {
  const retention: RetentionDays = logRetentionDays;
  return new LogGroup(scope, id, {
    ...(name === undefined ? {} : { logGroupName: name }),
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
