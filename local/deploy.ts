import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { LOCAL_ACCOUNT, LOCAL_DIR, LOCAL_REGION, LOCAL_STAGE, logFile, OUTPUTS_FILE, ROOT } from '../cli/paths.ts';
import { runGuarded } from '../cli/process/guarded-process.ts';
import { tailOf } from '../cli/process/log-tail.ts';
import { UserError } from '../core/user-error.ts';
import { type Emulator, localEnvironment } from './emulator.ts';
import { type LocalConfiguration, writeConfiguration } from './local-configuration.ts';

const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const QUIET = ['--no-notices', '--no-version-reporting', '--no-path-metadata'];
const PROGRESS_MS = 500;
const TAIL_LINES = 25;

type Note = (text: string) => void;

export async function bootstrap(emulator: Emulator, note: Note): Promise<void> {
  await cdk(emulator, { name: 'bootstrap', args: ['bootstrap', `aws://${LOCAL_ACCOUNT}/${LOCAL_REGION}`], note });
}

/** Deploys the very app that AWS gets, with the stage's settings. */
export async function deploy(emulator: Emulator, configuration: LocalConfiguration, note: Note): Promise<void> {
  const args = [
    'deploy',
    '--all',
    '--require-approval',
    'never',
    '--outputs-file',
    OUTPUTS_FILE,
    '--progress',
    'events',
    '--context',
    `configuration=${writeConfiguration(emulator.port, configuration)}`,
  ];
  await cdk(emulator, { name: 'deploy', args, note });
}

async function cdk(emulator: Emulator, { name, args, note }: { name: string; args: readonly string[]; note: Note }) {
  const log = logFile(`${name}-${emulator.port}`);
  writeFileSync(log, '');
  const output = join(LOCAL_DIR, `cdk.out-${emulator.port}`);
  const reporting = setInterval(() => void lastLine(log).then((line) => line && note(line)), PROGRESS_MS);
  try {
    const { code } = await runGuarded({
      command: process.execPath,
      args: [CDK, ...args, '--context', `stage=${LOCAL_STAGE}`, '--output', output, ...QUIET],
      env: {
        ...localEnvironment(emulator.key),
        AWS_ENDPOINT_URL: emulator.endpoint,
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        NO_COLOR: '1',
      },
      cwd: ROOT,
      logFile: log,
      removes: output,
    });
    if (code !== 0) throw new UserError(`cdk ${name} failed; the end of ${log}:\n${tailOf(log, TAIL_LINES)}`);
  } finally {
    clearInterval(reporting);
  }
}

async function lastLine(log: string): Promise<string> {
  let last = '';
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const text = stripVTControlCharacters(line).trim();
    if (text !== '') last = text;
  }
  return last;
}
