import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { alertsOf } from '../alerts.ts';
import { onecharge } from '../commands.ts';
import { type Deployed, digests, idOf } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { newStory } from '../story.ts';

export function reconcileStories(world: () => Deployed): void {
  test('what the processor lists otherwise than we becomes an unresolved case and an alert, once, and can be explained', async () => {
    const deployed = world();
    const since = new Date().toISOString();
    const story = newStory({ ownProcessor: true });
    const [missing, booked] = [story.charge('2'), story.charge('3')];
    await deployed.capture(story.charge('1'), missing, booked);
    const { id, caseId } = await deployed.untilFlag(missing, 'refunded');
    await deployed.untilFlag(booked, 'refunded');
    const all = [await listedInBooks(deployed, missing), await listedInBooks(deployed, booked)];
    const [ours] = all.slice(1);
    const stranger = { ...ours, chargeId: 'ch_unknown', refundId: 're_x', reference: nobodysReference(story.payer) };

    const reconcile = async (...lines: readonly unknown[]) => {
      const until = new Date(Date.now() + 60_000).toISOString();
      const range = ['--source', missing.source, '--from', since, '--to', until];
      return withFile(lines, (file) => onecharge(deployed.stack, 'reconcile', file, ...range));
    };
    const first = await reconcile(ours, stranger);
    expect(first).toMatchObject({ code: 2, stderr: expect.not.stringContaining('Error') });
    expect(first.stdout).toContain(`not-listed: ${missing.chargeId}`);
    expect(first.stdout).toContain('not-known: ch_unknown');
    expect(first.stdout).toContain('2 differences, 2 new.');
    const notified = await eventually('the alert arrives', async () => {
      const found = (await alertsOf(deployed, caseId)).filter(({ alert }) => alert.kind === 'refund.unreconciled');
      return found.length > 0 ? found : undefined;
    });
    expect(notified).toMatchObject([
      { alert: { unresolved: 1, unreconciled: 1 }, attributes: { severity: 'critical' } },
    ]);

    expect((await reconcile(ours, stranger)).stdout).toContain('2 differences, 0 new.');
    const complete = await reconcile(...all);
    expect(complete).toMatchObject({ code: 0 });
    expect(complete.stdout).toContain('resolved');
    const explained = await onecharge(deployed.stack, 'explain', id, '--reason', 'listed late');
    expect(explained.stdout).toContain('nothing to explain');
    expect(await onecharge(deployed.stack, 'verify', '--case', caseId)).toMatchObject({ code: 0 });
  });
}

/** The refund of a charge as the sandbox processor has booked it. */
async function listedInBooks({ stack }: Deployed, charge: Charge) {
  const { Items = [] } = await stack.aws.dynamo.send(
    new ScanCommand({
      TableName: stack.outputs.SandboxTableName,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :refund)',
      ExpressionAttributeValues: { ':refund': { S: `refund#${idOf(charge)}-` } },
    }),
  );
  const [item] = Items.map((one) => unmarshall(one));
  if (item === undefined) throw new Error(`the books have no refund of ${charge.chargeId}`);
  const { source, chargeId } = charge;
  const refundId = `sandbox-${String(item.pk).slice('refund#'.length)}`;
  const time = new Date().toISOString();
  return {
    source,
    chargeId,
    refundId,
    reference: item.reference,
    amountMinor: item.refundMinor,
    currency: item.currency,
    time,
  };
}

function nobodysReference(token: string): string {
  return referenceOf({ id: asFlagId(digests.hash128(`nobody's ${token}`)), attempt: 0 });
}

async function withFile<Result>(lines: readonly unknown[], use: (file: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-'));
  try {
    const file = join(folder, 'refunds.ndjson');
    writeFileSync(file, lines.map((each) => JSON.stringify(each)).join('\n'));
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
