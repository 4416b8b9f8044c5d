import { randomBytes } from 'node:crypto';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { flagCodec } from '../../../adapters/dynamodb/case-codecs.ts';
import { createDeadLetters } from '../../../adapters/s3/dead-letters.ts';
import { startCodec } from '../../../adapters/stepfunctions/workflow-states.ts';
import { asFlagId, type FlagId } from '../../../core/brands.ts';
import { FAULT_NAMES } from '../../../core/fault.ts';
import { type DeadLetter, REDRIVEN_PREFIX } from '../../../core/redrive/dead-letter.ts';
import { flag } from '../../fixtures/flags.ts';
import { onecharge } from '../commands.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { executionsOf } from '../executions.ts';
import { whileDisabled } from '../lambda.ts';
import { logLines } from '../logs.ts';
import { newStory } from '../story.ts';

type Item = Record<string, AttributeValue>;
type Letter = Extract<DeadLetter, { kind: 'changes' }>;

const storedSchema = z.looseObject({ payload: z.string() });
const payloadSchema = z.looseObject({ Records: z.array(z.looseObject({ dynamodb: z.looseObject({}) })) });
const faultSchema = z.object({ message: z.string(), code: z.string(), retry: z.string() });

export function bugStories(world: () => Deployed): void {
  test('dispatch gives up a change that it cannot read, goes on with its batch, and redrive takes the change once it is readable', async () => {
    const deployed = world();
    const story = newStory({ ownProcessor: true });
    const duplicate = story.charge('2');
    const broken = brokenFlag('open');
    // Both changes wait for the mapping, so that they come in one batch.
    await whileDisabled(deployed.stack, 'RefundsDispatchStream', async () => {
      await put(deployed, broken.item);
      await deployed.capture(story.charge('1'), duplicate);
      await deployed.untilFlag(duplicate, 'open');
    });

    const letter = await eventually('the change is in the dead-letter bucket', () => letterAbout(deployed, broken.id));
    expect(letter).toMatchObject({ source: 'dispatch', condition: FAULT_NAMES.never, fault: 'unreadable-item' });
    expect(letter.recordCount).toBe(1);
    await expectBug(deployed, { of: 'RefundsDispatch', message: 'record given up', about: broken.id });
    const { id } = await deployed.untilFlag(duplicate, 'refunded');
    expect((await executionsOf(deployed.stack, id)).map(({ name }) => name)).toEqual([`${id}-0`]);

    const left = await redrive(deployed);
    expect(left).toMatchObject({ code: 2, stdout: expect.stringContaining(`left as it is: ${letter.key}`) });
    expect(await letterAbout(deployed, broken.id)).toEqual(letter);
    expect(await executionsOf(deployed.stack, broken.id)).toEqual([]);
    await put(deployed, { ...broken.item, ...readable(broken.id, 'monitored') });
    // In production a later release reads the change. Here the change becomes one that this release reads.
    await rewrite(deployed, letter, { ...broken.item, ...readable(broken.id, 'open') });
    await redrive(deployed);
    expect(await letterAbout(deployed, broken.id)).toBeUndefined();
    expect(await textOf(deployed, `${REDRIVEN_PREFIX}${letter.key}`)).toContain(broken.id);
    await untilEnded(deployed, broken.id);
  });

  // On AWS the task's error has the name `Bug`, and the machine does not retry it (test/infra/refund-machine.test.ts).
  // The emulator names every error of a handler `Runtime.HandlerError`, so the machine retries it like a crash. Here only
  // the log line and the metric show the bug, and a retry ends the workflow once the flag is readable.
  test('a refund task that cannot read its flag notes a bug', async () => {
    const deployed = world();
    const { stack } = deployed;
    // No stream reader asks for monitored flags.
    const broken = brokenFlag('monitored');
    await put(deployed, broken.item);
    const input = JSON.stringify(startCodec.encode({ flagId: broken.id, attempt: 0, graceSeconds: 0 }));
    const { RefundStateMachineArn: stateMachineArn } = stack.outputs;
    await stack.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name: `${broken.id}-0`, input }));

    await expectBug(deployed, { of: 'RefundsAssess', message: 'invocation failed', about: broken.id });
    await put(deployed, { ...broken.item, ...readable(broken.id, 'monitored') });
    await untilEnded(deployed, broken.id);
  });
}

/** An item of a flag whose body is lost. No index lists it. */
function brokenFlag(status: string): { readonly id: FlagId; readonly item: Item } {
  const id = asFlagId(randomBytes(16).toString('hex'));
  return { id, item: { ...keyOf(id), kind: { S: 'flag' }, status: { S: status }, version: { N: '1' } } };
}

/** What makes the item readable. The workflow of a monitored flag has nothing to do. */
function readable(id: FlagId, status: 'open' | 'monitored'): Item {
  return marshall({ status, body: flagCodec.encode(flag({ id, status })) });
}

function keyOf(id: string) {
  return { pk: { S: `flag#${id}` }, sk: { S: 'flag' } };
}

async function put({ stack }: Deployed, Item: Item): Promise<void> {
  await stack.aws.dynamo.send(new PutItemCommand({ TableName: stack.outputs.CasesTableName, Item }));
}

async function untilEnded({ stack }: Deployed, flagId: string): Promise<void> {
  await eventually('the workflow has ended', async () => {
    const [execution] = await executionsOf(stack, flagId);
    return execution?.status === 'SUCCEEDED' || undefined;
  });
}

/** The letter that has the flag's change, as redrive reads it. */
async function letterAbout({ stack }: Deployed, flagId: string): Promise<Letter | undefined> {
  const deadLetters = createDeadLetters({ s3: stack.s3, bucket: stack.outputs.DeadLetterBucketName });
  const results = await Promise.all((await deadLetters.list(1_000)).map((key) => deadLetters.read(key)));
  const letters = results.flatMap((result) => {
    return result.kind === 'dead-letter' && result.letter.kind === 'changes' ? [result.letter] : [];
  });
  return letters.find(({ event }) => JSON.stringify(event).includes(flagId));
}

/** Puts another image into the letter's one change. */
async function rewrite(deployed: Deployed, { key }: Letter, NewImage: Item): Promise<void> {
  const { s3, outputs } = deployed.stack;
  const stored = storedSchema.parse(JSON.parse(await textOf(deployed, key)));
  const payload = payloadSchema.parse(JSON.parse(stored.payload));
  const Records = payload.Records.map((record) => ({ ...record, dynamodb: { ...record.dynamodb, NewImage } }));
  const Body = JSON.stringify({ ...stored, payload: JSON.stringify({ ...payload, Records }) });
  await s3.send(new PutObjectCommand({ Bucket: outputs.DeadLetterBucketName, Key: key, Body }));
}

async function textOf({ stack: { s3, outputs } }: Deployed, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.DeadLetterBucketName, Key }));
  return (await Body?.transformToString()) ?? '';
}

function redrive({ stack }: Deployed) {
  return onecharge(stack, 'redrive', '--source', 'dispatch');
}

/** The bug is a line of the function's log and a count of the metric `bugs` from the same invocation. */
async function expectBug(
  { stack }: Deployed,
  { of, message, about }: { readonly of: string; readonly message: string; readonly about: string },
): Promise<void> {
  const line = await eventually(`${of} logs the bug`, async () =>
    (await logLines(stack, of, about)).find(({ text }) => text.includes(message)),
  );
  expect(faultSchema.parse(JSON.parse(line.text))).toEqual({ message, code: 'unreadable-item', retry: 'never' });
  const counts = await logLines(stack, of, '"bugs":1');
  expect(counts.map(({ stream }) => stream)).toContain(line.stream);
}
