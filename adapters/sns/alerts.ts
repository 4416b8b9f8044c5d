import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type Alert, attributesOf } from '../../core/alerts/alert.ts';
import { emailSubject, emailText } from '../../core/alerts/email.ts';

/**
 * Publishes an alert: its JSON to queues, functions and hooks, its text to e-mail. The attributes are what filter
 * policies see, in a safe alphabet. Published again it is another message with the same alert id.
 */
export async function publishAlert(client: SNSClient, topicArn: string, alert: Alert): Promise<void> {
  await client.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: emailSubject(alert),
      MessageStructure: 'json',
      Message: JSON.stringify({ default: JSON.stringify(alert), email: emailText(alert) }),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributesOf(alert)).map(([name, value]) => [name, attribute(value)]),
      ),
    }),
  );
}

function attribute(value: string | readonly string[]): MessageAttributeValue {
  return typeof value === 'string'
    ? { DataType: 'String', StringValue: inSafeAlphabet(value) }
    : { DataType: 'String.Array', StringValue: JSON.stringify(value.map(inSafeAlphabet)) };
}

const ENCODER = new TextEncoder();

/**
 * Writes every other character as the bytes of its UTF-8, as addresses do: attributes travel to subscribers that put them
 * into headers, commands and logs. Two values never become one.
 */
export function inSafeAlphabet(value: string): string {
  return value.replace(/[^\w.:/@+=-]/gu, (character) => {
    return Array.from(ENCODER.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
      '',
    );
  });
}
