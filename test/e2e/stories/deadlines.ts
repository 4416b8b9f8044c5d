import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../core/clock-units.ts';
import { evidenceSchema } from '../../../core/queries/evidence.ts';
import { alertsOf } from '../alerts.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { signIn } from '../people.ts';
import { captured, newStory } from '../story.ts';

/** Of the 90 days of the scheme by which a source goes that is not named, five are left. */
const AGE_MS = 85 * DAY_MS;

export function deadlineStories(world: () => Deployed): void {
  test('a case that is unresolved days before its deadline is notified once, and has its evidence ready', async () => {
    const deployed = world();
    const { stack } = deployed;
    const story = newStory({ ownProcessor: true });
    const [original, duplicate] = [story.charge('1'), story.charge('2', { payer: `${story.payer}_family` })];
    await deployed.book(original, duplicate);
    await deployed.instruct(duplicate, 'fails');
    const chargedAt = new Date(Date.now() - AGE_MS).toISOString();
    const events = [original, duplicate].map((charge) => ({ ...captured(charge), time: chargedAt }));
    await deployed.put(events, story.payer);
    const { caseId } = await deployed.untilFlag(duplicate, 'failed');

    await invoke(stack, 'RefundsSweep', {});
    expect(await deadlineAlerts(deployed, caseId), 'a young case is still on its way').toEqual([]);
    await makeOlder(deployed, caseId);
    await invoke(stack, 'RefundsSweep', {});
    const [notified] = await eventually('the alert arrives', async () => {
      const found = await deadlineAlerts(deployed, caseId);
      return found.length > 0 ? found : undefined;
    });
    const deadlineAt = new Date(Date.parse(chargedAt) + 90 * DAY_MS).toISOString();
    expect(notified).toMatchObject({ alert: { deadlineAt, unresolved: 1 }, attributes: { severity: 'warning' } });
    await invoke(stack, 'RefundsSweep', {});

    const viewer = await signIn(stack, 'viewer');
    const { status, body } = await viewer.get(`/cases/${caseId}/evidence`);
    expect(status).toBe(200);
    const evidence = evidenceSchema.parse(body);
    expect(evidence).toMatchObject({ case: { deadlineAt }, audit: { kind: 'intact' } });
    expect(evidence.flags).toMatchObject([{ status: 'failed', scheme: 'mastercard', reasonCode: '4834', deadlineAt }]);
    const differing = evidence.flags[0]?.fields.filter(({ outcome }) => outcome === 'differs');
    expect(differing?.map(({ field }) => field)).toEqual(['payer']);
    expect(evidence.timeline.filter(({ reason }) => reason.startsWith('must be closed by'))).toHaveLength(1);
    expect(await deadlineAlerts(deployed, caseId)).toHaveLength(1);
  });
}

async function deadlineAlerts(deployed: Deployed, caseId: string) {
  return (await alertsOf(deployed, caseId)).filter(({ alert }) => alert.kind === 'case.deadline');
}

/** Lets two hours pass for one case alone. */
async function makeOlder({ stack }: Deployed, caseId: string): Promise<void> {
  await stack.aws.dynamo.send(
    new UpdateItemCommand({
      TableName: stack.outputs.CasesTableName,
      Key: { pk: { S: `case#${caseId}` }, sk: { S: 'case' } },
      UpdateExpression: 'SET body.openedAtMs = body.openedAtMs - :age',
      ExpressionAttributeValues: { ':age': { N: String(2 * HOUR_MS) } },
    }),
  );
}
