import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { type AuditEntry, chainHash, GENESIS } from '../../../core/cases/audit.ts';
import type { Case } from '../../../core/cases/case.ts';
import { onecharge } from '../commands.ts';
import { type Deployed, digests } from '../deployed.ts';
import { invoke } from '../lambda.ts';
import { newStory } from '../story.ts';

export function sealStories(world: () => Deployed): void {
  test('a chain that was written anew together with its case is told by the seal that nobody can change', async () => {
    const deployed = world();
    const { stack } = deployed;
    await lockAsInTemplate(deployed);
    const story = newStory();
    const duplicate = story.charge('2');
    await deployed.capture(story.charge('1'), duplicate);
    const { caseId } = await deployed.untilFlag(duplicate, 'refunded');
    const sealed = JSON.parse((await invoke(stack, 'CasesSeal', {})).payload);
    expect(sealed).toMatchObject({ outcome: 'sealed', chains: expect.any(Number) });
    expect(JSON.parse((await invoke(stack, 'CasesSeal', {})).payload).outcome).toBe('already-sealed');
    const verify = () => onecharge(stack, 'verify', '--case', caseId);
    const before = await verify();
    expect(before).toMatchObject({ code: 0 });
    expect(before.stdout).toContain(`Compared with the seal of ${sealed.day}`);

    await expect(removeSeal(deployed, sealed.day)).rejects.toMatchObject({ name: 'AccessDenied' });
    const Key = `days/${sealed.day}.json`;
    await stack.s3.send(new PutObjectCommand({ Bucket: stack.outputs.SealBucketName, Key, Body: '{}' }));
    expect(await verify(), 'what was put on top is not read').toMatchObject({ code: 0, stdout: before.stdout });

    await writeAnew(deployed, caseId);
    const after = await verify();
    expect(after.code).toBe(1);
    expect(after.stdout).toContain(`is not what was sealed on ${sealed.day}: the chain was written anew`);
  });
}

/** The emulator's CloudFormation leaves the lock out; its S3 has it. */
async function lockAsInTemplate({ stack }: Deployed): Promise<void> {
  await stack.s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: stack.outputs.SealBucketName,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
      },
    }),
  );
}

async function removeSeal({ stack }: Deployed, day: string): Promise<void> {
  const Bucket = stack.outputs.SealBucketName;
  const { Versions = [] } = await stack.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: `days/${day}` }));
  expect(Versions).toHaveLength(1);
  await stack.s3.send(new DeleteObjectCommand({ Bucket, Key: Versions[0]?.Key, VersionId: Versions[0]?.VersionId }));
}

/** Another reason in every entry, hashed anew, and the case made to fit: intact by itself. */
async function writeAnew({ stack }: Deployed, caseId: string): Promise<void> {
  const { dynamo } = stack.aws;
  const TableName = stack.outputs.CasesTableName;
  const pk = `case#${caseId}`;
  const { Items = [] } = await dynamo.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':audit': 'audit#' }),
    }),
  );
  let head = GENESIS;
  for (const item of Items.map((one) => unmarshall(one))) {
    const { hash: _hash, ...body } = { ...(item.body as AuditEntry), previous: head, reason: 'nothing to see' };
    head = chainHash(body, digests);
    await dynamo.send(new PutItemCommand({ TableName, Item: marshall({ ...item, body: { ...body, hash: head } }) }));
  }
  const { Item = {} } = await dynamo.send(new GetItemCommand({ TableName, Key: marshall({ pk, sk: 'case' }) }));
  const found = unmarshall(Item);
  const body: Case = { ...found.body, auditHead: head };
  await dynamo.send(new PutItemCommand({ TableName, Item: marshall({ ...found, body }) }));
}
