import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Aws } from '../cli/aws.ts';

export interface AlertsTap {
  readonly queueUrl: string;
  /** Takes what has arrived and says what there has been since the tap was opened. */
  drain(): Promise<AlertsHeard>;
  close(): Promise<void>;
}

export interface AlertsHeard {
  /** Openings and resolutions of cases, each once however often it was sent. */
  readonly alerts: number;
  /** Bursts, each notified as one incident: their cases were folded into digests. */
  readonly incidents: number;
}

const alertBody = z.object({ alertId: z.string(), kind: z.string() });

/** Listens to the alerts topic with a queue of its own, so that a run can say how many alerts people would have got. */
export async function openAlertsTap({ sns, sqs }: Aws, topicArn: string): Promise<AlertsTap> {
  const QueueName = `onecharge-alerts-tap-${process.pid}-${Date.now()}`;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const described = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: described.Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: 'true' },
      ReturnSubscriptionArn: true,
    }),
  );
  const heard = { cases: new Set<string>(), incidents: new Set<string>() };
  return {
    queueUrl: QueueUrl,
    drain: async () => {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return { alerts: heard.cases.size, incidents: heard.incidents.size };
        for (const { Body = '' } of Messages) {
          const { alertId, kind } = alertBody.parse(JSON.parse(Body));
          if (kind.startsWith('case.')) heard.cases.add(alertId);
          if (kind === 'incident.opened') heard.incidents.add(alertId);
        }
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    close: async () => {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
