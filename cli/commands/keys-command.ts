import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { changeSigningSecret, readSigningSecret } from '../../adapters/secrets/signing-secret-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { hasCardNumber } from '../../core/events/find-card-numbers.ts';
import { KEY_ID } from '../../core/events/signatures.ts';
import { UserError } from '../../core/user-error.ts';
import { type ChangeOptions, openToChange, YES } from '../open-to-change.ts';
import { LOCAL_STAGE } from '../paths.ts';
import { describeKeys, withKey, withRetired } from '../signing-keys.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { readStageConfiguration } from '../stage-configuration.ts';
import { newKey } from '../stage-signing.ts';
import { timeOption } from '../time-option.ts';

interface Stage {
  readonly stage: string;
}

const STAGE = ['--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE] as const;

export function addKeysCommands(command: Command): void {
  command
    .command('list')
    .description('the ids of the signing keys, by source; never a key')
    .option(...STAGE)
    .action(listCommand);
  command
    .command('add')
    .description('make a signing key of a source; two of one source may be in use')
    .requiredOption('--source <source>', 'whose events it signs')
    .requiredOption('--out <file>', 'a new file for the key; only its owner may read it')
    .option('--id <id>', 'what events call it; without it an id is made', keyId)
    .option(...YES)
    .option(...STAGE)
    .action(addCommand);
  command
    .command('retire')
    .description('end a key: records that reach the stream from then on are refused under it')
    .requiredOption('--id <id>', 'which key')
    .option('--not-after <time>', 'from when on; without it from now on')
    .option('--last', 'although it is the last key of its source')
    .option(...YES)
    .option(...STAGE)
    .action(retireCommand);
}

async function listCommand({ stage }: Stage): Promise<void> {
  console.log(describeKeys(await readSigningSecret(secretOf(await findDeployment(stage)))));
}

interface AddOptions extends ChangeOptions {
  readonly source: string;
  readonly id?: string;
  readonly out: string;
}

interface RetireOptions extends ChangeOptions {
  readonly id: string;
  readonly notAfter?: string;
  readonly last?: true;
}

async function addCommand({ stage, yes, source, id, out }: AddOptions): Promise<void> {
  if (readStageConfiguration(stage).sourceOf(source) === undefined) {
    throw new UserError(`The configuration of ${stage} has no source ${source}; register it first (docs/sources.md)`);
  }
  const key = newKey(source, id);
  const secret = secretOf(await openToChange({ stage, yes }));
  const nowMs = systemRuntime.nowMs();
  // Written first: a key that is in use and in no file could sign nothing.
  const { keys } = withKey({ keys: {} }, key, nowMs);
  writeFileSync(out, `${JSON.stringify({ keys })}\n`, { mode: 0o600, flag: 'wx' });
  await changeSigningSecret(secret, (before) => withKey(before, key, nowMs));
  console.log(`Added the key ${key.id} of ${source}; it is in ${out}. Let the sender use it in ten minutes.`);
}

async function retireCommand({ stage, yes, id, notAfter, last }: RetireOptions): Promise<void> {
  const notAfterMs = notAfter === undefined ? systemRuntime.nowMs() : timeOption('--not-after', notAfter);
  const secret = secretOf(await openToChange({ stage, yes }));
  await changeSigningSecret(secret, (before) => withRetired(before, { id, notAfterMs, isLast: last === true }));
  console.log(`Retired the key ${id}. Every worker knows it within five minutes.`);
}

function secretOf({ aws, outputs }: Deployment) {
  return { client: aws.secretsManager, secretArn: outputs.SigningSecretArn };
}

function keyId(text: string): string {
  if (hasCardNumber(text)) throw new InvalidArgumentError('It looks like a card number: its events would be refused.');
  if (KEY_ID.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit.');
}
