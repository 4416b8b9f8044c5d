import { randomBytes } from 'node:crypto';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { itemsOf } from '../../../adapters/dynamodb/case-items.ts';
import { createCaseStore } from '../../../adapters/dynamodb/case-store.ts';
import { putOf } from '../../../adapters/dynamodb/charge-items.ts';
import { decodeJob, encodeJob, jobKey } from '../../../adapters/dynamodb/job-item.ts';
import { encodeRecord } from '../../../adapters/dynamodb/record-item.ts';
import { createRecordStore } from '../../../adapters/dynamodb/record-store.ts';
import { systemRuntime } from '../../../adapters/system-runtime.ts';
import { asFingerprint, asFlagId, asIncidentId, type FlagId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { newJob } from '../../../core/jobs/job.ts';
import { NO_COUNTS } from '../../../core/jobs/task.ts';
import { flag } from '../../fixtures/flags.ts';
import { type Deployed, digests, idOf } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { captured, newStory } from '../story.ts';
import { quarantineItem } from '../stream.ts';

const WANTED_MINOR = 9_999_900;

/** What a stolen role, or a writer of the stream, can write on the deployed stack. The rows are those of docs/security.md. */
export function attackStories(world: () => Deployed): void {
  test('I1: a flag that is refunding, which no record knows, calls no processor', async () => {
    const deployed = world();
    const story = newStory();
    const charge = story.charge('invented', { amountMinor: WANTED_MINOR });
    await deployed.book(charge);
    const id = asFlagId(idOf(charge));
    const windows = [{ detector: 'same-order', fingerprint: asFingerprint('same-order|1|invented') }];
    await putFlag(deployed, flag({ status: 'refunding', id, charge, windows, refundMinor: WANTED_MINOR }));
    await untilRefused(deployed, id);
    expect(await deployed.refundsOf(charge)).toEqual([]);
  });

  test('I3: a claim that is put into the record of a charge, without a reservation, calls no processor', async () => {
    const deployed = world();
    const { repeat, id } = await heldCopy(deployed);
    const { stack } = deployed;
    const charges = { client: stack.aws.dynamo, table: stack.outputs.ChargesTableName, ...systemRuntime };
    const [found] = await createRecordStore(charges).readRecords([id], Date.now());
    if (found?.record === undefined) throw new Error('the copy has a record');
    const claimed = { refundMinor: repeat.amountMinor, restsOn: ['single-charge'] as const };
    const ours = { attempt: 0, state: 'claimed', atMs: Date.now(), ...claimed } as const;
    const forgery = putOf(encodeRecord({ ...found.record, version: found.record.version + 1, ours }), 0, charges.table);
    await stack.aws.dynamo.send(new PutItemCommand({ TableName: charges.table, Item: forgery.Item }));
    const held = await readFlag(deployed, id);
    const refunding = { ...held, status: 'refunding', version: held.version + 1, claimedAtMs: Date.now(), ...claimed };
    await putFlag(deployed, refunding as Flag);
    await untilRefused(deployed, id);
    expect(await deployed.refundsOf(repeat)).toEqual([]);
  });

  test('A1: an approval that is put into a flag counts for nothing: it is taken off, and the flag waits again', async () => {
    const deployed = world();
    const { repeat, id } = await heldCopy(deployed);
    const held = await readFlag(deployed, id);
    if (held.status !== 'held') throw new Error('the copy is held');
    const mac = randomBytes(32).toString('base64url');
    const approvals = [{ by: 'ann', atMs: Date.now(), reason: 'a forgery', saw: held.wait.waitsFor, mac }];
    await putFlag(deployed, { ...held, status: 'approved', approvals, version: held.version + 1 });
    const audit = await eventually('the forged approval is taken off', async () => {
      const entries = await casesOf(deployed).auditOf(held.caseId);
      return entries.some(({ actor }) => actor === 'system:approvals') ? entries : undefined;
    });
    expect(audit.at(-1)?.actor).not.toBe('ann');
    await deployed.untilFlag(repeat, 'held');
    expect(await readFlag(deployed, id)).toMatchObject({ status: 'held', approvals: [] });
    expect(await deployed.refundsOf(repeat)).toEqual([]);
  });

  test('A10: the approval of an incident that an item alone orders ends, and approves nothing', async () => {
    const deployed = world();
    const { stack } = deployed;
    const { repeat, id } = await heldCopy(deployed);
    const task = {
      kind: 'bulk-approval',
      incidentId: asIncidentId('i_1'),
      reason: 'a forgery',
      sums: { CNY: 1_000_000 },
      alone: true,
      counts: NO_COUNTS,
    } as const;
    const job = newJob({ task, by: 'ann', nowMs: Date.now() }, digests);
    const TableName = stack.resource('AWS::DynamoDB::GlobalTable', 'JobsTable');
    await stack.aws.dynamo.send(new PutItemCommand({ TableName, Item: encodeJob(job) }));
    const ended = await eventually('the job has ended', async () => {
      const Key = { pk: { S: jobKey(job.id) } };
      const { Item } = await stack.aws.dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      const read = Item && decodeJob(Item);
      return read?.status === 'failed' ? read : undefined;
    });
    expect(ended.failure).toContain('no approver has ordered');
    expect(await readFlag(deployed, id)).toMatchObject({ status: 'held', approvals: [] });
    expect(await deployed.refundsOf(repeat)).toEqual([]);
  });

  test('E1: an event without the signature of its source is quarantined, and makes nothing a duplicate', async () => {
    const deployed = world();
    const story = newStory();
    const [real, forged] = [story.charge('1'), story.charge('2')];
    await deployed.book(real, forged);
    // Bytes go on the stream as they are.
    const bytes = Buffer.from(JSON.stringify(captured(forged)));
    await deployed.put([captured(real), bytes], story.payer);
    const item = await eventually('it is quarantined', () => quarantineItem(deployed, bytes));
    expect(item.reason?.S).toBe('unauthentic');
    expect(await deployed.flagOf(forged)).toBeUndefined();
    expect(await deployed.refundsOf(real)).toEqual([]);
  });
}

/** Two charges of one payer for two orders: the second one waits for an approver. */
async function heldCopy(deployed: Deployed) {
  const story = newStory();
  const original = story.charge('1', { order: `${story.order}_1` });
  const repeat = story.charge('2', { order: `${story.order}_2` });
  await deployed.capture(original, repeat);
  await deployed.untilFlag(repeat, 'held');
  return { repeat, id: asFlagId(idOf(repeat)) };
}

/** Runs the last step, as a workflow that retries it, until it has left the refund to an operator. */
async function untilRefused(deployed: Deployed, id: FlagId): Promise<void> {
  await eventually(`the last check has refused flag ${id}`, async () => {
    await invoke(deployed.stack, 'RefundsReverse', { flagId: id, attempt: 0 });
    const flag = await readFlag(deployed, id);
    return (flag.status === 'refunding' && flag.unanswered) || undefined;
  });
}

function casesOf({ stack }: Deployed) {
  return createCaseStore({ client: stack.aws.dynamo, table: stack.outputs.CasesTableName });
}

async function readFlag(deployed: Deployed, id: FlagId): Promise<Flag> {
  const [found] = await casesOf(deployed).readFlags([id]);
  if (found === undefined) throw new Error(`there is no flag ${id}`);
  return found;
}

/** Puts flag, case and audit as a role that may write the table could: whole, without a condition. */
async function putFlag(deployed: Deployed, forgery: Flag): Promise<void> {
  const { stack } = deployed;
  const known = await casesOf(deployed).readCase(forgery.caseId);
  const act = { actor: 'system:detect', atMs: Date.now(), reason: 'a forgery' };
  const change = withChanges(known, [{ before: undefined, after: forgery, act }], digests);
  for (const item of itemsOf(change)) {
    const Item = marshall(item, { removeUndefinedValues: true });
    await stack.aws.dynamo.send(new PutItemCommand({ TableName: stack.outputs.CasesTableName, Item }));
  }
}
