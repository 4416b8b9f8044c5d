import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../adapters/fault-of.ts';
import { bug, contentionLost, Fault } from '../../../core/fault.ts';
import { parseDeadLetter } from '../../../core/redrive/dead-letter.ts';
import { type BatchPorts, dealWith, type GivenUp } from '../../../core/redrive/deal-with.ts';
import { letterOf } from '../../../core/redrive/given-up-letter.ts';

type Act = (item: string, batch: readonly string[]) => void;

/** Work that deals with each item on its own, as most functions do. */
function bench(act: Act) {
  const dealt = new Set<string>();
  const givenUp: GivenUp<string>[] = [];
  let asked = 0;
  const ports: BatchPorts<string> = {
    faultOf,
    giveUp: async (items) => {
      givenUp.push(...items);
    },
    work: async (batch) => {
      asked += 1;
      return batch.flatMap((item, at) => {
        try {
          act(item, batch);
          dealt.add(item);
          return [];
        } catch (error) {
          return [{ at, error }];
        }
      });
    },
  };
  return { ports, dealt, givenUp, asked: () => asked };
}

const poisoned: Act = (item) => {
  if (item === 'bad') throw new TypeError('x is not a function');
};

describe('a batch of a stream', () => {
  it('in which a record meets a bug is not asked for again: that record is given up, and the others are dealt with', async () => {
    const { ports, dealt, givenUp } = bench(poisoned);
    expect(await dealWith(['a', 'bad', 'b'], ports)).toBeUndefined();
    expect([...dealt]).toEqual(['a', 'b']);
    expect(givenUp).toMatchObject([{ item: 'bad', fault: { code: 'unexpected-error' } }]);
  });

  it('comes again from the first fault that may pass, and gives up only what lies before it', async () => {
    const { ports, givenUp } = bench((item, batch) => {
      if (item === 'late') throw contentionLost('one window', 60);
      poisoned(item, batch);
    });
    expect(await dealWith(['bad', 'a', 'late', 'bad'], ports)).toMatchObject({ at: 2, fault: { retry: 'soon' } });
    expect(givenUp.map(({ item }) => item)).toEqual(['bad']);
  });

  it('that a bug ends as a whole is dealt with record by record: one is given up', async () => {
    const { ports, givenUp, asked } = bench(() => {});
    const work: typeof ports.work = async (batch) => {
      if (batch.includes('bad')) throw bug('fewer outcomes than events');
      return ports.work(batch);
    };
    expect(await dealWith(['a', 'bad', 'b'], { ...ports, work })).toBeUndefined();
    expect(givenUp.map(({ item }) => item)).toEqual(['bad']);
    expect(asked()).toBe(2);
  });

  it('keeps a record that fails only beside another', async () => {
    const { ports, givenUp, dealt } = bench((item, batch) => {
      if (batch.length > 1 && item !== 'bad') throw bug('the neighbour is wrong');
      poisoned(item, batch);
    });
    expect(await dealWith(['a', 'bad', 'b'], ports)).toBeUndefined();
    expect(givenUp.map(({ item }) => item)).toEqual(['bad']);
    expect([...dealt]).toEqual(['a', 'b']);
  });

  it('fails when what it gives up cannot be written', async () => {
    const { ports } = bench(poisoned);
    const giveUp = async () => {
      throw new Fault('dependency-unavailable', 'no bucket');
    };
    await expect(dealWith(['a', 'bad'], { ...ports, giveUp })).rejects.toMatchObject({ retry: 'later' });
  });

  it('that redrive hands over gives nothing up: its letter stays', async () => {
    const { ports } = bench(poisoned);
    const again = await dealWith(['a', 'bad'], { ...ports, giveUp: undefined });
    expect(again).toMatchObject({ at: 1, fault: { retry: 'never' } });
  });
});

describe('the letter of records that are given up', () => {
  const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:Onecharge-prod-DetectionDetect1A2B3C4D-x';
  const atMs = Date.UTC(2026, 10, 11, 1, 12, 6);

  it('is read by redrive like one of Lambda: events with key and bytes', () => {
    const data = Buffer.from('{"a":1}').toString('base64');
    const records = [{ eventID: 'shardId-000000000001:495', kinesis: { partitionKey: 'p_1', data } }];
    const { key, text } = letterOf({ kind: 'events', functionArn: arn, records, code: 'unexpected-error', atMs });
    expect(key).toBe('aws/lambda/Onecharge-prod-DetectionDetect1A2B3C4D-x/bug/2026/11/11/shardId-000000000001-495-1');
    expect(parseDeadLetter(key, text)).toMatchObject({
      kind: 'dead-letter',
      letter: {
        kind: 'events',
        source: 'detect',
        condition: 'Bug',
        fault: 'unexpected-error',
        failedAt: '2026-11-11T01:12:06.000Z',
        records: [{ partitionKey: 'p_1', bytes: new Uint8Array(Buffer.from('{"a":1}')) }],
      },
    });
  });

  it('is read by redrive like one of Lambda: changes for the function that gave them up', () => {
    const functionArn = arn.replace('DetectionDetect', 'RefundsDispatch');
    const records = [{ eventID: 'c4ca', dynamodb: { NewImage: {} } }];
    const { key, text } = letterOf({ kind: 'changes', functionArn, records, code: 'broken-invariant', atMs });
    expect(parseDeadLetter(key, text)).toMatchObject({
      letter: { kind: 'changes', source: 'dispatch', functionArn, recordCount: 1, event: { Records: records } },
    });
  });
});
