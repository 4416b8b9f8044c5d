import { SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBRecord } from 'aws-lambda';
import { createWorkflows } from '../../adapters/stepfunctions/workflows.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { dispatch } from '../../core/refunds/dispatch.ts';
import { createPace, paced } from '../../core/refunds/pace.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { flagIn } from '../streams/case-image.ts';
import { eachRecord } from '../streams/each-record.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { DISPATCH_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(DISPATCH_ENVIRONMENT);
const { configuration } = readConfiguration();
const pace = createPace({ perSecond: Number(environment.STARTS_PER_SECOND), ...systemRuntime });
const workflows = paced(
  createWorkflows({ client: new SFNClient({}), stateMachineArn: environment.REFUND_STATE_MACHINE_ARN }),
  pace,
);

/**
 * Starts and wakes refund workflows as flags change, at a pace that the region's quotas bear: a burst waits in the Cases
 * table's stream, which is the outbox of detection.
 */
export const handler = streamHandler(
  { kind: 'changes', bucket: environment.DEAD_LETTER_BUCKET },
  (records: readonly DynamoDBRecord[]) =>
    eachRecord(records, async ({ dynamodb }) => {
      const flag = flagIn(dynamodb?.NewImage);
      if (flag !== undefined) await dispatch(flag, { configuration, workflows });
    }),
);
