import { type Command, Option } from 'commander';
import { reinvoke } from '../../adapters/lambda/reinvoke.ts';
import { createDeadLetters } from '../../adapters/s3/dead-letters.ts';
import { bug } from '../../core/fault.ts';
import { REDRIVE_SOURCES, type RedriveSource } from '../../core/redrive/dead-letter.ts';
import { openToChange, YES } from '../open-to-change.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { streamPut } from '../put-records.ts';
import { describeDeadLetters, describeRedriven, redrive, surveyDeadLetters } from '../redrive.ts';
import { count } from '../run-command.ts';
import { findDeployment, type StackOutputs } from '../stack.ts';

interface RedriveOptions {
  readonly stage: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly source?: RedriveSource;
  readonly limit?: number;
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
    .option(...YES)
    .option('--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE);
}

/** `onecharge redrive`: shows what exhausted its retries and why, and puts it back. */
export async function redriveCommand(options: RedriveOptions): Promise<number> {
  endOnSignals(signalCode);
  const { stage, yes = false, dryRun } = options;
  const { aws, outputs } = dryRun ? await findDeployment(stage) : await openToChange({ stage, yes });
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
  if (dryRun || survey.letters.length === 0) return survey.unreadable.length > 0 ? EXIT_LEFT : 0;
  const put = streamPut(aws.kinesis, outputs.EventsStreamName);
  const done = await progress.step('put back', (note) =>
    redrive(survey.letters, {
      putOnStream: (records) => put(records),
      reinvoke: (source, event) => reinvoke(aws.lambda, functionNameOf(source, outputs), event),
      markRedriven: (key) => deadLetters.markRedriven(key),
      onProgress: (batches, records) => note(`${batches} of ${survey.letters.length} batches, ${records} records`),
    }),
  );
  for (const { key, reason } of done.failed.slice(0, LISTED_MAX)) console.log(`left as it is: ${key}: ${reason}`);
  console.log(describeRedriven(done));
  return done.failed.length + survey.unreadable.length > 0 ? EXIT_LEFT : 0;
}

/** Only this stack's own functions, by its outputs. What names another in the bucket was not written by Lambda. */
function functionNameOf(source: RedriveSource, outputs: StackOutputs): string {
  switch (source) {
    case 'dispatch':
      return outputs.DispatchFunctionName;
    case 'alert':
      return outputs.AlertFunctionName;
    case 'export':
      return outputs.ExportFunctionName;
    case 'approve':
      return outputs.ApproveFunctionName;
    case 'detect':
      throw bug('what detect gave up goes back through the stream');
  }
}
