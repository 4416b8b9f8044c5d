import { withoutSecretsIn } from './card-secrets.ts';
import { maskCardNumbers } from './find-card-numbers.ts';

const NAME_LENGTH_MAX = 40;
const NAMES_MAX = 8;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/**
 * Returns the path of a field as a message may show it. A name that the event brings itself is cut, and whatever no person
 * could read in it, or must not, is taken out.
 */
export function fieldPath(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).map(shownName).join('.');
  return names.length > NAMES_MAX ? `${shown}.…` : shown;
}

/** Returns a text that the event brings itself without card data and without characters that no person could read. */
export function printable(text: string): string {
  return maskCardNumbers(withoutSecretsIn(text)).replace(UNPRINTABLE, '?');
}

function shownName(name: string): string {
  if (name === '') return '""';
  const masked = printable(name);
  return masked.length > NAME_LENGTH_MAX ? `${masked.slice(0, NAME_LENGTH_MAX)}…` : masked;
}
