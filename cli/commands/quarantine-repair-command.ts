import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { checkFile } from '../../adapters/files/lines.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { Ms } from '../../core/brands.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/clock-units.ts';
import { createSignatures } from '../../core/events/signatures.ts';
import type { FieldMove } from '../../core/redrive/field-moves.ts';
import type { RepairRule } from '../../core/redrive/repair.ts';
import { UserError } from '../../core/user-error.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { streamPut } from '../put-records.ts';
import { describeRepair, repairAll } from '../repair-quarantined.ts';
import { readDeployedConfiguration } from '../stage-configuration.ts';
import { readStageKeys, stageSigner } from '../stage-signing.ts';
import { mapFieldOption } from '../text-option.ts';
import {
  addTargetOptions,
  checkTarget,
  openTarget,
  quarantineIn,
  type TargetOptions,
  targetsOf,
} from './quarantine-options.ts';

interface RepairOptions extends TargetOptions {
  readonly shiftTime?: Shift;
  readonly mapField?: readonly MappedField[];
  readonly release?: boolean;
  readonly with?: string;
  readonly json?: boolean;
}

interface Shift {
  readonly text: string;
  readonly ms: Ms;
}

interface MappedField extends FieldMove {
  readonly text: string;
}

/** Some records could not be repaired. */
const EXIT_LEFT = 2;
/** No two time zones are further apart: from UTC−12 to UTC+14. */
const SHIFT_MS_MAX = 26 * HOUR_MS;
/** A rule of more fields is another format: convert the file and replay it. */
const MOVES_MAX = 20;

export function addRepairOptions(command: Command): Command {
  return addTargetOptions(command)
    .argument('[id]', 'one record; without it those that the filter names')
    .option('--shift-time <duration>', 'add this to each event time: -PT2H, PT30M', shift)
    .option('--map-field <from=to>', 'move a field to another name, as paths: data.shop=data.merchant', mapField)
    .option('--release', 'send the records as they came: the registry allows them now')
    .option('--with <file>', 'send this event in the place of the one record')
    .option('--json', 'as one JSON object');
}

/** `onecharge quarantine repair`: shows what a rule makes of refused records; with `--apply` it sends them. */
export async function repairCommand(id: string | undefined, options: RepairOptions): Promise<number> {
  endOnSignals(signalCode);
  checkTarget(id, options);
  if (id === undefined && (options.source === undefined || options.refusedAs === undefined)) {
    throw new UserError(
      'A rule is for one source and its reasons: name --source and --refused-as, or the id of a record',
    );
  }
  const rule = ruleOf(id, options);
  const { by, ...deployment } = await openTarget(options);
  const { stage } = options;
  const configuration = readDeployedConfiguration(stage, deployment.outputs);
  const keys = await readStageKeys(deployment, { stage, sources: configuration.sources });
  const { sourceOf, isPlaceholder } = configuration;
  const quarantine = quarantineIn(deployment);
  const report = await new Progress().step('repair', (note) =>
    repairAll(targetsOf(quarantine, id, options), {
      ...quarantine,
      rule,
      ruleText: textOf(options),
      rules: { sourceOf, isPlaceholder, signatures: createSignatures(keys) },
      signerOf: stageSigner(keys, { sourceOf, stage, nowMs: systemRuntime.nowMs() }),
      put: streamPut(deployment.aws.kinesis, deployment.outputs.EventsStreamName),
      nowMs: systemRuntime.nowMs,
      by,
      onProgress: (records) => note(`${records} records`),
    }),
  );
  console.log(options.json ? JSON.stringify(report) : describeRepair(report));
  return report.left.length > 0 ? EXIT_LEFT : 0;
}

function ruleOf(id: string | undefined, options: RepairOptions): RepairRule {
  const { shiftTime, mapField: moves = [], release = false, with: file } = options;
  const isChange = shiftTime !== undefined || moves.length > 0;
  if ([isChange, release, file !== undefined].filter(Boolean).length !== 1) {
    throw new UserError('Name one rule: --shift-time and --map-field, or --release, or --with FILE');
  }
  if (release) return { kind: 'release' };
  if (file === undefined) return { kind: 'change', moves, shiftMs: shiftTime?.ms ?? 0 };
  if (id === undefined) throw new UserError('--with repairs one record; name its id');
  return { kind: 'replace', bytes: readEvent(file) };
}

/** For the history of each record. */
function textOf({ shiftTime, mapField: moves = [], release, with: file }: RepairOptions): string {
  if (release) return 'released as it came';
  if (file !== undefined) return 'replaced by a repaired event';
  const mapped = moves.map(({ text }) => `mapped ${text}`);
  return [...mapped, ...(shiftTime === undefined ? [] : [`shifted its time by ${shiftTime.text}`])].join(', ');
}

/** One event, as a person edits it: the line's end is not part of it. */
function readEvent(file: string): Uint8Array {
  checkFile(file);
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new UserError(`${file} is empty; put the repaired event into it`);
  return Buffer.from(text);
}

/** ISO 8601, hours and minutes with a sign: what time zones differ by. */
function shift(text: string): Shift {
  const [, sign, hours = 0, minutes = 0] = /^([+-]?)PT(?=\d)(?:(\d{1,2})H)?(?:(\d{1,4})M)?$/.exec(text) ?? [];
  const ms = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
  if (sign === undefined || ms === 0 || ms > SHIFT_MS_MAX) {
    throw new InvalidArgumentError('It must be hours and minutes of at most 26 hours, for example -PT2H or PT5H30M.');
  }
  return { text, ms: sign === '-' ? -ms : ms };
}

function mapField(text: string, before: readonly MappedField[] = []): readonly MappedField[] {
  mapFieldOption(text);
  const [from, to, ...more] = text.split('=').map((path) => path.split('.'));
  if (from === undefined || to === undefined || more.length > 0 || [...from, ...to].includes('')) {
    throw new InvalidArgumentError('It must be two paths, for example data.shop=data.merchant.');
  }
  if (before.length === MOVES_MAX) throw new InvalidArgumentError(`A rule moves at most ${MOVES_MAX} fields.`);
  return [...before, { from, to, text }];
}
