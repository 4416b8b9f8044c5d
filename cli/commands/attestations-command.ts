import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { iso } from '../../core/clock-units.ts';
import type { AttestationOf, Restoring, Suspension, SuspensionStore } from '../../core/detection/suspensions.ts';
import { ATTESTATIONS } from '../../core/events/source.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { byOption, reasonOption } from '../text-option.ts';

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
    .option('--by <name>', 'the operator, for the record', userInfo().username)
    .option(...STAGE)
    .action(restoreCommand);
}

async function listCommand({ stage, json }: Stage & { readonly json?: true }): Promise<void> {
  const suspensions = await storeOf(await findDeployment(stage)).allSuspensions();
  if (json) for (const suspension of suspensions) console.log(JSON.stringify(suspension));
  else console.log(describeSuspensions(suspensions));
}

async function restoreCommand({ stage, ...request }: Stage & Restoring): Promise<void> {
  const checked = checkedRestoring(request);
  const outcome = await storeOf(await findDeployment(stage)).restore(checked, systemRuntime.nowMs());
  console.log(describeRestoration(checked, outcome));
}

function storeOf({ aws, outputs }: Deployment): SuspensionStore {
  return createSuspensionStore({ client: aws.dynamo, table: outputs.IncidentsTableName });
}

export function checkedRestoring({ source, merchant, attestation, by, reason }: Restoring): Restoring {
  return { source, merchant, attestation, by: byOption(by), reason: reasonOption(reason) };
}

export function describeSuspensions(suspensions: readonly Suspension[]): string {
  if (suspensions.length === 0) return 'No attestation is suspended.';
  return suspensions
    .map(({ sinceMs, order, ...of }) => `${nameOf(of)}: suspended since ${iso(sinceMs)} because of order ${order}`)
    .join('\n');
}

export function describeRestoration(of: AttestationOf, outcome: 'restored' | 'not-suspended'): string {
  if (outcome === 'not-suspended') return `No change: ${nameOf(of)} is not suspended.`;
  return `Restored ${nameOf(of)}. Refunds that wait go on waiting for an approver.`;
}

function nameOf({ source, merchant, attestation }: AttestationOf): string {
  return `${attestation} of ${source} for merchant ${merchant}`;
}
