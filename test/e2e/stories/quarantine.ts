import { randomBytes } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { quarantineEntryCodec } from '../../../adapters/dynamodb/quarantine-item.ts';
import { DAY_MS, HOUR_MS } from '../../../core/clock-units.ts';
import { signEvent } from '../../../core/events/sign-event.ts';
import { onecharge } from '../commands.ts';
import { bodyOf, type Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import type { Stack } from '../stack.ts';
import { captured, newStory, type Story, type Wire } from '../story.ts';
import { quarantineId, quarantineItem } from '../stream.ts';

/** A card number of a test card: by length, prefix and check digit it is one. */
const CARD = '4111111111111111';

interface Bad {
  readonly reason: string;
  readonly bytes: Uint8Array;
}

export function quarantineStories(world: () => Deployed): void {
  test('every malformed record is quarantined with its reason, and its neighbours are judged', async () => {
    const deployed = world();
    const story = newStory();
    const [original, duplicate] = [story.charge('1'), story.charge('2')];
    const bad = badRecords(story, deployed.stack);
    await deployed.put([captured(original), ...bad.map(({ bytes }) => bytes), captured(duplicate)], story.payer);

    await Promise.all(bad.map((record) => expectQuarantined(deployed, record)));
    const flag = await eventually('the duplicate is flagged', () => deployed.flagOf(duplicate));
    expect(flag).toMatchObject({ original: { chargeId: original.chargeId } });
  });

  test('a card number is in no object, no entry and no message of the quarantine', async () => {
    const deployed = world();
    const story = newStory();
    const wire = captured(story.charge('1', { payer: CARD }));
    const inTwoPlaces = { ...wire, note: `card ${CARD.replace(/(....)(?=.)/g, '$1 ')}` };
    const bytes = signEvent(Buffer.from(JSON.stringify(inTwoPlaces)), deployed.stack.signerOf);
    await deployed.put([bytes], story.payer);

    const { item, object, message } = await quarantine(deployed, bytes);
    expect(item.reason?.S).toBe('card-number');
    expect(JSON.parse(object)).toMatchObject({ data: { payer: '****1111', merchant: story.merchant } });
    for (const kept of [object, JSON.stringify(item), message]) {
      expect(kept.replace(/[ -]/g, '')).not.toContain(CARD);
    }
  });

  test('a feed two hours ahead is alerted once, repaired by one rule, and its duplicate is flagged', async () => {
    const deployed = world();
    const story = newStory({ ownProcessor: true });
    const { source } = story.charge('1');
    const [original, duplicate] = [ahead(story, '1'), ahead(story, '2')];
    await deployed.put([original, duplicate], story.payer);
    const quarantined = await eventually('both records wait', async () => {
      const listed = await quarantineCommand(deployed, 'list', '--source', source, '--json');
      const { groups } = reportSchema.parse(JSON.parse(listed));
      return groups.find(({ reason, records }) => reason === 'future' && records === 2);
    });
    expect(quarantined).toMatchObject({ source });

    const rule = ['repair', '--source', source, '--refused-as', 'future', '--shift-time', '-PT2H'];
    expect(await quarantineCommand(deployed, ...rule)).toContain('2 records can be repaired.');
    expect(await deployed.flagOf(story.charge('2'))).toBeUndefined();
    expect(await quarantineCommand(deployed, ...rule, '--apply')).toContain('2 records repaired and on the stream.');
    expect(await quarantineCommand(deployed, ...rule, '--apply')).toContain('0 records repaired');
    await eventually('one of both is flagged', async () => {
      const flags = await Promise.all(['1', '2'].map((label) => deployed.flagOf(story.charge(label))));
      return flags.find((flag) => flag !== undefined);
    });
    const alerts = await eventually('the source is alerted', async () => {
      const all = (await deployed.alerts.all()).map((message) => bodyOf(refusedSchema, message));
      const ofSource = all.filter((alert) => alert.kind === 'source-refused' && alert.source === source);
      return ofSource.length > 0 ? ofSource : undefined;
    });
    expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(1);
  });

  test('a record that is discarded waits no longer and shows who and why', async () => {
    const deployed = world();
    const bytes = Buffer.from(`no event ${randomBytes(8).toString('hex')}`);
    await deployed.put([bytes], 'junk');
    const id = quarantineId(bytes);
    await eventually(`${id} is in the quarantine's index`, () => quarantineItem(deployed, bytes));
    expect(await quarantineCommand(deployed, 'discard', id, '--reason', 'a story')).toContain('Nothing was changed.');
    const discard = ['discard', id, '--reason', 'a story', '--apply'];
    expect(await quarantineCommand(deployed, ...discard)).toContain('1 discarded.');
    const shown = await quarantineCommand(deployed, 'show', id);
    expect(shown).toMatch(/^status +discarded$/m);
    expect(shown).toMatch(/^discarded +at .* by aws:000000000000:user\/local: a story$/m);
    expect(shown).toContain(bytes.toString());
  });
}

const reportSchema = z.object({
  groups: z.array(z.object({ source: z.string().optional(), reason: z.string(), records: z.number() })),
});
const refusedSchema = z.looseObject({ kind: z.string(), alertId: z.string(), source: z.string().optional() });

/** A processor's local time, sent as UTC. */
function ahead(story: Story, label: string): Wire {
  return { ...captured(story.charge(label)), time: new Date(Date.now() + 2 * HOUR_MS).toISOString() };
}

async function quarantineCommand({ stack }: Deployed, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await onecharge(stack, 'quarantine', ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** One of each kind; random tokens make each run's bytes its own. */
function badRecords(story: Story, { signerOf }: Stack): readonly Bad[] {
  const good = captured(story.charge('bad'));
  const token = randomBytes(8).toString('hex');
  const conflicting = captured(story.charge('1', { order: `other-${token}` }));
  const records = [
    bad('not-json', `{"specversion": "1.0", ${token}`),
    bad('schema', { ...good, type: 'charge.imagined' }),
    bad('schema', { ...good, specversion: '0.3' }),
    bad('card-number', captured(story.charge('card', { instrument: CARD }))),
    bad('too-large', { ...good, padding: 'x'.repeat(33 * 1_024) }),
    bad('future', { ...good, time: new Date(Date.now() + 400 * DAY_MS).toISOString() }),
    bad('schema', { ...good, type: 'charge.refunded' }),
    bad('test', { ...good, test: true }),
    bad('conflict', conflicting),
  ];
  // What a source refuses to sign, and what no signature covers, stays as it is.
  return [...records.map((each) => ({ ...each, bytes: signEvent(each.bytes, signerOf) })), bad('unauthentic', good)];
}

function bad(reason: string, record: Wire | string): Bad {
  return { reason, bytes: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)) };
}

async function expectQuarantined(deployed: Deployed, { reason, bytes }: Bad): Promise<void> {
  const { item, object, entry } = await quarantine(deployed, bytes);
  expect(item).toMatchObject({ reason: { S: reason }, bytes: { N: String(bytes.byteLength) } });
  expect(entry).toMatchObject({ reason, bucket: deployed.stack.outputs.QuarantineBucketName });
  // Nothing of it is lost, save the digits of a card.
  expect(object).toBe(Buffer.from(bytes).toString().replaceAll(CARD, '****1111'));
}

/** The three stores in which a quarantined record is found. */
async function quarantine(deployed: Deployed, bytes: Uint8Array) {
  const { stack, quarantined } = deployed;
  const id = quarantineId(bytes);
  const item = await eventually(`${id} is in the quarantine's index`, () => quarantineItem(deployed, bytes));
  const { entry, message } = await eventually(`${id} is in the quarantine's queue`, async () => {
    const messages = await quarantined.all();
    return messages
      .map((message) => ({
        entry: quarantineEntryCodec.decode(JSON.parse(message.Body ?? ''), 'of a story'),
        message: message.Body ?? '',
      }))
      .find((each) => each.entry.id === id);
  });
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: entry.bucket, Key: entry.objectKey }));
  return { item, entry, message, object: (await Body?.transformToString()) ?? '' };
}
