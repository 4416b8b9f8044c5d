import { iso } from '../../core/clock-units.ts';
import { explainChanged, type Migrated, migrate, type Survey, surveyVersion1 } from '../../core/refunds/migrate.ts';
import type { Migration } from '../../core/refunds/migration.ts';
import { type MigrationRun, openMigration } from '../migration.ts';
import { openToChange } from '../open-to-change.ts';

interface MigrateOptions {
  readonly stage: string;
  readonly table?: string;
  readonly apply?: boolean;
  readonly leaveUnreadable?: boolean;
  readonly yes?: boolean;
}

/** `onecharge migrate`: brings the charges and claims of version 1 into charge records and windows of today. */
export async function migrateCommand({ stage, table, yes = false, ...options }: MigrateOptions): Promise<number> {
  const by = options.apply ? (await openToChange({ stage, yes })).operator : undefined;
  const { exitCode, lines } = await runMigration({ ...options, by }, await openMigration(stage, table));
  for (const line of lines) console.log(line);
  return exitCode;
}

interface Report {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

interface MigrationRequest extends Pick<MigrateOptions, 'leaveUnreadable'> {
  /** The operator who lets it write; absent: it only counts. */
  readonly by?: string | undefined;
}

/** The mark at the end ends the freeze. */
export async function runMigration(
  { leaveUnreadable = false, by }: MigrationRequest,
  context: MigrationRun,
): Promise<Report> {
  const before = await context.migrations.readMigration();
  if (before?.kind === 'done') return { exitCode: 0, lines: [describeDone(before)] };
  if (by === undefined) {
    const survey = await surveyVersion1(context);
    return { exitCode: 0, lines: [...describeSurvey(survey), 'Nothing was written. Write it with --apply.'] };
  }
  const { survey, written } = await migrate(context);
  const lines = [...describeSurvey(survey), describeWritten(written)];
  const unreadable = survey.unreadable.length;
  if (unreadable > 0 && !leaveUnreadable) {
    const left = `${unreadable} items cannot be read, so refunds stay frozen.`;
    return { exitCode: 1, lines: [...lines, `${left} Repair them, or accept their loss with --leave-unreadable.`] };
  }
  const { windows, charges, claims } = survey;
  await context.migrations.writeMigration({
    kind: 'done',
    atMs: context.nowMs(),
    by,
    windows,
    charges,
    claims,
    unreadable,
  });
  return { exitCode: 0, lines: [...lines, 'The migration is done. Its freeze of all refunds has ended.'] };
}

function describeDone({ atMs, by, windows, charges, claims }: Extract<Migration, { readonly kind: 'done' }>): string {
  const counts = `${windows} windows, ${charges} charges, ${claims} claims`;
  return `Nothing to do: ${by} finished the migration at ${iso(atMs)} (${counts}).`;
}

function describeWritten({ records, reservations, windows }: Migrated['written']): string {
  return `Written: ${records} charge records, ${reservations} reservations, ${windows} windows.`;
}

function describeSurvey(survey: Survey): readonly string[] {
  const { windows, expired, charges, claims, unreadable, differing, changed, unmet } = survey;
  return [
    `windows     ${windows} (${expired} expired)`,
    `charges     ${charges}`,
    `claims      ${claims}`,
    `unreadable  ${unreadable.length}`,
    ...unreadable.map(({ key, reason }) => `  ${key}: ${reason}`),
    ...differing.map(
      ({ source, chargeId }) => `Charge ${chargeId} of ${source} has two amounts; its first telling holds.`,
    ),
    ...(changed.length > 0 ? [explainChanged(changed)] : []),
    ...(unmet > 0
      ? [`${unmet} windows have keys of another configuration: new charges do not meet the charges in them.`]
      : []),
  ];
}
