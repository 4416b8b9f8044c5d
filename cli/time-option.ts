import type { Ms } from '../core/brands.ts';
import { UserError } from '../core/user-error.ts';

/**
 * Reads a time that an option was given: a day, which is one of UTC, or a time with its zone.
 *
 * @throws UserError when it is neither
 */
export function timeOption(name: string, text: string): Ms {
  const hasZone = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/.test(text);
  const timeMs = hasZone ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UserError(`${name} must be a day (UTC) or a time with its zone: 2024-11-11T00:00:00Z`);
  }
  return timeMs;
}
