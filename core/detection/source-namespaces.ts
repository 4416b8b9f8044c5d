import type { Ms } from '../brands.ts';
import type { Source } from '../events/source.ts';

/** In which namespace a source is, and since when it is no longer in the one before. */
export interface SourceNamespace {
  readonly namespace: string;
  readonly former?: string;
  readonly sinceMs?: Ms;
}

/** By the ids of the sources. */
export type SourceNamespaces = ReadonlyMap<string, SourceNamespace>;

/** Returns the namespaces with those of today's registry; the same object where nothing has changed. */
export function movedNamespaces(
  known: SourceNamespaces,
  sources: readonly Pick<Source, 'id' | 'namespace'>[],
  nowMs: Ms,
): SourceNamespaces {
  const news = sources.flatMap(({ id, namespace }): [string, SourceNamespace][] => {
    const before = known.get(id);
    if (before?.namespace === namespace) return [];
    return [[id, before === undefined ? { namespace } : { namespace, former: before.namespace, sinceMs: nowMs }]];
  });
  return news.length === 0 ? known : new Map([...known, ...news]);
}

/** Returns the namespace that a source has left, for as long as windows of then remember originals. */
export function formerNamespaceOf(
  namespaces: SourceNamespaces,
  source: string,
  { nowMs, retainMs }: { readonly nowMs: Ms; readonly retainMs: Ms },
): string | undefined {
  const { former, sinceMs = 0 } = namespaces.get(source) ?? {};
  return former !== undefined && sinceMs + retainMs > nowMs ? former : undefined;
}
