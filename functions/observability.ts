import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { faultOf } from '../adapters/fault-of.ts';
import type { Fault } from '../core/fault.ts';
import type { CapRaise } from '../core/refunds/cap-raise.ts';

export const logger = new Logger();
export const metrics = new Metrics({ namespace: 'Onecharge' });

/** Counts of one detector: one line of log whatever their number. */
export function countOf(detector: string, counts: { readonly [name: string]: number }): void {
  const ofDetector = new Metrics({ namespace: 'Onecharge' });
  ofDetector.addDimension('detector', detector);
  for (const [name, count] of Object.entries(counts)) ofDetector.addMetric(name, MetricUnit.Count, count);
  ofDetector.publishStoredMetrics();
}

/** Classifies what was thrown and logs it. Counts a bug at once, for the alarm `bugs`: its invocation may end here. */
export function noteFault(what: string, error: unknown): Fault {
  const fault = faultOf(error);
  const { code, retry } = fault;
  logger.error(what, { code, retry, error: fault.cause instanceof Error ? fault.cause : fault });
  if (retry === 'never') {
    const bugs = new Metrics({ namespace: 'Onecharge' });
    bugs.addMetric('bugs', MetricUnit.Count, 1);
    bugs.publishStoredMetrics();
  }
  return fault;
}

/** Notifies the operators of approvals that no approver has given, for the alarm `forged-approvals`. */
export function noteForged({ flagId, count }: { readonly flagId: string; readonly count: number }): void {
  logger.error('approvals are forged', { flagId, count });
  const forged = new Metrics({ namespace: 'Onecharge' });
  forged.addMetric('forgedApprovals', MetricUnit.Count, count);
  forged.publishStoredMetrics();
}

/** Logs that a raise of a cap has ended, and counts it for the alarm `caps-raised`. */
export function noteRaiseEnd({ id, currency, merchant, maxMinor, untilMs }: CapRaise): void {
  logger.warn('a raise of a cap has ended', { id, currency, merchant, maxMinor, untilMs });
  countCapRaise();
}

/** Logs that a raise of a cap was requested or confirmed, and counts it at once, for the alarm `caps-raised`. */
export function noteCapRaise({ id, currency, maxMinor, untilMs, confirmed }: CapRaise): void {
  logger.warn('a raise of a cap', { id, currency, maxMinor, untilMs, isConfirmed: confirmed !== undefined });
  countCapRaise();
}

function countCapRaise(): void {
  const raises = new Metrics({ namespace: 'Onecharge' });
  raises.addMetric('capRaises', MetricUnit.Count, 1);
  raises.publishStoredMetrics();
}

/**
 * Every handler is a middy handler: its log lines carry the request, its metrics are flushed at the end. What it throws is
 * a fault, whose name tells Step Functions whether to retry.
 */
export function observed<Event, Result>(handle: (event: Event, context: Context) => Promise<Result>) {
  return middy<Event, Result>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (event, context) => {
      try {
        return await handle(event, context);
      } catch (error) {
        throw noteFault('invocation failed', error);
      }
    });
}
