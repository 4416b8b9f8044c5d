import { type Command, Option } from 'commander';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { iso } from '../../core/clock-units.ts';
import type { AttestationOf, Restoring, Suspension } from '../../core/detection/suspensions.ts';
import { ATTESTATIONS } from '../../core/events/source.ts';
import { restoredSchema } from '../../core/queries/operator-views.ts';
import { type ChangeOptions, openToChange, YES } from '../open-to-change.ts';
import { operatorApi } from '../operator-api.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { findDeployment } from '../stack.ts';
import { reasonOption } from '../text-option.ts';

interface Stage {
  readonly stage: string;
}

const STAGE = ['--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE] as const;

export function addAttestationsCommands(command: Command): void {
  command
    .command('list')
    .description('suspended attestations, and the order that contradicts each')
    .option('--json', 'as NDJSON')
    .option(...STAGE)
    .action(listCommand);
  command
    .command('restore')
    .description('end a suspension: the attestation counts again (docs/sources.md)')
    .requiredOption('--source <source>', 'who attests')
    .requiredOption('--merchant <merchant>', 'the merchant of the order')
    .addOption(
      new Option('--attestation <name>', 'which statement counts again').choices(ATTESTATIONS).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'the reason, for the record')
    .option(...YES)
    .option(...STAGE)
    .action(restoreCommand);
}

async function listCommand({ stage, json }: Stage & { readonly json?: true }): Promise<void> {
  const { aws, outputs } = await findDeployment(stage);
  const store = createSuspensionStore({ client: aws.dynamo, table: outputs.IncidentsTableName });
  const suspensions = await store.allSuspensions();
  if (json) for (const suspension of suspensions) console.log(JSON.stringify(suspension));
  else console.log(describeSuspensions(suspensions));
}

type RestoreRequest = Omit<Restoring, 'by'>;

async function restoreCommand({ stage, yes, ...request }: ChangeOptions & RestoreRequest): Promise<void> {
  const checked = checkedRestoring(request);
  const api = operatorApi(await openToChange({ stage, yes }));
  const { changed } = await api.post('/attestations/restore', checked, restoredSchema);
  console.log(describeRestoration(checked, changed));
}

export function checkedRestoring({ source, merchant, attestation, reason }: RestoreRequest): RestoreRequest {
  return { source, merchant, attestation, reason: reasonOption(reason) };
}

export function describeSuspensions(suspensions: readonly Suspension[]): string {
  if (suspensions.length === 0) return 'No attestation is suspended.';
  return suspensions
    .map(({ sinceMs, order, ...of }) => `${nameOf(of)}: suspended since ${iso(sinceMs)} because of order ${order}`)
    .join('\n');
}

export function describeRestoration(of: AttestationOf, isRestored: boolean): string {
  if (!isRestored) return `No change: ${nameOf(of)} is not suspended.`;
  return `Restored ${nameOf(of)}. Refunds that wait go on waiting for an approver.`;
}

function nameOf({ source, merchant, attestation }: AttestationOf): string {
  return `${attestation} of ${source} for merchant ${merchant}`;
}
