import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { removalOf } from './history-table.ts';
import type { StageSettings } from './settings.ts';

/** Logs carry no payload and no token: they may go with the stack, and end after the stage's retention. */
export function logGroup(scope: Construct, id: string, settings: StageSettings, name?: string): LogGroup {
  const retention: RetentionDays = settings.retention.logs;
  return new LogGroup(scope, id, {
    ...(name === undefined ? {} : { logGroupName: name }),
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/**
 * Who asked the API for what: it outlives the stack and refuses to be deleted. CloudWatch changes no line that is written, and one
 * function's role may add lines.
 */
export function accessLogGroup(scope: Construct, id: string, settings: StageSettings): LogGroup {
  const retention: RetentionDays = settings.retention.accessLogs;
  return new LogGroup(scope, id, {
    retention,
    removalPolicy: removalOf(settings),
    // An emulator does not know the property.
    ...(settings.keepsHistory && { deletionProtectionEnabled: true }),
  });
}
