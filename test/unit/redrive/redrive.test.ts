import { describe, expect, it } from 'vitest';
import type { DeadLetters } from '../../../adapters/s3/dead-letters.ts';
import { describeDeadLetters, describeRedriven, redrive, surveyDeadLetters } from '../../../cli/redrive.ts';
import { parseDeadLetter, type RedriveSource } from '../../../core/redrive/dead-letter.ts';
import { captureLine, casesLetter, eventsLetter, letterKey } from '../../fixtures/dead-letters.ts';

const DISPATCH = 'Onecharge-prod-RefundsDispatch0A1B2C3D-x';

/** A bucket in memory: what was moved away is no longer listed. */
function bucketOf(texts: readonly string[]) {
  const objects = new Map(texts.map((text, at) => [letterKey(at), text]));
  const deadLetters: DeadLetters = {
    list: async (max) => [...objects.keys()].slice(0, max),
    read: async (key) => parseDeadLetter(key, objects.get(key) ?? ''),
    markRedriven: async (key) => {
      objects.delete(key);
    },
  };
  return { deadLetters, left: () => [...objects.keys()] };
}

/** A stream and functions in memory. `refuse` makes them fail. */
function world(deadLetters: DeadLetters, { refuse = false }: { readonly refuse?: boolean } = {}) {
  const streamed: string[] = [];
  const invoked: string[] = [];
  const ports = {
    putOnStream: async (records: readonly { readonly bytes: Uint8Array }[]) => {
      if (refuse) throw new Error('the stream is closed');
      for (const { bytes } of records) streamed.push(new TextDecoder().decode(bytes));
    },
    reinvoke: async (source: RedriveSource) => {
      invoked.push(source);
    },
    markRedriven: deadLetters.markRedriven,
  };
  return { streamed, invoked, ports };
}

describe('redriving', () => {
  it('puts events back on the stream and hands changes of cases to their function, each once', async () => {
    const { deadLetters, left } = bucketOf([
      eventsLetter([captureLine('ch_1'), captureLine('ch_2')]),
      casesLetter(DISPATCH, ['f1']),
    ]);
    const { streamed, invoked, ports } = world(deadLetters);
    const { letters } = await surveyDeadLetters(deadLetters, { limit: 10 });
    expect(await redrive(letters, ports)).toEqual({ batches: 2, records: 3, failed: [] });
    expect(streamed).toEqual([captureLine('ch_1'), captureLine('ch_2')]);
    expect(invoked).toEqual(['dispatch']);
    expect(left()).toEqual([]);
    expect((await surveyDeadLetters(deadLetters, { limit: 10 })).letters).toEqual([]);
  });

  it('leaves what fails where it is, says why, and goes on with the rest', async () => {
    const { deadLetters, left } = bucketOf([eventsLetter([captureLine('ch_1')]), casesLetter(DISPATCH, ['f1'])]);
    const { ports } = world(deadLetters, { refuse: true });
    const { letters } = await surveyDeadLetters(deadLetters, { limit: 10 });
    const redriven = await redrive(letters, ports);
    expect(redriven).toEqual({
      batches: 1,
      records: 1,
      failed: [{ key: letterKey(0), reason: 'Error: the stream is closed' }],
    });
    expect(left()).toEqual([letterKey(0)]);
    expect(describeRedriven(redriven)).toBe(
      'Put back: 1 record of 1 batch. Left where they are, and named above: 1 batch.',
    );
  });

  it('moves an object away only after its records are back: a crash in between sends them twice', async () => {
    const { deadLetters, left } = bucketOf([eventsLetter([captureLine('ch_1')])]);
    const { streamed, ports } = world(deadLetters);
    const { letters } = await surveyDeadLetters(deadLetters, { limit: 10 });
    const crash = async () => {
      throw new Error('killed');
    };
    await redrive(letters, { ...ports, markRedriven: crash });
    expect(left()).toEqual([letterKey(0)]);
    await redrive((await surveyDeadLetters(deadLetters, { limit: 10 })).letters, ports);
    expect(streamed).toEqual([captureLine('ch_1'), captureLine('ch_1')]);
    expect(left()).toEqual([]);
  });

  it('tells its progress batch by batch', async () => {
    const { deadLetters } = bucketOf([eventsLetter([captureLine('ch_1')]), eventsLetter([captureLine('ch_2')])]);
    const seen: (readonly [number, number])[] = [];
    const { letters } = await surveyDeadLetters(deadLetters, { limit: 10 });
    await redrive(letters, { ...world(deadLetters).ports, onProgress: (...done) => seen.push(done) });
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('looking into the dead-letter bucket', () => {
  const texts = [
    eventsLetter([captureLine('ch_1')]),
    casesLetter(DISPATCH, ['f1']),
    casesLetter(DISPATCH, ['f2']),
    '{}',
  ];

  it('reads one source, at most so many', async () => {
    const { deadLetters } = bucketOf(texts);
    const { letters, unreadable } = await surveyDeadLetters(deadLetters, { source: 'dispatch', limit: 1 });
    expect(letters.map(({ source }) => source)).toEqual(['dispatch']);
    expect(unreadable).toHaveLength(1);
  });

  it('says in a line for each cause what is there', async () => {
    const survey = await surveyDeadLetters(bucketOf(texts).deadLetters, { limit: 10 });
    expect(describeDeadLetters(survey).split('\n')).toEqual([
      expect.stringMatching(/^dispatch RetryAttemptsExhausted \(Unhandled\): 2 records in 2 batches,/),
      expect.stringMatching(/^detect {3}RetryAttemptsExhausted \(Unhandled\): 1 record in 1 batch,/),
    ]);
  });

  it('says so when there is nothing', async () => {
    const survey = await surveyDeadLetters(bucketOf([]).deadLetters, { limit: 10 });
    expect(describeDeadLetters(survey)).toBe('Nothing has exhausted its retries.');
  });
});
