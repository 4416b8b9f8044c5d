import { expect, test } from 'vitest';
import { alertsOf } from '../alerts.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { executionsOf, statesOf } from '../executions.ts';
import { signIn } from '../people.ts';
import { newStory } from '../story.ts';

export function processorStories(world: () => Deployed): void {
  test('a refund that the processor refuses fails, for people: no money moves until one approves it anew', async () => {
    const deployed = world();
    const { duplicate } = await pairOf(deployed, 'fails');
    const flag = await deployed.untilFlag(duplicate, 'failed');
    expect(flag.failure).toContain('instructed to fail');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);
    await untilEnded(deployed, flag.id);
    const kinds = await eventually('the alert about the case has arrived', async () => {
      const notified = (await alertsOf(deployed, flag.caseId)).map(({ alert }) => alert.kind);
      return notified.length > 0 ? notified : undefined;
    });
    expect(kinds).toContain('case.opened');
    expect(kinds).not.toContain('case.resolved');

    // Its balance is filled, and a person approves what nobody had to before.
    await deployed.instruct(duplicate, 'refunds');
    const approver = await signIn(deployed.stack, 'approver');
    const anew = await approver.post(`/flags/${flag.id}/approve`, { reason: 'the balance is filled' });
    expect(anew).toMatchObject({ status: 200, body: { status: 'open', attempt: 1, execution: `${flag.id}-1` } });
    await deployed.untilFlag(duplicate, 'refunded');
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
  });

  test('a refund whose answer was lost after the money had moved is asked for again, and booked once', async () => {
    const deployed = world();
    const { duplicate } = await pairOf(deployed, 'times-out-after-success');
    const { id } = await deployed.untilFlag(duplicate, 'refunded');
    const states = await statesOf(deployed.stack, id);
    expect(
      states.filter((state) => state === 'Reverse'),
      'its first answer was lost',
    ).toHaveLength(2);
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
  });

  test('a refund that the processor keeps pending is asked for until it is known', async () => {
    const deployed = world();
    const { original, duplicate } = await pairOf(deployed, 'pending:2');
    const { id } = await deployed.untilFlag(duplicate, 'refunding');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);
    expect(await executionsOf(deployed.stack, id)).toEqual([{ name: `${id}-0`, status: 'RUNNING' }]);
    // Five seconds and then a minute pass between the questions.
    await deployed.untilFlag(duplicate, 'refunded');
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
    expect(await deployed.refundsOf(original)).toEqual([]);
  });

  test('a charge that others refunded in the meantime ends as reversed-externally, and is not refunded again', async () => {
    const deployed = world();
    const { duplicate } = await pairOf(deployed, 'reversed-externally');
    const flag = await deployed.untilFlag(duplicate, 'reversed-externally');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);
    const notified = await eventually('its case is resolved', async () => {
      const alerts = await alertsOf(deployed, flag.caseId);
      return alerts.length === 2 ? alerts.map(({ alert }) => alert) : undefined;
    });
    expect(notified).toMatchObject([{ kind: 'case.opened' }, { kind: 'case.resolved', refundedMinor: 0 }]);
  });
}

/** An original and its duplicate, for which the processor has its own answer. */
async function pairOf(deployed: Deployed, behaviour: string) {
  const story = newStory({ ownProcessor: true });
  const [original, duplicate] = [story.charge('1'), story.charge('2')];
  await deployed.book(original, duplicate);
  await deployed.instruct(duplicate, behaviour);
  await deployed.announce(original, duplicate);
  return { original, duplicate };
}

async function untilEnded({ stack }: Deployed, flagId: string): Promise<void> {
  await eventually('the workflow has ended', async () => {
    const executions = await executionsOf(stack, flagId);
    return executions.every(({ status }) => status === 'SUCCEEDED') || undefined;
  });
}
