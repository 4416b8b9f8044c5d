import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { auditCodec, caseCodec, commentCodec, flagCodec } from '../../../adapters/dynamodb/case-codecs.ts';
import { commentItem, itemsOf } from '../../../adapters/dynamodb/case-items.ts';
import { decodeBody, type Item } from '../../../adapters/dynamodb/stored-item.ts';
import { asCaseId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import { newComment } from '../../../core/cases/comment.ts';
import { FLAG_STATUSES, type Flag } from '../../../core/cases/flag.ts';
import { Fault } from '../../../core/fault.ts';
import { flagIn } from '../../../functions/streams/images.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened } from '../../fixtures/flags.ts';

/** Items as the code before schema versions wrote them, each at the end of a real story of that code. */
const VERSION_1 = join(import.meta.dirname, '../../fixtures/version-1');
const storedSchema = z.object({ pk: z.string(), sk: z.string(), body: z.record(z.string(), z.unknown()) });
type Stored = z.infer<typeof storedSchema>;

function stored(name: string): Stored {
  return storedSchema.parse(JSON.parse(readFileSync(join(VERSION_1, `${name}.json`), 'utf8')));
}

function read(name: string, change: (body: Stored['body']) => Stored['body'] = (body) => body): Flag {
  const { body, ...key } = stored(name);
  return decodeBody(flagCodec, itemOf({ ...key, body: change(body) }));
}

function itemOf(stored: object): Item {
  return marshall(stored, { removeUndefinedValues: true });
}

/** The body without some of its members. */
function without(...names: readonly string[]) {
  return (body: Stored['body']) => Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

const WORDS = new Map<unknown, string>([
  ['watched', 'monitored'],
  ['mistaken', 'refunded-in-error'],
  ['undone', 'reversed-externally'],
]);

describe('a flag of version 1', () => {
  const names = readdirSync(VERSION_1).flatMap((file) => (file.startsWith('flag-') ? [file.replace('.json', '')] : []));

  it('is there in every status', () => {
    expect(new Set(names.map((name) => read(name).status))).toEqual(new Set(FLAG_STATUSES));
  });

  it.each(names)('is read and written again: %s', (name) => {
    const { body, ...key } = stored(name);
    const found = read(name);
    const { id, version, charge } = body;
    expect(found).toMatchObject({ id, version, status: WORDS.get(body.status) ?? body.status, charge });
    const again = itemOf({ ...key, body: flagCodec.encode(found) });
    expect(decodeBody(flagCodec, again)).toEqual(found);
    expect(again.body?.M?.schemaVersion).toEqual({ N: '4' });
  });

  it('keeps what it says of its wait, its claim and its end', () => {
    expect(read('flag-held-escalated')).toMatchObject({
      wait: { waitsFor: ['review'], token: stored('flag-held-escalated').body.token, asked: { sinceMs: START_MS } },
    });
    expect(read('flag-held-frozen')).toMatchObject({ wait: { waitsFor: ['frozen'] }, approvals: [{ by: 'ann' }] });
    expect(read('flag-refunding')).toMatchObject({ refundMinor: 12_900, claimedAtMs: START_MS });
    expect(read('flag-refunding-replayed')).toMatchObject({ refundMinor: 12_900, claimedAtMs: 'unknown' });
    expect(read('flag-refunding-unanswered')).toMatchObject({ unanswered: true });
    expect(read('flag-undone')).toMatchObject({ learnedFrom: 'gateway', refundMinor: 12_900 });
    expect(read('flag-undone-listed')).toMatchObject({ learnedFrom: 'list', processorReference: 're_9' });
    expect(read('flag-dismissed-returned')).toMatchObject({ denial: 'given-back', returned: { refundMinor: 12_900 } });
    expect(read('flag-kept-failed')).toMatchObject({ keeps: [{ by: 'ann' }], ended: { failure: 'no balance' } });
  });

  it('gets the whole charge where a refund that was made or failed has no amount', () => {
    expect(read('flag-refunded', without('refundMinor'))).toMatchObject({ status: 'refunded', refundMinor: 12_900 });
    expect(read('flag-mistaken', without('refundMinor', 'claimedAtMs'))).toMatchObject({
      refundMinor: 12_900,
      claimedAtMs: 'unknown',
    });
    expect(read('flag-failed', without('refundMinor'))).toMatchObject({ refundMinor: 12_900 });
  });

  it('dates a refund without a time by its last change', () => {
    const { updatedAtMs } = read('flag-refunded');
    expect(read('flag-refunded', without('refundedAtMs'))).toMatchObject({ refundedAtMs: updatedAtMs });
  });

  it.each([
    ['flag-refunding', 'refundMinor', 'a refund that runs is never guessed'],
    ['flag-held', 'token', 'nothing could wake its workflow'],
    ['flag-dismissed', 'denial', 'no reason is on record'],
    ['flag-kept', 'keeps', 'no person is on record'],
  ])('%s without %s is unreadable: %s', (name, field) => {
    const { pk, sk } = stored(name);
    const reading = () => read(name, without(field));
    expect(reading).toThrow(Fault);
    expect(reading).toThrow(`flag ${pk} ${sk}`);
  });
});

describe('a case, an audit entry and a comment of version 1', () => {
  it.each([
    ['case', (item: Item) => decodeBody(caseCodec, item)],
    ['audit', (item: Item) => decodeBody(auditCodec, item)],
    ['comment', (item: Item) => decodeBody(commentCodec, item)],
  ] as const)('the %s is read as it was', (name, decode) => {
    const item = stored(name);
    expect(decode(itemOf(item))).toEqual(item.body);
  });

  it('a case without its later counts counts on from nothing', () => {
    const { body, ...key } = stored('case');
    const older = itemOf({ ...key, body: without('held', 'refunds', 'unreconciled', 'detectors')(body) });
    expect(decodeBody(caseCodec, older)).toMatchObject({ held: 0, refunds: 0, unreconciled: 0, detectors: [] });
  });
});

describe('an item of today', () => {
  it.each(FLAG_STATUSES)('of a flag that is %s is read as it was written', (status) => {
    const { after } = moved(flag(), { status });
    const change = withChanges(undefined, [opened(after)], digests);
    const [caseItem, flagItem, auditItem] = itemsOf(change).map(itemOf);
    if (caseItem === undefined || flagItem === undefined || auditItem === undefined) throw new Error('items are lost');
    expect(decodeBody(caseCodec, caseItem)).toEqual(change.case);
    expect(decodeBody(flagCodec, flagItem)).toEqual(after);
    expect(decodeBody(auditCodec, auditItem)).toEqual(change.audit[0]);
  });

  it('of a comment is read as it was written', () => {
    const comment = newComment({ caseId: asCaseId('case-1'), by: 'ann', atMs: START_MS, text: 'a family' }, digests);
    expect(decodeBody(commentCodec, itemOf(commentItem(comment)))).toEqual(comment);
  });

  it('that a newer version wrote is unreadable, and its message has the key and no value', () => {
    const newer = itemOf({ pk: 'flag#1', sk: 'flag', body: { ...flagCodec.encode(flag()), schemaVersion: 5 } });
    expect(() => decodeBody(flagCodec, newer)).toThrow('flag flag#1 flag has schema version 5');
    const wrong = itemOf({ pk: 'flag#1', sk: 'flag', body: { ...flagCodec.encode(flag()), refundMinor: 4_711 } });
    expect(() => decodeBody(flagCodec, wrong)).toThrow(/flag#1 flag .*cannot be read/);
    expect(() => decodeBody(flagCodec, wrong)).not.toThrow(/4711/);
  });

  it('is read from an image of the stream; a removed item has none', () => {
    const { body, ...key } = stored('flag-held');
    const image = { pk: { S: key.pk }, sk: { S: key.sk }, body: { M: marshall(body) } };
    expect(flagIn(JSON.parse(JSON.stringify(image)))).toEqual(read('flag-held'));
    expect(flagIn(undefined)).toBeUndefined();
  });
});
