import { randomBytes } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { quarantineEntryCodec } from '../../../adapters/s3/quarantine-index.ts';
import { DAY_MS } from '../../../core/clock-units.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
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
    const bad = badRecords(story);
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
    const bytes = Buffer.from(JSON.stringify(inTwoPlaces));
    await deployed.put([bytes], story.payer);

    const { item, object, message } = await quarantine(deployed, bytes);
    expect(item.reason?.S).toBe('card-number');
    expect(JSON.parse(object)).toMatchObject({ data: { payer: '****1111', merchant: story.merchant } });
    for (const kept of [object, JSON.stringify(item), message]) {
      expect(kept.replace(/[ -]/g, '')).not.toContain(CARD);
    }
  });
}

/** One of each kind; random tokens make each run's bytes its own. */
function badRecords(story: Story): readonly Bad[] {
  const good = captured(story.charge('bad'));
  const { merchant: _merchant, ...withoutMerchant } = z.record(z.string(), z.unknown()).parse(good.data);
  const token = randomBytes(8).toString('hex');
  const conflicting = captured(story.charge('1', { amountMinor: 5_000 }));
  return [
    bad('not-json', `{"specversion": "1.0", ${token}`),
    bad('schema', { ...good, type: 'charge.imagined' }),
    bad('schema', { ...good, specversion: '0.3' }),
    bad('card-number', captured(story.charge('card', { instrument: CARD }))),
    bad('too-large', { ...good, padding: 'x'.repeat(33 * 1_024) }),
    bad('future', { ...good, time: new Date(Date.now() + 400 * DAY_MS).toISOString() }),
    bad('incomplete', { ...good, type: 'charge.voided', data: withoutMerchant }),
    bad('test', { ...good, test: true }),
    bad('conflict', conflicting),
  ];
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
