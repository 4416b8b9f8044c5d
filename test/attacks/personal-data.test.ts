import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseEndings } from '../../adapters/dynamodb/case-endings.ts';
import { createErasureLog } from '../../adapters/dynamodb/erasure-log.ts';
import { createPayerSearch } from '../../adapters/dynamodb/payer-search.ts';
import { createMemoryQuarantineIndex } from '../../adapters/memory/quarantine-index.ts';
import { packed, packedBody } from '../../adapters/s3/bundled-records.ts';
import { eraseCommand } from '../../cli/commands/erase-command.ts';
import { createErasableObjects } from '../../cli/erasable-objects.ts';
import { type EraseContext, erasePayer, findPayer } from '../../cli/erase.ts';
import { endCases } from '../../core/cases/end-cases.ts';
import { orderLegalHold } from '../../core/cases/legal-hold.ts';
import { verifyCase } from '../../core/cases/verify-cases.ts';
import { parseEvent } from '../../core/events/parse-event.ts';
import { captured, charge, DAY, MINUTE, START_MS, WALLET } from '../fixtures/charges.ts';
import { configuration, digests } from '../fixtures/configurations.ts';
import { eventsLetter, letterKey } from '../fixtures/dead-letters.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { idOf } from '../fixtures/views.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../fixtures/wire-events.ts';
import { createStack } from './stack.ts';

const PAYER = 'payer-of-this-test';
const ONE = charge({ chargeId: 'one', payer: PAYER });
const TWO = charge({ chargeId: 'two', payer: PAYER });
const ALONE = charge({ chargeId: 'alone', payer: PAYER, order: 'another', amountMinor: 4_200 });
const OTHER = charge({ chargeId: 'other', payer: 'someone-else', order: 'a third', merchant: PAYER });
const PLACEHOLDER = 'erased:8c1f';
const WHOSE = { payer: PAYER, source: WALLET };

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb.stop());

const NO_OBJECTS: EraseContext['objects'] = {
  async *objectsNaming() {},
  deleteObject: () => Promise.reject(new Error('there is none')),
};

/** An order that was charged twice, and a charge without a flag, by one payer; and a merchant whose token reads the same. */
async function world() {
  const stack = await createStack(dynamodb, configuration());
  await stack.deliver(captured(ONE), captured(TWO, { timeMs: START_MS + MINUTE }), captured(ALONE), captured(OTHER));
  const { client } = dynamodb;
  const { charges, cases, controls } = stack.tables;
  const context: EraseContext = {
    ...stack,
    search: createPayerSearch({ client, charges, cases }),
    namespaceOf: (source) => source,
    objects: NO_OBJECTS,
  };
  const act = { actor: 'ann', atMs: stack.nowMs(), reason: 'payer erased: request 7' };
  const erase = async () =>
    erasePayer(await findPayer(WHOSE, context), { payer: PAYER, placeholder: PLACEHOLDER, act }, context);
  const log = createErasureLog({ client, table: controls });
  return { stack, context, erase, log, id: idOf(TWO) };
}

/** Members that are the payer: a merchant's token may read the same. */
const asPayer = (text: string) =>
  [...text.matchAll(/payer\\*"?:?\{?\\*"?(?:S\\*":\\*)?"?:?\\*"?payer-of-this-test/g)].length;

describe('the token of an erased payer', () => {
  it('R1: is in no item of any table, and tokens that read the same stay', async () => {
    const { stack, erase, id } = await world();
    await stack.work(id);
    expect(asPayer(await stack.everything())).toBeGreaterThan(0);
    expect(await erase()).toEqual({ flags: 1, records: 3, objects: 0, left: 0 });
    const after = await stack.everything();
    expect(asPayer(after)).toBe(0);
    // Of the merchant that is called so: its record alone.
    expect(after.split(PAYER)).toHaveLength(2);
    expect((await stack.cases.listCases({ by: 'payer', payer: PAYER }, { limit: 10 })).items).toEqual([]);
  });

  it('R2: stays while a refund of the payer waits or runs, and the case is named', async () => {
    const { stack, context, id } = await world();
    const { caseId } = await stack.readFlag(id);
    const waiting = await findPayer(WHOSE, context);
    expect(waiting.obstacles).toEqual([`case ${caseId} is not resolved: decide about its refunds first`]);
    const record = await stack.readRecord(id);
    const ours = { attempt: 0, state: 'claimed', refundMinor: 1, atMs: stack.nowMs(), restsOn: [] } as const;
    await stack.putRecord({ ...record, ours });
    const running = await findPayer(WHOSE, context);
    expect(running.obstacles).toContain(`a refund of the charge of flag ${id} is running: wait for its end`);
    expect(JSON.stringify([waiting.obstacles, running.obstacles])).not.toContain(PAYER);
    // Also where it began after the look.
    const act = { actor: 'ann', atMs: stack.nowMs(), reason: 'payer erased: request 7' };
    const erased = await erasePayer(running, { payer: PAYER, placeholder: PLACEHOLDER, act }, context);
    expect(erased).toEqual({ flags: 0, records: 2, objects: 0, left: 2 });
    expect(await stack.readRecord(id)).toMatchObject({ ours, capture: { charge: { payer: PAYER } } });
  });

  it('R3: is erased once: a repetition finds nothing and writes nothing', async () => {
    const { stack, context, erase, id } = await world();
    await stack.work(id);
    await erase();
    const before = await stack.everything();
    expect(await findPayer(WHOSE, context)).toEqual({ flags: [], records: [], objects: [], obstacles: [] });
    expect(await erase()).toEqual({ flags: 0, records: 0, objects: 0, left: 0 });
    expect(await stack.everything()).toBe(before);
  });

  it('R4: does not come back with events that come again, and no second refund goes', async () => {
    const { stack, erase, id } = await world();
    await stack.work(id);
    await erase();
    const refunds = [...stack.refunds];
    await stack.deliver(captured(ONE), captured(TWO, { timeMs: START_MS + MINUTE }));
    await stack.deliver({ kind: 'charge.voided', eventId: 'void', timeMs: START_MS + 2 * MINUTE, charge: ALONE });
    expect(await stack.work(id)).toMatchObject({ status: 'refunded' });
    expect([...stack.refunds]).toEqual(refunds);
    expect(asPayer(await stack.everything())).toBe(0);
    expect(await stack.readRecord(idOf(ALONE))).toMatchObject({ releasedMs: START_MS + 2 * MINUTE });
  });

  it('R5: is in no audit entry and no note of the act, and every chain is intact', async () => {
    const { stack, erase, log, id } = await world();
    await stack.work(id);
    const counts = await erase();
    await log.noteErasure({ placeholder: PLACEHOLDER, by: 'ann', atMs: START_MS, reason: 'request 7', ...counts });
    const { caseId } = await stack.readFlag(id);
    const audit = await stack.cases.auditOf(caseId);
    expect(audit.at(-1)).toMatchObject({ actor: 'ann', from: 'refunded', to: 'refunded', reason: /request 7/ });
    expect(JSON.stringify(audit)).not.toContain(PAYER);
    const verified = await verifyCase(caseId, { cases: stack.cases, digests, nowMs: stack.nowMs });
    expect(verified?.check).toMatchObject({ kind: 'intact', length: audit.length });
    const options = { stage: 'prod', payer: PAYER, source: WALLET, by: 'ann' };
    await expect(eraseCommand({ ...options, reason: `about ${PAYER}` })).rejects.toThrow('must not have the token');
  });

  it('R6: is sent as the placeholder of another payer, and is refused', () => {
    const bytes = bytesOf(wireEvent({ data: { payer: PLACEHOLDER } }));
    expect(parseEvent(bytes, WIRE_EVENT_MS, configuration())).toMatchObject({
      kind: 'rejected',
      reason: 'schema',
      detail: expect.stringMatching(/^data\.payer: must not begin with "erased:"/),
    });
  });
});

describe('a legal hold', () => {
  const ORDER = { by: 'dana', reason: 'court file 12' };

  it('R9: stops the erasure of each payer of its case, also one that has begun, until it is released', async () => {
    const { stack, context, erase, id } = await world();
    await stack.work(id);
    const { caseId } = await stack.readFlag(id);
    const begun = await findPayer(WHOSE, context);
    await orderLegalHold('place', { caseId, ...ORDER }, stack);
    expect((await findPayer(WHOSE, context)).obstacles).toEqual([
      `case ${caseId} is under legal hold: an admin must release it first`,
    ]);
    const act = { actor: 'ann', atMs: stack.nowMs(), reason: 'payer erased: request 7' };
    const erased = await erasePayer(begun, { payer: PAYER, placeholder: PLACEHOLDER, act }, context);
    expect(erased).toMatchObject({ flags: 0, left: 1 });
    await orderLegalHold('release', { caseId, ...ORDER }, stack);
    expect(await erase()).toMatchObject({ flags: 1, left: 0 });
    expect(asPayer(await stack.everything())).toBe(0);
  });

  it('R10: stops the end of its case, is ordered once, and each order is in the chain', async () => {
    const { stack, id } = await world();
    await stack.work(id);
    const { caseId } = await stack.readFlag(id);
    const placed = await orderLegalHold('place', { caseId, ...ORDER }, stack);
    expect(await orderLegalHold('place', { caseId, by: 'eve', reason: 'again' }, stack)).toEqual(placed);
    const endings = createCaseEndings({ client: dynamodb.client, table: stack.tables.cases });
    const nowMs = () => START_MS + 30_000 * DAY;
    const end = () => endCases({ cases: stack.cases, endings, caseDays: 2_557, nowMs });
    expect(await end()).toBe(0);
    await orderLegalHold('release', { caseId, ...ORDER }, stack);
    const audit = await stack.cases.auditOf(caseId);
    expect(audit.slice(-2)).toMatchObject([
      { actor: 'dana', reason: 'legal hold placed: court file 12' },
      { actor: 'dana', reason: 'legal hold released: court file 12' },
    ]);
    const verified = await verifyCase(caseId, { cases: stack.cases, digests, nowMs: stack.nowMs });
    expect(verified?.check).toMatchObject({ kind: 'intact', length: audit.length });
    expect(await end()).toBe(1);
    expect(await orderLegalHold('place', { caseId, ...ORDER }, stack)).toBeUndefined();
  });
});

describe('objects that name the payer', () => {
  /** A bucket for each name, each object with its versions. */
  function buckets(objects: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>) {
    const held = new Map(Object.entries(objects).map(([name, texts]) => [name, new Map(Object.entries(texts))]));
    const deleted: string[] = [];
    const send = async (sent: { readonly input: Readonly<Record<string, unknown>> }) => {
      const { input } = sent;
      const bucket = held.get(String(input.Bucket)) ?? new Map<string, string | Uint8Array>();
      if (sent instanceof ListObjectsV2Command) return { Contents: [...bucket.keys()].map((Key) => ({ Key })) };
      if (sent instanceof GetObjectCommand) {
        const stored = bucket.get(String(input.Key)) ?? '';
        const isPacked = stored instanceof Uint8Array;
        const bytes = isPacked ? stored : new TextEncoder().encode(stored);
        return { Body: { transformToByteArray: async () => bytes }, ...(isPacked && packedBody) };
      }
      if (sent instanceof ListObjectVersionsCommand) {
        const Key = String(input.Prefix);
        return { Versions: ['new', 'old'].map((VersionId) => ({ Key, VersionId })), DeleteMarkers: [] };
      }
      if (!(sent instanceof DeleteObjectsCommand)) throw new Error('another command');
      const { Objects } = input.Delete as { readonly Objects: readonly { Key: string; VersionId: string }[] };
      deleted.push(...Objects.map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      return {};
    };
    return { s3: { send } as unknown as S3Client, deleted }; // four of its commands are sent
  }
  it('R7: stop the erasure while no operator has decided about them, and then go with their versions', async () => {
    const index = createMemoryQuarantineIndex();
    const named = JSON.stringify(wireEvent({ source: WALLET, data: { payer: PAYER } }));
    const record = { reason: 'schema', detail: 'd', source: WALLET, arrivedMs: START_MS, byteCount: 2 } as const;
    const quarantined = (id: string, text: string) => {
      const bytes = new TextEncoder().encode(text);
      return { ...record, id, bytes, byteCount: bytes.byteLength, isMasked: false, isTree: true };
    };
    for (const id of ['waits', 'done']) {
      await index.add({ ...record, id, objectKey: `schema/${id}`, expiresAtMs: START_MS + DAY });
    }
    await index.markDiscarded('done', { what: 'discarded', at: '', by: 'ann', reason: 'r' });
    const { s3, deleted } = buckets({
      quarantine: {
        'schema/waits': named,
        'schema/done': named,
        'schema/other': JSON.stringify(wireEvent({ source: '/elsewhere', data: { payer: PAYER } })),
        'schema/together': packed([quarantined('1', '{}'), quarantined('2', named)]),
        'schema/others': packed([quarantined('3', '{}')]),
        'unreadable/not-json/gone': `{"payer":"${PAYER}"`,
      },
      dead: { [letterKey(1)]: eventsLetter([named]), [`redriven/${letterKey(2)}`]: eventsLetter([named]) },
    });
    const objects = createErasableObjects({ s3, index, quarantine: 'quarantine', deadLetters: 'dead' });
    const found = [];
    for await (const each of objects.objectsNaming(PAYER, (source) => source === WALLET)) found.push(each);
    expect(found.map(({ key, isUndecided }) => [key, isUndecided])).toEqual([
      ['schema/waits', true],
      ['schema/done', false],
      ['schema/together', false],
      ['unreadable/not-json/gone', false],
      [letterKey(1), true],
      [`redriven/${letterKey(2)}`, false],
    ]);
    for (const each of found.filter(({ isUndecided }) => !isUndecided)) await objects.deleteObject(each);
    expect(deleted).toEqual(
      ['schema/done', 'schema/together', 'unreadable/not-json/gone', `redriven/${letterKey(2)}`].flatMap((key) => [
        `${key} new`,
        `${key} old`,
      ]),
    );
  });
});

it('R8: a case that is not finished does not end, however old it is, and what is known of it stays', async () => {
  const { stack, id } = await world();
  const { caseId } = await stack.readFlag(id);
  const endings = createCaseEndings({ client: dynamodb.client, table: stack.tables.cases });
  const before = await stack.everything();
  const nowMs = () => START_MS + 30_000 * DAY;
  expect(await endCases({ cases: stack.cases, endings, caseDays: 2_557, nowMs })).toBe(0);
  const known = await stack.cases.readCase(caseId);
  expect(known?.status).toBe('open');
  // A stolen look at it ends nothing either.
  expect(await endings.endCase({ id: caseId, version: known?.version ?? 0 })).toBe('changed');
  expect(await stack.everything()).toBe(before);
});
