import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';

export const logger = new Logger();
export const metrics = new Metrics({ namespace: 'Onecharge' });

/** Counts of one detector: one line of log whatever their number. */
export function countOf(detector: string, counts: { readonly [name: string]: number }): void {
  const ofDetector = new Metrics({ namespace: 'Onecharge' });
  ofDetector.addDimension('detector', detector);
  for (const [name, count] of Object.entries(counts)) ofDetector.addMetric(name, MetricUnit.Count, count);
  ofDetector.publishStoredMetrics();
}

/** Every handler is a middy handler: its log lines carry the request, its metrics are flushed at the end. */
export function observed<Event, Result>(handle: (event: Event) => Promise<Result>) {
  return middy<Event, Result>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler((event) => handle(event));
}
