import { expect, test } from 'vitest';
import { signEvent } from '../../../core/events/sign-event.ts';
import type { Deployed } from '../deployed.ts';
import { invoke } from '../lambda.ts';
import { captured, newStory } from '../story.ts';

/** Lambda takes undefined and null for success of the whole batch: the answer must always be an object. */
export function detectStories(world: () => Deployed): void {
  const story = newStory();
  const [original, duplicate] = [story.charge('1'), story.charge('2')];
  test.for([
    { batch: 'an empty batch', records: [] },
    { batch: 'a good batch', records: [captured(original), captured(duplicate)] },
    { batch: 'a batch of poison', records: ['not json', '', 'null', '{}', '[]', '\u0000', 'x'.repeat(40_000)] },
  ])('detect answers $batch with an object', async ({ records }) => {
    const deployed = world();
    const { payload, error } = await invoke(deployed.stack, 'DetectionDetect', {
      Records: records.map(toRecordOf(deployed)),
    });
    expect(error).toBeNull();
    expect(JSON.parse(payload)).toEqual({ batchItemFailures: [] });
  });

  test('detect does the same for a batch however often it is delivered, also at once', async () => {
    const deployed = world();
    const again = newStory();
    const charges = [again.charge('1'), again.charge('2')];
    await deployed.book(...charges);
    const Records = charges.map(captured).map(toRecordOf(deployed));
    const answers = await Promise.all([1, 2, 3].map(() => invoke(deployed.stack, 'DetectionDetect', { Records })));
    for (const { payload, error } of answers) {
      expect(error).toBeNull();
      expect(JSON.parse(payload)).toEqual({ batchItemFailures: [] });
    }
    const flags = (await Promise.all(charges.map(deployed.flagOf))).filter((flag) => flag !== undefined);
    expect(flags).toMatchObject([{ attempt: 0, version: 1, charge: { chargeId: charges[1]?.chargeId } }]);
    await deployed.untilFlag(charges[1]!, 'refunded'); // two charges above
    expect((await Promise.all(charges.map(deployed.refundsOf))).flat()).toEqual([12_900]);
  });
}

/** A record as the stream's mapping hands it to the function: an event with its signature, or text as it is. */
function toRecordOf({ stack: { signerOf } }: Deployed) {
  return (record: unknown, at = 0) => ({
    eventSource: 'aws:kinesis',
    kinesis: {
      partitionKey: 'any',
      sequenceNumber: String(4_900_000_000 + at),
      data: Buffer.from(
        typeof record === 'string' ? record : signEvent(Buffer.from(JSON.stringify(record)), signerOf),
      ).toString('base64'),
      approximateArrivalTimestamp: Date.now() / 1_000,
    },
  });
}
