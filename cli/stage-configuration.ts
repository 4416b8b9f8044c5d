import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { configurationHashOf } from '../adapters/crypto/configuration-hash.ts';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import { UserError } from '../core/user-error.ts';
import { LOCAL_STAGE, localConfigurationFile, ROOT } from './paths.ts';
import { findRunning } from './running.ts';
import type { StackOutputs } from './stack.ts';

/** The configuration that a stage deploys: as it is in this checkout, or as the local run that is up was given it. */
export function readStageConfiguration(stage: string): Configuration {
  return parsed(fileOf(stage)).configuration;
}

/**
 * Returns the configuration that the stage's functions read.
 *
 * @throws UserError when this checkout has another one
 */
export function readDeployedConfiguration(
  stage: string,
  { ConfigurationHash: deployed }: Pick<StackOutputs, 'ConfigurationHash'>,
): Configuration {
  const { name, text, configuration } = parsed(fileOf(stage));
  if (configurationHashOf(text) === deployed) return configuration;
  throw new UserError(
    `${name} is not what the stage ${stage} runs (${deployed}), so it does not show what the stage would accept. Deploy it, or check out what is deployed.`,
  );
}

function fileOf(stage: string): string {
  return (stage === LOCAL_STAGE ? runningConfiguration() : undefined) ?? configurationFile(stage);
}

function parsed(file: string) {
  const name = relative(ROOT, file);
  const { text, json } = readJson(file, name);
  const result = parseConfiguration(json);
  if (result.kind === 'invalid') throw new UserError(`${name}: ${result.problems.join('; ')}`);
  return { name, text, configuration: result.configuration };
}

export function configurationFile(stage: string): string {
  return join(ROOT, 'configuration', `${stage}.json`);
}

function runningConfiguration(): string | undefined {
  const running = findRunning();
  if (running === undefined) return undefined;
  const file = localConfigurationFile(new URL(running.endpoint).port);
  return existsSync(file) ? file : undefined;
}

function readJson(file: string, name: string): { readonly text: string; readonly json: unknown } {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, json: JSON.parse(text) };
  } catch (error) {
    throw new UserError(`${name} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
