import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { configurationHashOf } from '../../adapters/crypto/configuration-hash.ts';
import { type Configuration, parseConfiguration } from '../../core/configuration/configuration.ts';
import { ATTESTATIONS } from '../../core/events/source.ts';
import { UserError } from '../../core/user-error.ts';

export interface PlaybackConfiguration {
  readonly configuration: Configuration;
  readonly configurationHash: string;
}

const PRODUCTION = fileURLToPath(new URL('../../configuration/prod.json', import.meta.url));
const RECIPES = fileURLToPath(new URL('../../configuration/recipes.json', import.meta.url));
/** The detector that may refund automatically; each other one asks an approver. */
const REFUNDING = 'same-order';
/** What the registry takes as the name of a source. */
const SOURCE_LENGTH_MAX = 256;
/** Stands in the registry for a file that names no source: a registry must have an entry. */
const NO_SOURCE = 'a file without a source';

/** Of a configuration only what is changed here. */
const changeable = z.looseObject({
  sources: z.record(z.string(), z.looseObject({})).optional(),
  detectors: z.array(z.looseObject({ id: z.string() })).optional(),
});

/**
 * Returns the production configuration and the recipes as JSON, with all sources of a file in one namespace behind the sandbox gateway.
 * `same-order` refunds and every other detector asks an approver.
 */
export function configurationOf(sources: Iterable<string>): unknown {
  const { detectors = [], ...production } = changeable.parse(readConfigurationJson(PRODUCTION));
  const { detectors: recipes = [] } = changeable.parse(readConfigurationJson(RECIPES));
  const names = [...new Set(sources)].filter((name) => /\S/.test(name) && name.length <= SOURCE_LENGTH_MAX);
  const registered = names.length === 0 ? [NO_SOURCE] : names;
  return {
    ...production,
    sources: Object.fromEntries(registered.map((name) => [name, FILE_SOURCE])),
    detectors: [...detectors, ...recipes].map((detector) => ({
      ...detector,
      action: detector.id === REFUNDING ? 'refund' : 'review',
    })),
  };
}

/** How a file's sources are registered: together, with every right and without an attestation. */
export const FILE_SOURCE = {
  namespace: 'file',
  gateway: 'sandbox',
  tells: ['charge.*', 'order.closed'],
  merchants: 'all',
  signing: 'stream',
};

/** Adds every attestation to each source. What is no configuration stays as it is. */
export function attested(json: unknown): unknown {
  const { sources } = changeable.safeParse(json).data ?? {};
  if (sources === undefined) return json;
  const changed = Object.entries(sources).map(([id, source]) => [id, { ...source, attests: ATTESTATIONS }]);
  return { ...changeable.parse(json), sources: Object.fromEntries(changed) };
}

/** @throws UserError with one problem a line */
export function compileConfiguration(json: unknown, name: string): PlaybackConfiguration {
  const parsed = parseConfiguration(json);
  if (parsed.kind === 'invalid') {
    const problems = parsed.problems.map((problem) => `\n  ${problem}`).join('');
    throw new UserError(`${name} cannot be used; correct it and try again:${problems}`);
  }
  const configurationHash = configurationHashOf(JSON.stringify(json));
  return { configuration: withoutSigning(parsed.configuration), configurationHash };
}

/** The lines of a file are the operator's own: nothing comes over a stream, so nothing is signed. */
function withoutSigning(configuration: Configuration): Configuration {
  return {
    ...configuration,
    sourceOf: (id) => {
      const source = configuration.sourceOf(id);
      return source && { ...source, signing: 'stream' };
    },
  };
}

/** @throws UserError when the file cannot be read or is no JSON */
export function readConfigurationJson(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${file} is no JSON; name a file as configuration/prod.json is: ${reason}`);
  }
}
