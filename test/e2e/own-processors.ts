import { parseConfiguration } from '../../core/configuration/configuration.ts';
import { checkedInConfiguration, type LocalConfiguration } from '../../local/local-configuration.ts';

/** More than one test file has stories that want a processor of their own. */
const OWN_PROCESSORS = Array.from({ length: 64 }, (_, at) => `/processors/own-${at}`);
let next = 0;

/** Returns a registered processor that no other story of this process has, as long as there is one. */
export function ownProcessor(): string {
  const taken = OWN_PROCESSORS[next++ % OWN_PROCESSORS.length];
  if (taken === undefined) throw new Error('there is always a processor');
  return taken;
}

/** The local configuration with the stories' own processors beside the wallet, each with the wallet's rights. */
export function configurationOfStories(): LocalConfiguration {
  const known = checkedInConfiguration();
  const json = JSON.parse(known.text);
  const { namespace: _, ...entry } = json.sources['/processors/wallet'];
  const added = Object.fromEntries(OWN_PROCESSORS.map((id) => [id, entry]));
  const text = JSON.stringify({ ...json, sources: { ...json.sources, ...added } });
  const parsed = parseConfiguration(JSON.parse(text));
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  return { ...known, text, configuration: parsed.configuration, added: OWN_PROCESSORS };
}
