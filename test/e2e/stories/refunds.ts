import { expect, test } from 'vitest';
import type { Charge } from '../../../core/events/payment-event.ts';
import { alertsOf } from '../alerts.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { executionsOf } from '../executions.ts';
import { whileDisabled } from '../lambda.ts';
import { captured, newStory, voided } from '../story.ts';
import { untilStreamRead } from '../stream.ts';

export function refundStories(world: () => Deployed): void {
  test('a duplicate is refunded once, and its case is notified when it opens and when it is resolved', async () => {
    const deployed = world();
    const story = newStory({ ownProcessor: true });
    const [original, duplicate] = [story.charge('1'), story.charge('2')];
    await deployed.capture(original, duplicate);

    const flag = await deployed.untilFlag(duplicate, 'refunded');
    expect(flag).toMatchObject({ detector: 'same-order', attempt: 0, refundMinor: 12_900 });
    expect(flag.original).toEqual({ source: original.source, chargeId: original.chargeId });
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
    expect(await deployed.refundsOf(original)).toEqual([]);
    expect(await deployed.flagOf(original)).toBeUndefined();

    await eventually('its one execution has succeeded', async () => {
      const executions = await executionsOf(deployed.stack, flag.id);
      return executions.every(({ status }) => status === 'SUCCEEDED') || undefined;
    });
    expect((await executionsOf(deployed.stack, flag.id)).map(({ name }) => name)).toEqual([`${flag.id}-0`]);

    const [opened, resolved, ...more] = await eventually('both alerts have come', async () => {
      const notified = await alertsOf(deployed, flag.caseId);
      return notified.length >= 2 ? notified : undefined;
    });
    expect(more).toEqual([]);
    const about = { caseId: flag.caseId, merchant: story.merchant, original: flag.original, currency: 'CNY', flags: 1 };
    const stake = { atStakeMinor: 12_900 };
    expect(opened?.alert).toMatchObject({ ...about, ...stake, kind: 'case.opened', unresolved: 1, refundedMinor: 0 });
    expect(opened?.attributes).toMatchObject({ kind: 'case.opened', merchant: story.merchant, currency: 'CNY' });
    expect(resolved?.alert).toMatchObject({
      ...about,
      ...stake,
      kind: 'case.resolved',
      unresolved: 0,
      refundedMinor: 12_900,
    });
    expect(resolved?.attributes).toMatchObject({ kind: 'case.resolved', merchant: story.merchant, currency: 'CNY' });
  });

  test('events delivered again after the refund raise no flag and move no money', async () => {
    const deployed = world();
    const story = newStory();
    const charges = [story.charge('1'), story.charge('2')];
    await deployed.capture(...charges);
    const flag = await deployed.untilFlag(charges[1]!, 'refunded'); // two charges above

    await deployed.put([...charges, ...charges].map(captured), story.payer);
    await untilStreamRead(deployed, story.payer);
    expect(await deployed.flagOf(charges[1]!)).toEqual(flag); // two charges above
    expect(await deployed.flagOf(charges[0]!)).toBeUndefined(); // two charges above
    expect(await deployed.refundsOf(charges[1]!)).toEqual([12_900]); // two charges above
    expect(await executionsOf(deployed.stack, flag.id)).toHaveLength(1);
  });

  test('of charges by two payers for one order exactly one stands', async () => {
    const deployed = world();
    const story = newStory({ ownProcessor: true });
    const payers = ['a', 'b', 'b'].map((label) => `${story.payer}${label}`);
    const charges = payers.map((payer, at) => story.charge(String(at + 1), { payer }));
    await deployed.capture(...charges);

    const flags = await eventually('two of the three are refunded', async () => {
      const seen = (await Promise.all(charges.map(deployed.flagOf))).filter((flag) => flag !== undefined);
      return seen.length >= 2 && seen.every(({ status }) => status === 'refunded') ? seen : undefined;
    });
    expect(flags).toHaveLength(2);
    expect(new Set(flags.map(({ caseId }) => caseId)).size).toBe(1);
    const refunds = (await Promise.all(charges.map(deployed.refundsOf))).flat();
    expect(refunds).toEqual([12_900, 12_900]);
    const kinds = await eventually('its case is resolved', async () => {
      const notified = await alertsOf(deployed, flags[0]!.caseId); // two flags, as seen above
      return notified.some(({ alert }) => alert.kind === 'case.resolved')
        ? notified.map(({ alert }) => alert.kind)
        : undefined;
    });
    expect(kinds).toEqual(['case.opened', 'case.resolved']);
  });

  test('a duplicate whose original is voided in the grace period pays the order and stays', async () => {
    const deployed = world();
    const story = newStory();
    const [original, duplicate] = [story.charge('1'), story.charge('2')];
    await voidBeforeRefunds(deployed, { original, duplicates: [duplicate], payer: story.payer });

    const flag = await deployed.untilFlag(duplicate, 'dismissed');
    expect(flag.denial).toBe('no-surplus');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);

    await deployed.put([captured(original), captured(duplicate), voided(original)], story.payer);
    await untilStreamRead(deployed, story.payer);
    expect(await deployed.flagOf(duplicate)).toEqual(flag);
    expect(await executionsOf(deployed.stack, flag.id)).toHaveLength(1);
  });

  test('two duplicates race for the one surplus that a void of their original leaves', async () => {
    const deployed = world();
    const story = newStory();
    const [original, ...duplicates] = ['1', '2', '3'].map((label) => story.charge(label));
    await voidBeforeRefunds(deployed, { original: original!, duplicates, payer: story.payer }); // three labels above

    const statuses = await eventually('both flags are final', async () => {
      const seen = await Promise.all(duplicates.map(deployed.flagOf));
      const final = seen.map((flag) => flag?.status).filter((status) => status !== 'open' && status !== 'refunding');
      return final.length === 2 ? final.toSorted() : undefined;
    });
    expect(statuses).toEqual(['dismissed', 'refunded']);
    expect((await Promise.all(duplicates.map(deployed.refundsOf))).flat()).toEqual([12_900]);
  });
}

interface Voided {
  readonly original: Charge;
  readonly duplicates: readonly Charge[];
  readonly payer: string;
}

/** Captures the charges and voids the original once they are flagged. No refund begins meanwhile, however long it takes. */
async function voidBeforeRefunds(deployed: Deployed, { original, duplicates, payer }: Voided): Promise<void> {
  await whileDisabled(deployed.stack, 'RefundsDispatchStream', async () => {
    await deployed.capture(original, ...duplicates);
    await Promise.all(duplicates.map((duplicate) => deployed.untilFlag(duplicate, 'open')));
    await deployed.put([voided(original)], payer);
    await untilStreamRead(deployed, payer);
  });
}
