import { readFileSync, writeFileSync } from 'node:fs';
import { type EventFile, readEventFile } from '../adapters/files/event-file.ts';
import { LOCAL_STAGE, localConfigurationFile } from '../cli/paths.ts';
import { configurationFile } from '../cli/stage-configuration.ts';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import type { SourcesJson } from '../core/configuration/sources.ts';
import { ATTESTATIONS, EVENT_KINDS, type EventRules, type Source } from '../core/events/source.ts';
import { UserError } from '../core/user-error.ts';
import { FILE_SOURCE } from '../scenario/playback/playback-configuration.ts';

/** A registry is read beside every bundle. A file of more senders has something else in its "source". */
const ADDED_MAX = 100;

export interface LocalConfiguration {
  /** As the stack is deployed with it. */
  readonly text: string;
  readonly configuration: Configuration;
  /** The sources that the file names and the checked-in configuration lacks. */
  readonly added: readonly string[];
}

/** The local stage's configuration as it is checked in. */
export function checkedInConfiguration(): LocalConfiguration {
  return compiled(readFileSync(configurationFile(LOCAL_STAGE), 'utf8'), []);
}

/**
 * Registers the sources of a file that the local configuration lacks: all in one namespace, served by the sandbox, for
 * all merchants. They attest nothing, unless the caller says that they do.
 */
export async function configurationFor(
  source: Omit<EventFile, 'sources'>,
  { attested = false }: { readonly attested?: boolean | undefined } = {},
): Promise<LocalConfiguration> {
  const known = checkedInConfiguration();
  const added = [...(await sourcesOf(source))].filter((id) => known.configuration.sourceOf(id) === undefined);
  if (added.length === 0) return known;
  if (added.length > ADDED_MAX) {
    throw new UserError(
      `${source.file} names ${added.length} sources that configuration/local.json lacks, more than ${ADDED_MAX}; ` +
        'register those that you mean, and the events of all others are quarantined',
    );
  }
  const entry = attested ? { ...FILE_SOURCE, attests: ATTESTATIONS } : FILE_SOURCE;
  const json: { readonly sources: SourcesJson } = JSON.parse(known.text);
  const entries = [...Object.entries<unknown>(json.sources), ...added.map((id) => [id, entry] as const)];
  return compiled(JSON.stringify({ ...json, sources: Object.fromEntries(entries) }, null, 2), added);
}

/** Where the deployment and the command line beside it find the configuration. */
export function writeConfiguration(port: number, { text }: LocalConfiguration): string {
  const file = localConfigurationFile(port);
  writeFileSync(file, text);
  return file;
}

function compiled(text: string, added: readonly string[]): LocalConfiguration {
  const parsed = parseConfiguration(JSON.parse(text));
  if (parsed.kind === 'invalid') throw new UserError(`configuration/local.json: ${parsed.problems.join('; ')}`);
  return { text, configuration: parsed.configuration, added };
}

/** Every source that a line names, whether or not the line is an event that the stream will take. */
async function sourcesOf(source: Omit<EventFile, 'sources'>): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const sources: EventRules = {
    isPlaceholder: () => false,
    sourceOf: (id: string) => {
      named.add(id);
      return mayTellAll(id);
    },
  };
  for await (const _entry of readEventFile({ ...source, sources }));
  return named;
}

function mayTellAll(id: string): Source {
  return {
    id,
    namespace: id,
    tells: new Set(EVENT_KINDS),
    merchants: 'all',
    currencies: undefined,
    attests: new Set(),
    copies: new Set(),
    tokenFormats: {},
    precision: 'instant',
  };
}
