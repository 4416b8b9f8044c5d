import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';

export const logger = new Logger();
export const metrics = new Metrics({ namespace: 'Onecharge' });

/** Every handler is a middy handler: its log lines carry the request, its metrics are flushed at the end. */
export function observed<Event, Result>(handle: (event: Event) => Promise<Result>) {
  return middy<Event, Result>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler((event) => handle(event));
}
