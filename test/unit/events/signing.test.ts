import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSigningKey } from '../../../adapters/crypto/signing-key.ts';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { SIGNED_FIELDS, signedBytes } from '../../../core/events/signing.ts';
import { testMarkOf } from '../../../core/events/test-mode.ts';
import { paymentEventSchema, toPaymentEvent, totalProblem } from '../../../core/events/wire-event.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { STAGE, WALLET_KEY } from '../../fixtures/signing.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';
import { EVERY_FIELD } from './every-field.ts';

const KEY = { id: 'k', stage: STAGE };

/** Every path at which a schema has a text, a number or a boolean. */
function leavesOf(schema: z.core.$ZodType, path: readonly string[] = []): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return leavesOf(schema.unwrap(), path);
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap((option) => leavesOf(option, path));
  if (!(schema instanceof z.ZodObject)) return [path.join('.')];
  return Object.entries(schema.shape).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

describe('the fields that a signature covers', () => {
  it('are all fields of the schema, and no other', () => {
    expect(SIGNED_FIELDS).toEqual([...new Set(leavesOf(paymentEventSchema))].sort());
  });

  it('are all that an event is read for', () => {
    for (const event of EVERY_FIELD) {
      const read = new Set<string>();
      const json = recording(event, [], read);
      const wire = json as Parameters<typeof toPaymentEvent>[0];
      testMarkOf(wire);
      if (wire.type === 'charge.captured') totalProblem(wire.data);
      toPaymentEvent(wire, () => false);
      expect([...read].filter((path) => !(SIGNED_FIELDS as readonly string[]).includes(path))).toEqual([]);
    }
  });

  it('are in the documentation, in their order', () => {
    const page = readFileSync(new URL('../../../docs/signing.md', import.meta.url), 'utf8');
    const [, listed = ''] = /<!-- signed fields -->\n```text\n([\s\S]*?)```/.exec(page) ?? [];
    expect(listed.split(/\s+/).filter((name) => name !== '')).toEqual(SIGNED_FIELDS);
  });

  it.each(SIGNED_FIELDS)('change the signed bytes: %s', (field) => {
    const [event] = EVERY_FIELD.filter((each) => valueAt(each, field) !== undefined);
    if (event === undefined) throw new Error(`no event has ${field}`);
    const value = valueAt(event, field);
    const other = typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value}x`;
    expect(signedBytes(withValue(event, field, other), KEY)).not.toEqual(signedBytes(event, KEY));
    expect(signedBytes(withValue(event, field, undefined), KEY)).not.toEqual(signedBytes(event, KEY));
  });
});

describe('the signed bytes', () => {
  it('are names and values in the order of the names, each after its length', () => {
    const event = {
      type: 't',
      id: 'é',
      data: { amount: { value: 129 }, open: false, payer: null },
      remark: 'no field',
    };
    const pairs = [
      ['data.amount.value', '129'],
      ['data.open', 'false'],
      ['id', 'é'],
      ['sigkid', 'k'],
      ['stage', 'prod'],
      ['type', 't'],
    ];
    expect(Buffer.from(signedBytes(event, KEY) ?? []).toString('hex')).toBe(framed(pairs.flat()).toString('hex'));
  });

  it('are those of a slow reading, for any texts', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (id, order, stage) => {
        const pairs = ['data.order', order, 'id', id, 'sigkid', 'k', 'stage', stage];
        const bytes = signedBytes({ id, data: { order } }, { id: 'k', stage });
        expect(Buffer.from(bytes ?? []).equals(framed(pairs))).toBe(true);
      }),
    );
  });

  it.each([12.5, 2 ** 53, [], {}, ['x']])('are none where a field is %j', (value) => {
    expect(signedBytes({ id: value }, KEY)).toBeUndefined();
  });

  it('take null for absent, and no field from a prototype', () => {
    expect(signedBytes({ id: null, data: null }, KEY)).toEqual(signedBytes({}, KEY));
    const smuggled = JSON.parse('{"__proto__":{"id":"x"},"data":{"__proto__":{"order":"o"}}}');
    expect(signedBytes(smuggled, KEY)).toEqual(signedBytes({}, KEY));
  });
});

describe('a signing key', () => {
  it('signs as HMAC-SHA-256 in base64url', () => {
    const key = createSigningKey({ ...KEY, source: '/s', key: Buffer.alloc(32, 7) });
    const expected = createHmac('sha256', Buffer.alloc(32, 7)).update('text').digest('base64url');
    expect(key.sign(Buffer.from('text'))).toBe(expected);
    expect(key.agrees(Buffer.from('text'), expected)).toBe(true);
  });

  it('takes one text for a signature and no other', () => {
    const bytes = Buffer.from('text');
    const signature = WALLET_KEY.sign(bytes);
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const texts = [...last].map((letter) => signature.slice(0, -1) + letter);
    expect(texts.filter((text) => WALLET_KEY.agrees(bytes, text))).toEqual([signature]);
    for (const wrong of [`${signature}=`, signature.slice(0, -1), '', ` ${signature}`, `${signature}AAAA`]) {
      expect(WALLET_KEY.agrees(bytes, wrong)).toBe(false);
    }
  });
});

describe('an event of a source that signs', () => {
  it('is refused wherever no key is at hand: a forgotten check lets nothing in', () => {
    const rules = configuration({ sources: { '/processors/wallet': { ...SOURCE, signing: 'required' } } });
    expect(parseEvent(bytesOf(wireEvent()), WIRE_EVENT_MS, rules)).toMatchObject({ reason: 'unauthentic' });
  });
});

function framed(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

type Event = Readonly<Record<string, unknown>>;

function valueAt(event: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Event | undefined)?.[name], event);
}

function withValue(event: Event, path: string, value: unknown): Event {
  const [name = '', ...rest] = path.split('.');
  const member = rest.length === 0 ? value : withValue(event[name] as Event, rest.join('.'), value);
  return { ...event, [name]: member };
}

/** Notes each field with a plain value that is read. */
function recording(value: object, path: readonly string[], read: Set<string>): object {
  return new Proxy(value, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof name !== 'string') return member;
      if (typeof member === 'object' && member !== null) return recording(member, [...path, name], read);
      if (member !== undefined) read.add([...path, name].join('.'));
      return member;
    },
  });
}
