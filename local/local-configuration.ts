import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
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
  /** The file that it was read from, for messages. */
  readonly name: string;
  /** As the stack is deployed with it. */
  readonly text: string;
  readonly configuration: Configuration;
  /** The sources that the file names and the checked-in configuration lacks. */
  readonly added: readonly string[];
}

/** The local stage's configuration as it is checked in. */
export function checkedInConfiguration(): LocalConfiguration {
  return readConfiguration(configurationFile(LOCAL_STAGE));
}

/** Returns the configuration that belongs to a file of events, if there is one beside it: `X.configuration.json`. */
function configurationBeside(events: string): string | undefined {
  const file = events.replace(/\.ndjson(\.gz)?$/i, '.configuration.json');
  return file !== events && existsSync(file) ? file : undefined;
}

/** @throws UserError when the file cannot be read or is no configuration */
function readConfiguration(file: string): LocalConfiguration {
  const name = relative(process.cwd(), file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new UserError(`${name} cannot be used; name a file as configuration/local.json is: ${reason}`);
  }
  return compiled(text, { name, added: [] });
}

/**
 * Returns the named configuration, else the one beside the file of events, else the checked-in one. Registers the sources
 * of the file that it lacks: all in one namespace, served by the sandbox, for all merchants. They attest nothing, unless
 * the caller says that they do. Beside a file that has its own configuration nothing is registered: what its registry
 * lacks is part of the story.
 */
export async function configurationFor(
  source: Omit<EventFile, 'sources'>,
  { attested = false, config = configurationBeside(source.file) }: ConfigurationOptions = {},
): Promise<LocalConfiguration> {
  if (config !== undefined && attested) {
    throw new UserError(`${config} says what each source attests; leave --attested out, or change the file`);
  }
  if (config !== undefined) return readConfiguration(config);
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
  const text = JSON.stringify({ ...json, sources: Object.fromEntries(entries) }, null, 2);
  return compiled(text, { name: known.name, added });
}

interface ConfigurationOptions {
  readonly attested?: boolean | undefined;
  /** A configuration file. */
  readonly config?: string | undefined;
}

/** Where the deployment and the command line beside it find the configuration. */
export function writeConfiguration(port: number, { text }: LocalConfiguration): string {
  const file = localConfigurationFile(port);
  writeFileSync(file, text);
  return file;
}

function compiled(text: string, { name, added }: Pick<LocalConfiguration, 'name' | 'added'>): LocalConfiguration {
  const parsed = parseConfiguration(JSON.parse(text));
  if (parsed.kind === 'invalid') throw new UserError(`${name}: ${parsed.problems.join('; ')}`);
  return { name, text, configuration: parsed.configuration, added };
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
    signing: 'stream',
    tokenFormats: {},
    precision: 'instant',
    isReversible: true,
  };
}
