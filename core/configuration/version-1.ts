/** A part of version 1's configuration, and what took its place. */
const PARTS = [
  ['namespaces', 'name the namespace of each source in "sources"'],
  ['refunds.gateways', 'name the gateway of each source in "sources"; no source has one by default'],
  ['deadlines.sources', 'name the scheme of each source in "sources"'],
] as const;

/** Returns one problem for each part that only version 1 knew. */
export function partsOfVersion1(json: unknown): readonly string[] {
  return PARTS.filter(([path]) => has(json, path.split('.'))).map(
    ([path, instead]) => `${path}: belongs to version 1; ${instead} (docs/sources.md)`,
  );
}

function has(json: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return false;
  return has((json as Readonly<Record<string, unknown>>)[name], rest);
}
