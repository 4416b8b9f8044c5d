import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import { UserError } from '../core/user-error.ts';
import { ROOT } from './paths.ts';

/** The configuration that a stage deploys, as it is in this checkout. */
export function readStageConfiguration(stage: string): Configuration {
  const name = `configuration/${stage}.json`;
  const parsed = parseConfiguration(readJson(name));
  if (parsed.kind === 'invalid') throw new UserError(`${name}: ${parsed.problems.join('; ')}`);
  return parsed.configuration;
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
  } catch (error) {
    throw new UserError(`${name} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
