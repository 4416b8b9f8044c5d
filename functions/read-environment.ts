import { Fault } from '../core/fault.ts';

/**
 * Reads the named environment variables. A missing one stops the cold start with its name: better no function than one
 * that finds out in the middle of a batch.
 */
export function readEnvironment<Name extends string>(names: readonly Name[]): { readonly [name in Name]: string } {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Fault('setting-unusable', `environment variable ${missing.join(', ')} is not set`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as { readonly [name in Name]: string }; // proven above
}

/** Returns a setting that is a number above zero. Another one stops the cold start with its name. */
export function numberOf<Name extends string>(environment: { readonly [name in Name]: string }, name: Name): number {
  const value = Number(environment[name]);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Fault('setting-unusable', `environment variable ${name} is no number above zero`);
}
