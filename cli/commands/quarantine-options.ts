import { type Command, Option } from 'commander';
import { createQuarantineIndex } from '../../adapters/dynamodb/quarantine-index.ts';
import { quarantinedBytes } from '../../adapters/s3/quarantined-bytes.ts';
import { createRestKeeper, type KeepRest } from '../../adapters/s3/rest-of-records.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../../core/events/parse-event.ts';
import type { QuarantineFilter, QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import { isWaiting, type QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { UserError } from '../../core/user-error.ts';
import { openToChange, YES } from '../open-to-change.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { count } from '../run-command.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { timeOption } from '../time-option.ts';

/** Which records a command is about. */
export interface FilterOptions {
  readonly source?: string;
  readonly refusedAs?: readonly QuarantineReason[];
  readonly since?: string;
  readonly until?: string;
}

export interface TargetOptions extends FilterOptions {
  readonly stage: string;
  readonly limit: number;
  readonly yes?: boolean;
  readonly apply?: boolean;
}

/** Records of one call: more should be a decision. */
const RECORDS_MAX = 10_000;

export function addFilterOptions(command: Command): Command {
  return command
    .option('--source <source>', 'only records that name this source')
    .addOption(
      new Option('--refused-as <reason...>', 'only records refused for these reasons').choices(QUARANTINE_REASONS),
    )
    .option('--since <time>', 'only records that arrived from this time on')
    .option('--until <time>', 'only records that arrived before this time')
    .option('--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE);
}

export function addTargetOptions(command: Command): Command {
  return addFilterOptions(command)
    .option('--limit <n>', 'at most n records', count, RECORDS_MAX)
    .option(...YES)
    .option('--apply', 'do it; without it the command only shows what it would do');
}

export function filterOf(
  { source, refusedAs, since, until }: FilterOptions,
  statuses: QuarantineFilter['statuses'],
): QuarantineFilter {
  return {
    source,
    reasons: refusedAs,
    sinceMs: since === undefined ? undefined : timeOption('--since', since),
    untilMs: until === undefined ? undefined : timeOption('--until', until),
    statuses,
  };
}

/** What `list` and a rule look for: records about which an operator has to decide. */
export const WAITING = ['waiting', 'sending'] as const satisfies QuarantineFilter['statuses'];

export interface Quarantine {
  readonly index: QuarantineIndex;
  readonly bucket: string;
  readonly bytesOf: (item: QuarantinedItem) => Promise<Uint8Array>;
  readonly keepRest: KeepRest;
}

export function quarantineIn({ aws, outputs }: Deployment): Quarantine {
  const bucket = outputs.QuarantineBucketName;
  const index = createQuarantineIndex({ dynamodb: aws.dynamo, table: outputs.QuarantineTableName });
  return {
    index,
    bucket,
    keepRest: createRestKeeper({ s3: aws.s3, bucket, index }),
    bytesOf: (item) => quarantinedBytes({ s3: aws.s3, bucket }, item),
  };
}

/** Finds what is deployed; with `--apply` the operator too, whose AWS identity is on record with the decision. */
export async function openTarget({
  stage,
  yes = false,
  apply = false,
}: TargetOptions): Promise<Deployment & { readonly by: string | undefined }> {
  if (!apply) return { ...(await findDeployment(stage)), by: undefined };
  const { operator, ...deployment } = await openToChange({ stage, yes });
  return { ...deployment, by: operator };
}

/** @throws UserError when the quarantine has no such record */
export async function readRecord({ index }: Pick<Quarantine, 'index'>, id: string): Promise<QuarantinedItem> {
  const item = await index.read(id);
  if (item !== undefined) return item;
  throw new UserError(`The quarantine has no record ${id}; find its id with: onecharge quarantine list`);
}

/** @throws UserError when one record and a filter are named together */
export function checkTarget(id: string | undefined, options: FilterOptions): void {
  const { source, refusedAs, since, until } = options;
  const isFiltered = [source, refusedAs, since, until].some((each) => each !== undefined);
  if (id === undefined || !isFiltered) return;
  throw new UserError(`Name the record ${id}, or records by --source, --refused-as, --since and --until: not both`);
}

/** Yields the one record that is named, or those that the filter finds, as far as they wait. */
export async function* targetsOf(
  quarantine: Pick<Quarantine, 'index'>,
  id: string | undefined,
  options: TargetOptions,
): AsyncGenerator<QuarantinedItem> {
  if (id !== undefined) {
    yield await readWaiting(quarantine, id);
    return;
  }
  let left = options.limit;
  for await (const item of quarantine.index.list(filterOf(options, WAITING))) {
    if (left-- <= 0) return;
    yield item;
  }
}

async function readWaiting(quarantine: Pick<Quarantine, 'index'>, id: string): Promise<QuarantinedItem> {
  const item = await readRecord(quarantine, id);
  if (isWaiting(item)) return item;
  const last = item.history.at(-1);
  const decided = last === undefined ? '' : ` at ${last.at} by ${last.by}: ${last.reason}`;
  throw new UserError(
    `The record ${id} was ${item.status}${decided}. It waits no longer; see: onecharge quarantine show ${id}`,
  );
}
