import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { Deployed, ObservedFlag } from '../deployed.ts';
import { executionsOf } from '../executions.ts';
import { invoke, whileDisabled } from '../lambda.ts';
import { newStory } from '../story.ts';

/** More than the ten minutes after which an open flag is overdue. */
const OVERDUE_MS = 11 * 60_000;

export function sweepStories(world: () => Deployed): void {
  test('a flag that nobody started is started by the sweep, once', async () => {
    const deployed = world();
    const { stack } = deployed;
    const story = newStory();
    const duplicate = story.charge('2');
    await whileDisabled(stack, 'RefundsDispatchStream', async () => {
      await deployed.capture(story.charge('1'), duplicate);
      const flag = await deployed.untilFlag(duplicate, 'open');
      await invoke(stack, 'RefundsSweep', {});
      expect(await executionsOf(stack, flag.id), 'a young flag is still on its way').toEqual([]);
      await makeOlder(deployed, flag);
      // Another story's sweep may have been faster.
      await invoke(stack, 'RefundsSweep', {});
      expect((await executionsOf(stack, flag.id)).map(({ name }) => name)).toEqual([`${flag.id}-0`]);
    });

    const flag = await deployed.untilFlag(duplicate, 'refunded');
    expect(await executionsOf(stack, flag.id)).toHaveLength(1);
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
  });
}

/** Lets time pass for one flag alone. */
async function makeOlder({ stack }: Deployed, { id, version }: ObservedFlag): Promise<void> {
  await stack.aws.dynamo.send(
    new UpdateItemCommand({
      TableName: stack.outputs.CasesTableName,
      Key: { pk: { S: `flag#${id}` }, sk: { S: 'flag' } },
      UpdateExpression: 'SET body.updatedAtMs = body.updatedAtMs - :age',
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':age': { N: String(OVERDUE_MS) }, ':version': { N: String(version) } },
    }),
  );
}
