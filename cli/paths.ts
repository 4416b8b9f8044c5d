import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the checkout, whatever folder the command was called from. */
export const ROOT = resolve(import.meta.dirname, '..');
/** Everything a local run leaves behind is below this folder, which git ignores. */
export const LOCAL_DIR = join(ROOT, '.local');
export const VENVS_DIR = join(LOCAL_DIR, 'venvs');
export const LOGS_DIR = join(LOCAL_DIR, 'logs');
export const OUTPUTS_FILE = join(LOCAL_DIR, 'outputs.json');
/** Says where the emulator of a run that is up can be reached, so that the CLI finds it. */
export const RUNNING_FILE = join(LOCAL_DIR, 'running.json');

/** The configuration that the local stack on this port was deployed with. */
export function localConfigurationFile(port: number | string): string {
  return join(LOCAL_DIR, `configuration-${port}.json`);
}

export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_STAGE = 'local';
export const DEFAULT_PORT = 4566;
/** The local configuration's alerts link to it. */
export const DEFAULT_CONSOLE_PORT = 4580;

export function stackName(stage: string): string {
  return `Onecharge-${stage}`;
}

export function logFile(name: string): string {
  mkdirSync(LOGS_DIR, { recursive: true });
  return join(LOGS_DIR, `${name}.log`);
}
