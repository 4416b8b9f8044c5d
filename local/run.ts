import { existsSync } from 'node:fs';
import { type EventFile, readEventFile } from '../adapters/files/event-file.ts';
import { readEventMap } from '../adapters/files/event-map.ts';
import { connect } from '../cli/aws.ts';
import { LOCAL_STAGE } from '../cli/paths.ts';
import { beforeEnd, isProcessEnding } from '../cli/process/ending.ts';
import { Progress } from '../cli/progress.ts';
import { type ReplayCounts, replay } from '../cli/replay.ts';
import { markRunning } from '../cli/running.ts';
import { type BookEntry, SandboxBooks } from '../cli/sandbox-books.ts';
import { seedSandbox } from '../cli/seed-sandbox.ts';
import { readOutputs, type StackOutputs } from '../cli/stack.ts';
import { reportTrouble, unreportedTrouble } from '../cli/trouble.ts';
import type { Configuration } from '../core/configuration/configuration.ts';
import { appliesTo } from '../core/detection/detector.ts';
import type { Charge } from '../core/events/payment-event.ts';
import { UserError } from '../core/user-error.ts';
import { openAlertsTap } from './alerts-tap.ts';
import { listenForConsole, type Served } from './console-server.ts';
import { buildSite } from './console-site.ts';
import { createDemoUsers, type DemoUser } from './demo-users.ts';
import { bootstrap, deploy } from './deploy.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { configurationFor } from './local-configuration.ts';
import { localSigner } from './local-signing.ts';
import { countForgotten } from './remembered.ts';
import { type RunSummary, summarize } from './summary.ts';
import { type EndedRun, type RunSources, readSnapshot, systemWait, untilEnded } from './until-ended.ts';

export interface RunOptions {
  readonly events: string;
  readonly map?: string | undefined;
  readonly limit?: number | undefined;
  /** The sources that the file adds attest that their copies are copies. */
  readonly attested?: boolean | undefined;
  /** The configuration that is deployed; without it the one beside the events, or the checked-in one. */
  readonly config?: string | undefined;
  readonly port: number;
  /** Where the console is served; without it there is none, and nothing is built for it. */
  readonly consolePort?: number | undefined;
}

export interface Run {
  readonly emulator: Emulator;
  readonly outputs: StackOutputs;
  readonly users: readonly DemoUser[];
  readonly consoleUrl: string | undefined;
  readonly alertsQueueUrl: string;
  readonly counts: ReplayCounts;
  readonly ended: EndedRun;
  readonly summary: RunSummary;
}

/** Brings the whole product up locally, replays a file and waits until every refund has ended. */
export async function runLocally(options: RunOptions, progress = new Progress()): Promise<Run> {
  const startedMs = performance.now();
  const unread = openSource(options);
  const local = await configurationFor(unread, options);
  progress.say(`Configuration: ${local.name}.`);
  if (local.added.length > 0) progress.say(`Registered for this run alone: ${local.added.join(', ')}.`);
  const source = { ...unread, sources: local.configuration };
  // Read before anything is started: a file that is not there should not cost a deployment.
  const charges = await SandboxBooks.read(readEventFile(source));

  const desk = await openConsole(options);

  const emulator = await progress.step('emulator', (note) => startEmulator(options.port, note));
  if (emulator.isOurs) markRunning(emulator);
  const whileAlive = <T>(work: Promise<T>): Promise<T> => Promise.race([work, failWhenDead(emulator)]);
  await whileAlive(progress.step('bootstrap', (note) => bootstrap(emulator, note)));
  await whileAlive(progress.step('deploy', (note) => deploy(emulator, local, note)));
  const aws = connect(emulator);
  const outputs = await readOutputs(aws, LOCAL_STAGE);
  const users = await createDemoUsers(emulator, outputs.UserPoolId);
  if (desk !== undefined) {
    await progress.step('console', () => desk.open({ endpoint: emulator.endpoint, outputs }));
    progress.say(`The console is at ${desk.url}; sign in as ${users.map(signInOf).join(' or ')}.`);
  }
  const tap = await openAlertsTap(aws, outputs.AlertsTopicArn);
  if (!emulator.isOurs) beforeEnd(() => tap.close());

  const work = { aws, outputs, tap, source, charges, progress, configuration: local.configuration };
  const counts = await whileAlive(progress.step('replay', (note) => replayAll(work, note)));
  const ended = await whileAlive(progress.step('refunds', (note) => awaitEnd(work, { counts, note })));
  const { flags, cases, quarantined, alerts, incidents, lost } = ended;
  const summary = summarize({
    sent: counts.sent,
    skipped: counts.skipped,
    unsendable: counts.unsendable,
    charges: charges.length,
    quarantined,
    flags,
    cases,
    lost,
    alerts,
    incidents,
    troubleLines: counts.troubleLines,
    steps: progress.seconds,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  });
  const consoleUrl = desk?.url;
  return { emulator, outputs, users, consoleUrl, alertsQueueUrl: tap.queueUrl, counts, ended, summary };
}

/** Waits for the emulator to end by itself, and says how it did; never answers when it is we who end it. */
export async function untilDead({ died }: Emulator): Promise<string> {
  const message = await died;
  return isProcessEnding() ? new Promise(() => {}) : message;
}

/** The truth that belongs to a file of events, if there is one beside it. */
export function truthFileOf(events: string): string | undefined {
  const file = events.replace(/\.ndjson(\.gz)?$/i, '.truth.json');
  return file !== events && existsSync(file) ? file : undefined;
}

/** Builds the console while the emulator starts: it can be looked at before the first event arrives. */
async function openConsole({ consolePort }: RunOptions) {
  if (consolePort === undefined) return undefined;
  const server = await listenForConsole(consolePort);
  const building = buildSite();
  building.catch(() => {});
  return {
    url: server.url,
    open: async (served: Pick<Served, 'endpoint' | 'outputs'>) => server.open({ ...served, site: await building }),
  };
}

function signInOf({ name, password }: DemoUser): string {
  return `${name} / ${password}`;
}

interface Work extends RunSources {
  readonly source: EventFile;
  readonly charges: readonly BookEntry[];
  readonly configuration: Configuration;
  readonly progress: Progress;
}

function openSource({ events, map, limit }: RunOptions): Omit<EventFile, 'sources'> {
  return { file: events, map: map === undefined ? undefined : readEventMap(map), limit };
}

async function replayAll(work: Work, note: (text: string) => void) {
  const { aws, outputs, source, charges, progress, configuration } = work;
  if (outputs.SandboxTableName !== undefined) {
    note(`booking ${charges.length} charges at the sandbox processor`);
    await seedSandbox(aws, outputs.SandboxTableName, charges);
  }
  const onTrouble = reportTrouble(source.file, (line) => progress.say(line));
  const counts = await replay({
    aws,
    source,
    onTrouble,
    streamName: outputs.EventsStreamName,
    signerOf: await localSigner(work, configuration),
    onSent: (records) => note(`${records} events on the stream`),
  });
  for (const line of unreportedTrouble(counts.troubleLines)) progress.say(line);
  return counts;
}

async function awaitEnd(work: Work, { counts, note }: { counts: ReplayCounts; note: (text: string) => void }) {
  const { aws, outputs } = work;
  const judged = work.charges.map(({ charge }) => charge).filter(isJudged(work.configuration));
  return untilEnded({
    ...systemWait,
    read: readSnapshot(work),
    countForgotten: () => countForgotten(aws, outputs.ChargesTableName, judged),
    quarantinedMin: [...counts.rejectedDistinct.values()].reduce((sum, count) => sum + count, 0),
    note,
  });
}

/** A charge that no detector applies to (an exempt one without an order, say) is judged by being left alone. */
function isJudged(configuration: Configuration): (charge: Charge) => boolean {
  return (charge) => configuration.detectorsFor(charge).some((detector) => appliesTo(detector, charge));
}

async function failWhenDead(emulator: Emulator): Promise<never> {
  throw new UserError(await untilDead(emulator));
}
