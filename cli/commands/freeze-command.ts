import type { FreezeOrder, FreezeOutcome } from '../../core/refunds/freeze.ts';

/** One line that says what was done, or why nothing was. */
export function describeFreeze({ frozen, merchant }: FreezeOrder, outcome: FreezeOutcome): string {
  const what = merchant === undefined ? 'All refunds' : `Refunds of merchant ${merchant}`;
  if (outcome.kind === 'changed') {
    return frozen
      ? `${what} are frozen. Flags are still raised; their refunds hold until \`onecharge thaw\`.`
      : `${what} are thawed. What was held for the freeze alone goes on now.`;
  }
  if (!frozen) return `${what} were not frozen; nothing changed.`;
  const { by, reason, atMs } = outcome;
  return `${what} are frozen already since ${new Date(atMs).toISOString()} by ${by}: ${reason}. Nothing changed.`;
}
