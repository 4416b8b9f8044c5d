import type { Ms } from '../brands.ts';
import type { Attestation, Source } from '../events/source.ts';

/** Since when a source attests what it attests now. */
export type SourceAttestations = { readonly [attestation in Attestation]?: Ms };

/** By the ids of the sources. */
export type AttestedSince = ReadonlyMap<string, SourceAttestations>;

/**
 * Returns the attestations of today's registry, each since when it was first seen there without a break; the same object
 * where nothing has changed. One that was taken out and comes back begins anew.
 */
export function changedAttestations(
  known: AttestedSince,
  sources: readonly Pick<Source, 'id' | 'attests'>[],
  nowMs: Ms,
): AttestedSince {
  const today = new Map(
    sources.flatMap(({ id, attests }): [string, SourceAttestations][] => {
      const before = known.get(id);
      const since = [...attests].sort().map((name) => [name, before?.[name] ?? nowMs] as const);
      return since.length === 0 ? [] : [[id, Object.fromEntries(since)]];
    }),
  );
  return isSame(known, today) ? known : today;
}

/** Returns attestations that were always there: a rehearsal over old events has no first week. */
export function attestedFromTheStart(sources: readonly Pick<Source, 'id' | 'attests'>[]): AttestedSince {
  return changedAttestations(new Map(), sources, 0);
}

function isSame(one: AttestedSince, other: AttestedSince): boolean {
  return one.size === other.size && [...one].every(([id, since]) => isSameOf(since, other.get(id)));
}

function isSameOf(one: SourceAttestations, other: SourceAttestations = {}): boolean {
  const names = Object.keys(one) as Attestation[];
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
