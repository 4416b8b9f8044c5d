import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Source: Standard Webhooks 1.0.0, "Signature scheme": keys are random and of 24 to 64 bytes. */
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

export interface WebhookMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/**
 * The keys of a secret: one, or several separated by blanks while a key is changed. `undefined` where one is not as the
 * specification has it.
 */
export function webhookKeysOf(secret: string): readonly Buffer[] | undefined {
  const keys = secret.trim().split(/\s+/).map(keyOf);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function keyOf(text: string): Buffer | undefined {
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX ? key : undefined;
}

/**
 * The headers of Standard Webhooks: an id that stays when the same message is sent again, a time against replays, and a
 * signature by each key over both and the body. Source: Standard Webhooks 1.0.0, "Webhook headers".
 */
export function webhookHeaders(
  { id, timestampSeconds, body }: WebhookMessage,
  keys: readonly Buffer[],
): { readonly [name: string]: string } {
  const signed = `${id}.${timestampSeconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}
