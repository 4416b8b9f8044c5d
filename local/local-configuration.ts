import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Configuration, parseConfiguration } from '../core/configuration.ts';
import { LOCAL_STAGE, ROOT } from './paths.ts';
import { UserError } from './user-error.ts';

/** The configuration that the local stage deploys. */
export function readLocalConfiguration(): Configuration {
  const name = `configuration/${LOCAL_STAGE}.json`;
  const parsed = parseConfiguration(JSON.parse(readFileSync(join(ROOT, name), 'utf8')));
  if (parsed.kind === 'invalid') throw new UserError(`${name}: ${parsed.problems.join('; ')}`);
  return parsed.configuration;
}
