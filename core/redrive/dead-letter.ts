import * as z from 'zod';
import { bug } from '../fault.ts';

/** Which function gave up, and so what putting back means. */
export const REDRIVE_SOURCES = ['detect', 'dispatch', 'alert', 'export', 'approve'] as const;
export type RedriveSource = (typeof REDRIVE_SOURCES)[number];

/** A record that goes back on the stream as it came. */
export interface StreamedRecord {
  readonly partitionKey: string;
  readonly bytes: Uint8Array;
}

interface DeadLetterHead {
  /** Where the object lies. */
  readonly key: string;
  readonly source: RedriveSource;
  /** The function that gave up. */
  readonly functionArn: string;
  /** Why Lambda gave up, in its words: `RetryAttemptsExhausted`, `RecordAgeExceeded`, … */
  readonly condition: string;
  /** What the function did at last: `Unhandled`, or how often it answered that a record failed. */
  readonly fault: string;
  readonly failedAt: string;
}

/** A batch that exhausted its retries, with its payload. */
export type DeadLetter = DeadLetterHead &
  (
    | { readonly kind: 'events'; readonly records: readonly StreamedRecord[] }
    /** Changes of the Cases or the Jobs table: the function is handed the same event again. */
    | { readonly kind: 'changes'; readonly event: unknown; readonly recordCount: number }
  );

export type DeadLetterResult =
  | { readonly kind: 'dead-letter'; readonly letter: DeadLetter }
  | { readonly kind: 'unreadable'; readonly key: string; readonly detail: string };

/** Below it Lambda writes: `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`. */
export const DEAD_LETTER_PREFIX = 'aws/lambda/';
/** Below it lies what was put back: kept as evidence, never looked at again. */
export const REDRIVEN_PREFIX = 'redriven/';

/** Lambda's record of a failed invocation; extra fields are its own business. */
const invocationSchema = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  responseContext: z.object({ statusCode: z.number().optional(), functionError: z.string().nullish() }).nullish(),
  timestamp: z.string(),
  KinesisBatchInfo: z.looseObject({}).optional(),
  DDBStreamBatchInfo: z.looseObject({}).optional(),
  payload: z.unknown(),
});

const kinesisEventSchema = z.object({
  Records: z.array(z.object({ kinesis: z.object({ partitionKey: z.string(), data: z.base64() }) })).min(1),
});
const changesEventSchema = z.object({ Records: z.array(z.looseObject({ dynamodb: z.looseObject({}) })).min(1) });

/**
 * Reads what Lambda left in the dead-letter bucket. Never throws: an object that is something else is `unreadable`.
 * Source: AWS Lambda Developer Guide, "Retain discarded batch records" for Kinesis and for DynamoDB Streams; only S3
 * destinations carry the `payload`, the whole event as JSON text.
 */
export function parseDeadLetter(key: string, text: string): DeadLetterResult {
  const unreadable = (detail: string): DeadLetterResult => ({ kind: 'unreadable', key, detail });
  const invocation = invocationSchema.safeParse(jsonOf(text));
  if (!invocation.success) return unreadable("not Lambda's record of a failed invocation");
  const { requestContext, responseContext, timestamp, KinesisBatchInfo, DDBStreamBatchInfo, payload } = invocation.data;
  const event = typeof payload === 'string' ? jsonOf(payload) : payload;
  if (event === undefined) return unreadable('it has no payload: the destination was not an S3 bucket');
  const head = {
    key,
    functionArn: requestContext.functionArn,
    condition: requestContext.condition,
    fault: responseContext?.functionError ?? 'reported failures',
    failedAt: timestamp,
  };
  if (KinesisBatchInfo !== undefined) {
    const parsed = kinesisEventSchema.safeParse(event);
    if (!parsed.success) return unreadable('its payload has no records of a Kinesis stream');
    const records = parsed.data.Records.map(({ kinesis }) => ({
      partitionKey: kinesis.partitionKey,
      bytes: Uint8Array.from(atob(kinesis.data), (character) => character.charCodeAt(0)),
    }));
    return { kind: 'dead-letter', letter: { ...head, kind: 'events', source: 'detect', records } };
  }
  const source = DDBStreamBatchInfo === undefined ? undefined : sourceOfChanges(requestContext.functionArn);
  if (source === undefined) return unreadable(`not one of our functions: ${requestContext.functionArn}`);
  const parsed = changesEventSchema.safeParse(event);
  if (!parsed.success) return unreadable('its payload has no changes of a table');
  const recordCount = parsed.data.Records.length;
  return { kind: 'dead-letter', letter: { ...head, kind: 'changes', source, event, recordCount } };
}

/** The stack names its functions after their constructs. */
function sourceOfChanges(functionArn: string): RedriveSource | undefined {
  if (/:function:[^:]*Dispatch/i.test(functionArn)) return 'dispatch';
  if (/:function:[^:]*Alert/i.test(functionArn)) return 'alert';
  if (/:function:[^:]*JobsExport/i.test(functionArn)) return 'export';
  return /:function:[^:]*JobsApprove/i.test(functionArn) ? 'approve' : undefined;
}

export function recordsIn(letter: DeadLetter): number {
  return letter.kind === 'events' ? letter.records.length : letter.recordCount;
}

/** Dead letters that failed alike. */
export interface DeadLetterGroup {
  readonly source: RedriveSource;
  readonly condition: string;
  readonly fault: string;
  readonly batches: number;
  readonly records: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** What is there and why, most records first. */
export function groupDeadLetters(letters: readonly DeadLetter[]): readonly DeadLetterGroup[] {
  const groups = Map.groupBy(letters, ({ source, condition, fault }) => `${source}\n${condition}\n${fault}`);
  return [...groups.values()].map(groupOf).sort((a, b) => b.records - a.records);
}

function groupOf(letters: readonly DeadLetter[]): DeadLetterGroup {
  const [first] = letters;
  if (first === undefined) throw bug('an empty group');
  const { source, condition, fault } = first;
  const times = letters.map(({ failedAt }) => failedAt).sort();
  return {
    source,
    condition,
    fault,
    batches: letters.length,
    records: letters.reduce((sum, letter) => sum + recordsIn(letter), 0),
    firstAt: times[0] ?? '',
    lastAt: times.at(-1) ?? '',
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
