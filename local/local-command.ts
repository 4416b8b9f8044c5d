import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { EXIT_TROUBLE_LINES } from '../cli/commands/replay-command.ts';
import { DEFAULT_CONSOLE_PORT, DEFAULT_PORT, LOCAL_ACCOUNT, ROOT } from '../cli/paths.ts';
import { endOnSignals, signalCode } from '../cli/process/ending.ts';
import { Progress } from '../cli/progress.ts';
import { count, portNumber } from '../cli/run-command.ts';
import { compareWithTruth, readTruth } from '../scenario/ground-truth.ts';
import type { Truth } from '../scenario/truth.ts';
import type { FlagRow } from './case-items.ts';
import { type Run, runLocally, truthFileOf, untilDead } from './run.ts';
import { brokenPromises, printSummary } from './summary.ts';

interface LocalCommandOptions {
  readonly demo?: boolean;
  readonly events: string;
  readonly map?: string;
  readonly limit?: number;
  readonly attested?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly flags?: string;
  readonly port: number;
  readonly consolePort: number;
}

const EXAMPLE = relative(process.cwd(), `${ROOT}/examples/double11.ndjson`);

export function addLocalOptions(command: Command): Command {
  return command
    .option('--demo', 'end when every refund has ended, with a summary and a verdict')
    .option('--events <file>', 'payment events to replay: NDJSON, CSV with --map, or gzip of either', EXAMPLE)
    .option('--map <file>', "how a file's columns become events (docs/replay.md)")
    .option('--limit <n>', 'only the first n lines', count)
    .option('--config <file>', 'the configuration; without it X.configuration.json beside X.ndjson, if there is one')
    .option('--attested', 'the sources that the file adds attest single charges, totals and closings')
    .option('--json', 'the summary as one JSON object on the last line')
    .option('--flags <file>', 'write each flag as a line of NDJSON')
    .option('--port <n>', 'the emulator port, 0 for any that is free', portNumber, DEFAULT_PORT)
    .option('--console-port <n>', 'the console port, 0 for any that is free', portNumber, DEFAULT_CONSOLE_PORT);
}

/** `npm start`, `npm run demo` and `onecharge local`: one run, which ends by itself or stays up. */
export async function runLocalCommand(options: LocalCommandOptions): Promise<number> {
  let isUp = false;
  endOnSignals((signal) => (isUp ? 0 : signalCode(signal)));
  const progress = new Progress();
  // A path that cannot be written is reported now, not at the end of the night.
  if (options.flags !== undefined) writeFileSync(options.flags, '');
  // A demo ends by itself: nobody could look at a console.
  const { demo = false, consolePort } = options;
  const run = await runLocally({ ...options, consolePort: demo ? undefined : consolePort }, progress);
  if (options.flags !== undefined) writeFileSync(options.flags, run.ended.flags.map(flagLine).join(''));

  const truth = await findTruth(options);
  const breaches = [...brokenPromises(run.summary), ...(truth === undefined ? [] : compareRun(truth, run))];
  const code = exitCode(breaches, { run, truth });
  progress.say('');
  if (!options.json) process.stdout.write(`${printSummary(run.summary)}\n\n`);
  progress.say(verdict(breaches, { truth, code }));
  if (!options.demo) {
    isUp = true;
    progress.say(addresses(run));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(run.summary)}\n`);
  if (options.demo) return code;
  progress.say(await untilDead(run.emulator));
  return 1;
}

async function findTruth({ events, map, limit }: LocalCommandOptions): Promise<Truth | undefined> {
  const file = map === undefined && limit === undefined ? truthFileOf(events) : undefined;
  return file === undefined ? undefined : readTruth(file);
}

function compareRun(truth: Truth, { ended, summary }: Run): readonly string[] {
  return compareWithTruth(truth, ended.flags, summary);
}

function exitCode(breaches: readonly string[], { run, truth }: { run: Run; truth: Truth | undefined }): number {
  if (breaches.length > 0) return 1;
  const { rejectedDistinct, unsendable } = run.counts;
  const isExpected = [...rejectedDistinct].every(([reason, lines]) => truth?.quarantinedBy[reason] === lines);
  return unsendable === 0 && isExpected ? 0 : EXIT_TROUBLE_LINES;
}

function verdict(breaches: readonly string[], { truth, code }: { truth: Truth | undefined; code: number }): string {
  if (breaches.length > 0) {
    return `${breaches.length} promises do not hold:\n${breaches.map((breach) => `  - ${breach}`).join('\n')}`;
  }
  const held =
    truth === undefined
      ? 'Every promise held.'
      : "Every promise held; each charge agrees with the file's ground truth.";
  return code === EXIT_TROUBLE_LINES ? `${held} Some lines of the file were no payment events (above).` : held;
}

function flagLine({ source, chargeId, original, originalSource, detector, action, status }: FlagRow): string {
  return `${JSON.stringify({ source, chargeId, original, originalSource, detector, action, status })}\n`;
}

function addresses({ emulator, outputs, users, consoleUrl, alertsQueueUrl }: Run): string {
  return [
    'Onecharge is up. Ctrl-C ends it and leaves nothing behind.',
    `  console   ${consoleUrl}`,
    ...users.map(({ name, password, groups }) => `            ${name} / ${password} (${groups.join(', ')})`),
    `  API       ${outputs.ApiUrl}`,
    `  alerts    ${outputs.AlertsTopicArn}`,
    `            ${alertsQueueUrl} (a queue that gets each alert)`,
    `  sign-in   user pool ${outputs.UserPoolId}, client ${outputs.UserPoolClientId}`,
    `  AWS       ${emulator.endpoint}`,
    `            access key ${LOCAL_ACCOUNT}, secret key ${emulator.key}`,
  ].join('\n');
}
