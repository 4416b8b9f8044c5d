import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { DAY_S } from '../../core/clock-units.ts';
import { logger, metrics } from '../../functions/observability.ts';
import { captureOf } from './capture.ts';

/** Charges are remembered as long as by our `same-order`. */
const EXPIRES_AFTER_SECONDS = 15 * DAY_S;

interface Payment {
  readonly merchant: string;
  readonly order: string;
  readonly amountMinor: number;
  readonly currency: string;
}

const config = new IdempotencyConfig({ expiresAfterSeconds: EXPIRES_AFTER_SECONDS });
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.PEER_TABLE ?? '' });
/** The payload is what makes two charges the same payment, so it is hashed as it is, without a JMESPath query. */
const seeOnce = makeIdempotent(async ({ order }: Payment) => order, { persistenceStore, config });

/** What one writes with Powertools for AWS Lambda: each record of the batch wrapped, all of the batch at once. */
async function seeBatch(event: KinesisStreamEvent, context: Context): Promise<KinesisStreamBatchResponse> {
  config.registerLambdaContext(context);
  await Promise.all(
    event.Records.map(async ({ kinesis }) => {
      const { merchant, order = '', amountMinor, currency } = captureOf(kinesis);
      try {
        await seeOnce({ merchant, order, amountMinor, currency });
      } catch (error) {
        // The first of two in one batch is still at work; that the second would have to come again costs nothing here.
        if (!(error instanceof IdempotencyAlreadyInProgressError)) throw error;
      }
    }),
  );
  return { batchItemFailures: [] };
}

export const handler = middy<KinesisStreamEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(seeBatch);
