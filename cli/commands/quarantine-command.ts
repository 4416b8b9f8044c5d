import { type Command, Option } from 'commander';
import { recordsOf } from '../../adapters/s3/bundled-records.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { QuarantineFilter } from '../../core/redrive/quarantine-index.ts';
import type { KeptRecord, QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { UserError } from '../../core/user-error.ts';
import { discardAll } from '../discard-quarantined.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { describeReport, describeWhole, reportOn, shownInLine } from '../quarantine-report.ts';
import { count, withExitCode } from '../run-command.ts';
import { findDeployment } from '../stack.ts';
import { reasonOption } from '../text-option.ts';
import {
  addFilterOptions,
  addTargetOptions,
  checkTarget,
  type FilterOptions,
  filterOf,
  openTarget,
  quarantineIn,
  readRecord,
  type TargetOptions,
  targetsOf,
  WAITING,
} from './quarantine-options.ts';
import { addRepairOptions, repairCommand } from './quarantine-repair-command.ts';

interface ListOptions extends FilterOptions {
  readonly stage: string;
  readonly state: 'waiting' | 'repaired' | 'discarded';
  readonly limit: number;
  readonly json?: boolean;
}

interface ShowOptions {
  readonly stage: string;
  readonly json?: boolean;
}

interface DiscardOptions extends TargetOptions {
  readonly reason: string;
}

/** More lines than these no one reads. */
const LISTED_MAX = 50;
/** Another operator decided about some of the records meanwhile. */
const EXIT_LEFT = 2;

export function addQuarantineCommands(parent: Command): void {
  addFilterOptions(
    parent.command('list').description('count refused records by source and reason, and list the newest'),
  )
    .addOption(
      new Option('--state <state>', 'what became of them')
        .choices(['waiting', 'repaired', 'discarded'])
        .default('waiting'),
    )
    .option('--limit <n>', 'list at most n records', count, LISTED_MAX)
    .option('--json', 'as one JSON object')
    .action(listCommand);
  parent
    .command('show')
    .description('show one record as it is stored, its reason and its history')
    .argument('<id>')
    .option('--json', 'as one JSON object')
    .option('--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE)
    .action(showCommand);
  addRepairOptions(
    parent.command('repair').description('repair records by a rule and put them on the stream; see docs/quarantine.md'),
  ).action(withExitCode(repairCommand));
  addTargetOptions(parent.command('discard').description('end records that no one needs; object and history stay'))
    .argument('[id]', 'one record; without it those that the filter names')
    .requiredOption('--reason <text>', 'why, for the record')
    .action(withExitCode(discardCommand));
}

async function listCommand({ stage, state, limit, json = false, ...options }: ListOptions): Promise<void> {
  const statuses: QuarantineFilter['statuses'] = state === 'waiting' ? WAITING : [state];
  const filter = filterOf(options, statuses);
  const { index } = quarantineIn(await findDeployment(stage));
  const report = await reportOn(index.list(filter), limit);
  console.log(json ? JSON.stringify(report) : describeReport(report, state));
}

async function showCommand(id: string, { stage, json = false }: ShowOptions): Promise<void> {
  const quarantine = quarantineIn(await findDeployment(stage));
  const item = await readRecord(quarantine, id);
  const records = recordsOf(item, await quarantine.bytesOf(item));
  console.log(json ? JSON.stringify(shownAsJson(item, records)) : describeWhole(item, records, quarantine.bucket));
}

function shownAsJson(item: QuarantinedItem, records: readonly KeptRecord[]) {
  const [first] = records;
  if (item.records === undefined) return { ...item, content: first && shownInLine(first.bytes) };
  const contents = records.map(({ item: { id, source, detail, arrivedAt }, bytes }) => {
    return { id, source, detail, arrivedAt, content: shownInLine(bytes) };
  });
  return { ...item, contents };
}

async function discardCommand(id: string | undefined, options: DiscardOptions): Promise<number> {
  endOnSignals(signalCode);
  checkTarget(id, options);
  const reason = reasonOption(options.reason);
  if (id === undefined && options.source === undefined && options.refusedAs === undefined) {
    throw new UserError(
      'Name one record, or records by --source or --refused-as: all of them at once are not discarded',
    );
  }
  const { by, ...deployment } = await openTarget(options);
  const quarantine = quarantineIn(deployment);
  const targets = targetsOf(quarantine, id, options);
  if (by === undefined) {
    const report = await reportOn(targets, LISTED_MAX);
    console.log(describeReport(report, 'waiting'));
    console.log('Nothing was changed. Discard these records with --apply.');
    return 0;
  }
  const { discarded, left } = await discardAll(targets, { ...quarantine, nowMs: systemRuntime.nowMs, by, reason });
  const rest = left === 0 ? '' : ` ${left} were left: another operator decided about them meanwhile.`;
  console.log(`${discarded} discarded.${rest} See them with: onecharge quarantine list --state discarded`);
  return left > 0 ? EXIT_LEFT : 0;
}
