import { checkEventFile, type EventFile, readEventFile } from '../../adapters/files/event-file.ts';
import { readEventMap } from '../../adapters/files/event-map.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { openToChange } from '../open-to-change.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { type ReplayCounts, replay } from '../replay.ts';
import { SandboxBooks } from '../sandbox-books.ts';
import { seedSandbox } from '../seed-sandbox.ts';
import type { Deployment } from '../stack.ts';
import { readStageConfiguration } from '../stage-configuration.ts';
import { readStageKeys, stageSigner } from '../stage-signing.ts';
import { reportTrouble, unreportedTrouble } from '../trouble.ts';

interface ReplayCommandOptions {
  readonly map?: string;
  readonly limit?: number;
  readonly rate?: number;
  readonly stage: string;
  readonly yes?: boolean;
}

/** The file was read to its end, but some lines were no payment events. */
export const EXIT_TROUBLE_LINES = 2;

/** `onecharge replay FILE`: puts a file on the stream of what is deployed, and says what became of each line. */
export async function replayCommand(file: string, options: ReplayCommandOptions): Promise<number> {
  endOnSignals(signalCode);
  checkEventFile(file);
  const configuration = readStageConfiguration(options.stage);
  const source = {
    file,
    sources: configuration,
    map: options.map === undefined ? undefined : readEventMap(options.map),
    limit: options.limit,
  };
  const progress = new Progress();
  const { stage, yes = false } = options;
  const deployment = await openToChange({ stage, yes });
  const keys = await readStageKeys(deployment, { stage, sources: configuration.sources });
  await seedIfSandbox(deployment, source, progress);
  const counts = await progress.step('replay', (note) =>
    replay({
      aws: deployment.aws,
      streamName: deployment.outputs.EventsStreamName,
      source,
      rate: options.rate,
      signerOf: stageSigner(keys, { sourceOf: configuration.sourceOf, stage, nowMs: systemRuntime.nowMs() }),
      onTrouble: reportTrouble(file, (line) => progress.say(line)),
      onSent: (records) => note(`${records} events on the stream`),
    }),
  );
  for (const line of unreportedTrouble(counts.troubleLines)) progress.say(line);
  console.log(describeReplay(counts));
  return counts.troubleLines > 0 ? EXIT_TROUBLE_LINES : 0;
}

/** The sandbox processor must have the charges in its books before it can give their money back. */
async function seedIfSandbox({ aws, outputs }: Deployment, source: EventFile, progress: Progress): Promise<void> {
  const table = outputs.SandboxTableName;
  if (table === undefined) return;
  await progress.step('sandbox', async (note) => {
    const books = await SandboxBooks.read(readEventFile(source));
    note(`${books.length} charges in the sandbox processor's books`);
    await seedSandbox(aws, table, books);
  });
}

function describeReplay({ sent, rejectedDistinct, skipped, unsendable }: ReplayCounts): string {
  const lines = [`${sent} events are on the stream.`];
  for (const [reason, count] of rejectedDistinct) lines.push(`${count} of them will be quarantined: ${reason}.`);
  for (const [reason, count] of skipped) lines.push(`${count} rows were skipped: ${reason}.`);
  if (unsendable > 0) lines.push(`${unsendable} lines were not sent; each is named above.`);
  return lines.join('\n');
}
