import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Alert, type AlertOf, alertSchema } from '../../../core/alerts/alert.ts';
import { addTotals, NOTHING } from '../../../core/incidents/totals.ts';
import { onecharge } from '../commands.ts';
import { bodyOf, type Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { confirmThaw } from '../people.ts';
import { type Received, subscribe } from '../queues.ts';
import { newStory } from '../story.ts';

/** Of this merchant the local configuration takes eight cases in a minute for an incident. */
const MERCHANT = 'm_rehearsal';
const CASES = 12;
/** A grace period, a window, a quiet period and the drain, on a busy machine. */
const WITHIN_MS = 1_200_000;

export function incidentStories(world: () => Deployed): void {
  // Some four minutes of waiting for digests and the quiet after them: for the full size alone.
  test.runIf(process.env.ONECHARGE_FULL)(
    'a burst of one merchant is one incident: opened, notified by digests that add up, frozen, thawed and closed',
    async () => {
      const { stack, capture, untilFlag } = world();
      const policy = { kind: [{ prefix: 'incident.' }], merchant: [MERCHANT] };
      const filtered = await subscribe(stack.aws, stack.outputs.AlertsTopicArn, policy);
      const pairs = Array.from({ length: CASES }, () => pairOf());
      await capture(...pairs.flat());

      const notified = () => alertsIn(filtered);
      const opened = await untilNotified(notified, 'incident.opened');
      expect(opened).toMatchObject({ severity: 'critical', scope: { kind: 'merchant', merchant: MERCHANT } });
      expect(opened.cases).toBeGreaterThanOrEqual(8);
      const freeze = ['--merchant', MERCHANT, '--reason', 'a rehearsal'];
      expect(await onecharge(stack, 'freeze', ...freeze)).toMatchObject({ code: 0 });
      await eventually('a digest includes the freeze', async () => {
        await invoke(stack, 'AlertsDigest', {});
        return (
          (await notified()).some((alert) => 'orders' in alert && alert.orders.some(({ frozen }) => frozen)) ||
          undefined
        );
      });
      const status = await onecharge(stack, 'status');
      expect(status.stdout).toMatch(new RegExp(`merchant#${MERCHANT} +open since`));
      expect(status.stdout).toMatch(/^processed +[\d,]+ charges in the last hour$/m);
      expect(await onecharge(stack, 'thaw', ...freeze)).toMatchObject({ code: 0 });
      await confirmThaw(stack, MERCHANT);
      await Promise.all(
        pairs.map(async ([, duplicate]) => {
          await eventually('the sweep let it go on', async () => {
            await invoke(stack, 'RefundsSweep', {});
            return (await world().flagOf(duplicate))?.status === 'refunded' || undefined;
          });
          await untilFlag(duplicate, 'refunded');
        }),
      );

      const report = await eventually('the incident is closed', () => closingOf(world(), notified), {
        withinMs: WITHIN_MS,
        everyMs: 5_000,
      });
      const all = await notified();
      const mine = all.filter((alert) => 'incidentId' in alert && alert.incidentId === opened.incidentId);
      await filtered.close();
      expect(report).toMatchObject({
        reason: 'quiet',
        totals: { cases: CASES, resolved: CASES, charges: CASES, failed: 0 },
      });
      expect(report.totals.money.CNY).toEqual({
        atStakeMinor: CASES * 12_900,
        refundedMinor: CASES * 12_900,
        heldMinor: 0,
      });
      expect(report.orders.map(({ frozen }) => frozen)).toEqual([true, false]);
      const digests = mine.filter((alert) => alert.kind === 'incident.digest').toSorted((a, b) => a.number - b.number);
      expect(digests.map(({ number }) => number)).toEqual(digests.map((_, at) => at + 1));
      expect([...digests, report].map(({ changes }) => changes).reduce(addTotals, NOTHING)).toEqual(report.totals);
      expect(mine).toHaveLength(digests.length + 2);
      expect(all.every(({ kind }) => kind.startsWith('incident.'))).toBe(true);
    },
  );
}

function pairOf() {
  const story = newStory({ ownProcessor: true });
  const shows = { merchant: MERCHANT, order: `o_${randomBytes(6).toString('hex')}` };
  return [story.charge('1', shows), story.charge('2', shows)] as const;
}

async function alertsIn(received: Received): Promise<readonly Alert[]> {
  return (await received.all()).map((message) => bodyOf(alertSchema, message));
}

async function untilNotified<Kind extends Alert['kind']>(
  notified: () => Promise<readonly Alert[]>,
  kind: Kind,
): Promise<AlertOf<Kind>> {
  return eventually(`${kind} is notified`, async () => {
    const found = await notified();
    return found.find((alert): alert is AlertOf<Kind> => alert.kind === kind);
  });
}

/** Every minute's run is also asked for here: the test waits for the rule, not for the clock. */
async function closingOf({ stack }: Deployed, notified: () => Promise<readonly Alert[]>) {
  await invoke(stack, 'AlertsDigest', {});
  return (await notified()).find((alert) => alert.kind === 'incident.closed');
}
