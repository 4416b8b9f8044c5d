import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Aws } from '../cli/aws.ts';
import { type Alert, alertSchema } from '../core/alerts/alert.ts';

/** A subscriber that keeps each alert it gets, once. */
export async function hearAlerts({ sns, sqs }: Aws, TopicArn: string) {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `onecharge-rehearsal-${process.pid}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      ReturnSubscriptionArn: true,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  const heard = new Map<string, Alert>();
  return {
    all: async (): Promise<readonly Alert[]> => {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return [...heard.values()];
        for (const { Body = '' } of Messages) {
          const alert = alertSchema.parse(JSON.parse(Body));
          heard.set(alert.alertId, alert);
        }
        const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    close: async (): Promise<void> => {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
