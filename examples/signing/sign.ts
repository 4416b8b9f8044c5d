/**
 * Signs payment events for Onecharge (docs/signing.md). Node 22.18 or later, no package.
 *
 *     node sign.ts --key-id ID --stage STAGE KEYFILE < events.ndjson > signed.ndjson
 *     node sign.ts --check vectors.json
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const FIELDS = `data.amount.currency data.amount.value data.channel data.chargeId data.instrument data.livemode data.mcc
data.merchant data.open data.order data.orderTotal.currency data.orderTotal.value data.outcome data.part data.payer
data.payment data.reference data.refundAmount data.refundId data.refundStatus data.refundedTotal data.test
data.total.currency data.total.value data.wonBy id livemode source specversion test time type`.split(/\s+/);

type Event = { readonly [name: string]: unknown };

function valueAt(event: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Event | null | undefined)?.[name], event);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  throw new Error('a signed field is a text, an integer or a boolean');
}

function framed(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

function signedBytes(event: Event, stage: string, keyId: string): Buffer {
  const pairs = new Map([['stage', stage], ['sigkid', keyId]]);
  for (const name of FIELDS) {
    const value = valueAt(event, name);
    if (value !== undefined && value !== null) pairs.set(name, textOf(value));
  }
  const names = [...pairs.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Buffer.concat(names.flatMap((name) => [framed(name), framed(pairs.get(name) ?? '')]));
}

function signature(event: Event, stage: string, keyId: string, key: Buffer): string {
  return createHmac('sha256', key).update(signedBytes(event, stage, keyId)).digest('base64url');
}

function check(file: string): number {
  const { stage, keys, valid } = JSON.parse(readFileSync(file, 'utf8'));
  let wrong = 0;
  for (const { name, event: text } of valid) {
    const event = JSON.parse(text);
    const { key } = keys.find(({ id }: { id: string }) => id === event.sigkid);
    const isRight = signature(event, stage, event.sigkid, Buffer.from(key, 'base64')) === event.sig;
    wrong += isRight ? 0 : 1;
    console.log(isRight ? 'ok' : 'WRONG', name);
  }
  return wrong > 0 ? 1 : 0;
}

const [first, keyId = '', second, stage = '', keyFile = ''] = process.argv.slice(2);
if (first === '--check') process.exit(check(keyId));
if (first !== '--key-id' || second !== '--stage') throw new Error('usage: sign.ts --key-id ID --stage STAGE KEYFILE');
const key = Buffer.from(JSON.parse(readFileSync(keyFile, 'utf8')).keys[keyId].key, 'base64');
for (const line of readFileSync(0, 'utf8').split('\n').filter((each) => each.trim() !== '')) {
  const event = JSON.parse(line);
  console.log(JSON.stringify({ ...event, sigkid: keyId, sig: signature(event, stage, keyId, key) }));
}
