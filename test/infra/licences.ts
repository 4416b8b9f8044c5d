/** True if an SPDX expression can be followed under the allowed licences alone. Nested expressions are not understood. */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => allowed.includes(licence)));
}

/** Names each package that may not be taken, and what to do. */
export function licenceProblems(
  packages: readonly { readonly name: string; readonly version: string; readonly license: string }[],
  allowed: readonly string[],
): readonly string[] {
  const open = packages.filter(({ license }) => !isAllowed(license, allowed));
  return open.map(
    ({ name, version, license }) =>
      `${name}@${version} is under ${license || 'no stated licence'}, which no list allows: take another package, or add the licence after a review (docs/decisions/1110-supply-chain.md)`,
  );
}
