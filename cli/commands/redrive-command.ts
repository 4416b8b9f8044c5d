import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { checkFile } from '../../adapters/files/lines.ts';
import { putTo } from '../../adapters/kinesis/stream.ts';
import { reinvoke } from '../../adapters/lambda/reinvoke.ts';
import { createDeadLetters } from '../../adapters/s3/dead-letters.ts';
import { createQuarantinedRecords } from '../../adapters/s3/quarantined-records.ts';
import { REDRIVE_SOURCES, type RedriveSource } from '../../core/redrive/dead-letter.ts';
import { UserError } from '../../core/user-error.ts';
import type { Aws } from '../aws.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { putRecords, type StreamRecord } from '../put-records.ts';
import { describeDeadLetters, describeRedriven, redrive, surveyDeadLetters } from '../redrive.ts';
import { describeQuarantined, putBackQuarantined } from '../redrive-quarantined.ts';
import { count } from '../run-command.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { readStageConfiguration } from '../stage-configuration.ts';

interface RedriveOptions {
  readonly stage: string;
  readonly dryRun?: boolean;
  readonly source?: RedriveSource;
  readonly limit?: number;
  /** True without an id: then what waits is listed. */
  readonly quarantine?: string | true;
  readonly with?: string;
  readonly by: string;
}

/** Something was left where it was. */
const EXIT_LEFT = 2;
/** More lines than these no one reads. */
const LISTED_MAX = 50;
/** Reading an object takes a request; more at a time should be a decision. */
const LETTERS_MAX = 10_000;

export function addRedriveOptions(command: Command): Command {
  return command
    .option('--dry-run', 'only show what is there and its reason')
    .addOption(new Option('--source <name>', 'only what this function gave up').choices(REDRIVE_SOURCES))
    .option('--limit <n>', `at most n batches (without it ${LETTERS_MAX})`, count)
    .option('--quarantine [id]', 'a quarantined record; without its id, list those that wait')
    .option('--with <file>', 'send this repaired event in its place')
    .option('--by <name>', 'who decides this', userInfo().username)
    .option('--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE);
}

/** `onecharge redrive`: shows what exhausted its retries and why, and puts it back. */
export async function redriveCommand(options: RedriveOptions): Promise<number> {
  endOnSignals(signalCode);
  if (options.with !== undefined && typeof options.quarantine !== 'string') {
    throw new UserError('--with repairs one quarantined record; name it with --quarantine ID');
  }
  const repaired = options.with === undefined ? undefined : readEvent(options.with);
  const deployment = await findDeployment(options.stage);
  if (options.quarantine === undefined) return redriveDeadLetters(deployment, options);
  return redriveQuarantined(deployment, { ...options, repaired });
}

async function redriveDeadLetters({ aws, outputs }: Deployment, options: RedriveOptions): Promise<number> {
  const deadLetters = createDeadLetters({ s3: aws.s3, bucket: outputs.DeadLetterBucketName });
  const progress = new Progress();
  const survey = await progress.step('look', (note) =>
    surveyDeadLetters(deadLetters, {
      source: options.source,
      limit: options.limit ?? LETTERS_MAX,
      onRead: (read, of) => note(`${read} of ${of} failed batches`),
    }),
  );
  console.log(describeDeadLetters(survey));
  for (const { key, detail } of survey.unreadable.slice(0, LISTED_MAX)) console.log(`left as it is: ${key}: ${detail}`);
  if (options.dryRun || survey.letters.length === 0) return survey.unreadable.length > 0 ? EXIT_LEFT : 0;
  const put = streamPut(aws, outputs.EventsStreamName);
  const done = await progress.step('put back', (note) =>
    redrive(survey.letters, {
      putOnStream: (records) => put(records),
      reinvoke: (functionArn, event) => reinvoke(aws.lambda, functionArn, event),
      markRedriven: (key) => deadLetters.markRedriven(key),
      onProgress: (batches, records) => note(`${batches} of ${survey.letters.length} batches, ${records} records`),
    }),
  );
  for (const { key, reason } of done.failed.slice(0, LISTED_MAX)) console.log(`left as it is: ${key}: ${reason}`);
  console.log(describeRedriven(done));
  return done.failed.length + survey.unreadable.length > 0 ? EXIT_LEFT : 0;
}

async function redriveQuarantined(
  { aws, outputs }: Deployment,
  { quarantine, limit, dryRun, by, repaired, stage }: RedriveOptions & { readonly repaired: Uint8Array | undefined },
): Promise<number> {
  const quarantined = createQuarantinedRecords({
    dynamodb: aws.dynamo,
    s3: aws.s3,
    table: outputs.QuarantineTableName,
    bucket: outputs.QuarantineBucketName,
  });
  if (typeof quarantine !== 'string') {
    const waiting = await quarantined.waiting(limit ?? LISTED_MAX);
    console.log(waiting.map(describeQuarantined).join('\n') || 'No record waits in quarantine.');
    return 0;
  }
  const put = streamPut(aws, outputs.EventsStreamName);
  const outcome = await putBackQuarantined(quarantine, {
    quarantined,
    put: (record) => put([record]),
    digestOf: (bytes) => hash('sha256', bytes, 'hex').slice(0, 32),
    now: () => Date.now(),
    by,
    sources: readStageConfiguration(stage),
    repaired,
    isDryRun: dryRun === true,
  });
  if (outcome.kind === 'refused') throw new UserError(outcome.reason);
  console.log(outcome.message);
  return 0;
}

/** One event, as a person edits it: the line's end is not part of it. */
function readEvent(file: string): Uint8Array {
  checkFile(file);
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new UserError(`${file} is empty; put the repaired event into it`);
  return Buffer.from(text);
}

function streamPut({ kinesis }: Aws, streamName: string): (records: readonly StreamRecord[]) => Promise<void> {
  const put = putTo(kinesis, streamName);
  return async (records) => {
    await putRecords(fromArray(records), { put, sleep, random: Math.random });
  };
}

async function* fromArray(records: readonly StreamRecord[]) {
  yield* records;
}
