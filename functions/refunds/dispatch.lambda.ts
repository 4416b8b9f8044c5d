import type { DynamoDBRecord } from 'aws-lambda';
import { type DispatchContext, dispatch } from '../../core/refunds/dispatch.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { eachRecord } from '../streams/each-record.ts';
import { flagIn } from '../streams/images.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { DISPATCH_ENVIRONMENT } from './environment.ts';
import { pacedWorkflows } from './paced-workflows.ts';

const environment = readEnvironment(DISPATCH_ENVIRONMENT);

const context: DispatchContext = {
  configuration: readConfiguration().configuration,
  workflows: pacedWorkflows(environment),
};

/**
 * Starts and wakes refund workflows as flags change, at a pace that the region's quotas bear: a burst waits in the Cases
 * table's stream, which is the outbox of detection.
 */
export const handler = streamHandler(
  { kind: 'changes', bucket: environment.DEAD_LETTER_BUCKET },
  (records: readonly DynamoDBRecord[]) =>
    eachRecord(records, async ({ dynamodb }) => {
      const flag = flagIn(dynamodb?.NewImage);
      if (flag !== undefined) await dispatch(flag, context);
    }),
);
