import { describe, expect, it } from 'vitest';
import { type DeadLetter, groupDeadLetters, parseDeadLetter } from '../../../core/redrive/dead-letter.ts';
import { captureLine, casesLetter, eventsLetter, letterKey } from '../../fixtures/dead-letters.ts';

const KEY = letterKey(1);

function letterOf(text: string): DeadLetter {
  const parsed = parseDeadLetter(KEY, text);
  if (parsed.kind === 'unreadable') throw new Error(parsed.detail);
  return parsed.letter;
}

describe("Lambda's record of a failed batch", () => {
  it('gives back the bytes and the partition key of each event, in order', () => {
    const lines = [captureLine('ch_1'), 'not json at all: 漢字', captureLine('ch_3')];
    const letter = letterOf(eventsLetter(lines));
    if (letter.kind !== 'events') throw new Error('not of events');
    expect(letter.records.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(lines);
    expect(letter.records.map(({ partitionKey }) => partitionKey)).toEqual(['p_0', 'p_1', 'p_2']);
  });

  it('says which function gave up, why and when', () => {
    expect(letterOf(eventsLetter([captureLine('ch_1')]))).toMatchObject({
      key: KEY,
      source: 'detect',
      functionArn: expect.stringContaining(':function:Onecharge-prod-DetectionDetect'),
      condition: 'RetryAttemptsExhausted',
      fault: 'Unhandled',
      failedAt: '2024-11-11T01:12:06.021Z',
    });
  });

  it.each([
    ['dispatch', 'Onecharge-prod-RefundsDispatch0A1B2C3D-x'],
    ['alert', 'Onecharge-prod-AlertsAlert0A1B2C3D-x'],
    ['export', 'Onecharge-prod-JobsExport0A1B2C3D-x'],
    ['approve', 'Onecharge-prod-JobsApprove0A1B2C3D-x'],
  ])('of changes of a table is of %s by the name of its function', (source, functionName) => {
    const letter = letterOf(casesLetter(functionName, ['f1', 'f2']));
    expect(letter).toMatchObject({ kind: 'changes', source, recordCount: 2 });
  });

  it('hands on the whole event of the Cases table', () => {
    const letter = letterOf(casesLetter('Onecharge-prod-RefundsDispatch0A1B2C3D-x', ['f1']));
    expect(letter).toMatchObject({ event: { Records: [{ eventName: 'INSERT', dynamodb: { SizeBytes: 26 } }] } });
  });

  it('may carry its payload as an object', () => {
    const text = eventsLetter([captureLine('ch_1')]);
    const record = JSON.parse(text);
    const unescaped = JSON.stringify({ ...record, payload: JSON.parse(record.payload) });
    expect(letterOf(unescaped)).toEqual(letterOf(text));
  });

  it('is readable without an answer of the function', () => {
    expect(letterOf(eventsLetter([captureLine('ch_1')], { responseContext: null }))).toMatchObject({
      fault: 'reported failures',
    });
  });
});

describe('an object that is something else', () => {
  it.each([
    ['no JSON', 'hello'],
    ['another JSON', '{"a":1}'],
    ['without payload', eventsLetter([captureLine('ch_1')], { payload: undefined })],
    ['with half a payload', eventsLetter([captureLine('ch_1')], { payload: '{"Records":[' })],
    ['without records', eventsLetter([])],
    ['of nobody we know', casesLetter('other-function', ['f1'])],
    ['of no stream', eventsLetter([captureLine('ch_1')], { KinesisBatchInfo: undefined })],
  ])('is told apart: %s', (_, text) => {
    expect(parseDeadLetter(KEY, text)).toMatchObject({ kind: 'unreadable', key: KEY });
  });
});

describe('dead letters that failed alike', () => {
  it('are one line with their counts and their span, most records first', () => {
    const letters = [
      letterOf(casesLetter('Onecharge-prod-RefundsDispatch0A1B2C3D-x', ['f1'])),
      letterOf(eventsLetter([captureLine('ch_1'), captureLine('ch_2')])),
      letterOf(eventsLetter([captureLine('ch_3')], { timestamp: '2024-11-11T00:00:00.000Z' })),
    ];
    expect(groupDeadLetters(letters)).toEqual([
      {
        source: 'detect',
        condition: 'RetryAttemptsExhausted',
        fault: 'Unhandled',
        batches: 2,
        records: 3,
        firstAt: '2024-11-11T00:00:00.000Z',
        lastAt: '2024-11-11T01:12:06.021Z',
      },
      expect.objectContaining({ source: 'dispatch', batches: 1, records: 1 }),
    ]);
  });
});
