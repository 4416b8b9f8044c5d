import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import { UserError } from '../core/user-error.ts';
import { LOCAL_STAGE, localConfigurationFile, ROOT } from './paths.ts';
import { findRunningEndpoint } from './running.ts';

/** The configuration that a stage deploys: as it is in this checkout, or as the local run that is up was given it. */
export function readStageConfiguration(stage: string): Configuration {
  const file = (stage === LOCAL_STAGE ? runningConfiguration() : undefined) ?? configurationFile(stage);
  const name = relative(ROOT, file);
  const parsed = parseConfiguration(readJson(file, name));
  if (parsed.kind === 'invalid') throw new UserError(`${name}: ${parsed.problems.join('; ')}`);
  return parsed.configuration;
}

export function configurationFile(stage: string): string {
  return join(ROOT, 'configuration', `${stage}.json`);
}

function runningConfiguration(): string | undefined {
  const endpoint = findRunningEndpoint();
  if (endpoint === undefined) return undefined;
  const file = localConfigurationFile(new URL(endpoint).port);
  return existsSync(file) ? file : undefined;
}

function readJson(file: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${name} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
