import { randomBytes } from 'node:crypto';
import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Aws } from '../../cli/aws.ts';

/** Everything that a queue has held since it was opened. */
export interface Received {
  /** Takes what has arrived meanwhile. Tests that ask at once share one look. */
  all(): Promise<readonly Message[]>;
}

/** Reads without deleting: what is received is hidden for minutes, longer than these tests look. */
export function receiveFrom({ sqs }: Aws, QueueUrl: string): Received {
  const messages = new Map<string, Message>();
  let looking: Promise<void> | undefined;
  const look = async () => {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          VisibilityTimeout: 3_600,
        }),
      );
      if (Messages.length === 0) return;
      for (const message of Messages) messages.set(message.MessageId ?? '', message);
    }
  };
  return {
    all: async () => {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
      return [...messages.values()];
    },
  };
}

/** Subscribes a queue of its own to a topic, as a user's system would: to all of it, or to what a filter policy lets pass. */
export async function subscribe(
  aws: Aws,
  topicArn: string,
  filterPolicy?: Readonly<Record<string, unknown>>,
): Promise<Received & { close(): Promise<void> }> {
  const { sns, sqs } = aws;
  const QueueName = `onecharge-e2e-${process.pid}-${randomBytes(6).toString('hex')}`;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: {
        RawMessageDelivery: 'true',
        ...(filterPolicy !== undefined && { FilterPolicy: JSON.stringify(filterPolicy) }),
      },
      ReturnSubscriptionArn: true,
    }),
  );
  return {
    ...receiveFrom(aws, QueueUrl),
    close: async () => {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
