import { printable } from './field-path.ts';
import { EVENT_BYTES_MAX } from './parse-event.ts';

/** As long as the name of a registered source may be. */
const NAME_LENGTH_MAX = 256;

/**
 * Returns the source that a refused record names, as it may be stored and shown: card numbers masked, hidden characters
 * taken out. Undefined where the record names none, is too large or is no JSON. Never throws.
 */
export function namedSource(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength > EVENT_BYTES_MAX) return undefined;
  const json = jsonOf(bytes);
  if (typeof json !== 'object' || json === null || !('source' in json)) return undefined;
  const { source } = json;
  if (typeof source !== 'string' || source.trim() === '') return undefined;
  return printable(source).slice(0, NAME_LENGTH_MAX).toWellFormed();
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
