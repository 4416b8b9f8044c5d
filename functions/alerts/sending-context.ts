import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SNSClient } from '@aws-sdk/client-sns';
import { publishAlert } from '../../adapters/sns/alerts.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { AlertContext } from '../../core/alerts/context.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { metrics } from '../observability.ts';

/** Composes what sends and counts alerts. */
export function sendingContext({ consoleUrl }: Configuration['alerts'], topicArn: string): AlertContext {
  const sns = new SNSClient({});
  return {
    consoleUrl,
    send: (alert) => publishAlert(sns, topicArn, alert),
    count: (metric, value) => metrics.addMetric(metric, MetricUnit.Count, value),
    nowMs: systemRuntime.nowMs,
  };
}
