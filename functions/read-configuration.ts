import { readFileSync } from 'node:fs';
import { configurationHashOf } from '../adapters/crypto/configuration-hash.ts';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import { Fault } from '../core/fault.ts';

/** The stage's configuration, put beside the bundle when it is built. A broken one stops the cold start. */
export function readConfiguration(): { readonly configuration: Configuration; readonly configurationHash: string } {
  const text = readFileSync(new URL('./configuration.json', import.meta.url), 'utf8');
  const parsed = parseConfiguration(JSON.parse(text));
  if (parsed.kind === 'invalid')
    throw new Fault('setting-unusable', `configuration.json: ${parsed.problems.join('; ')}`);
  return { configuration: parsed.configuration, configurationHash: configurationHashOf(text) };
}
