import type { FlagId } from '../brands.ts';
import { namesPayer, withoutPayer } from '../events/erased-payer.ts';
import type { Act } from './case.ts';
import { type CaseContext, commitFlagChanges } from './change-flag.ts';
import { type Flag, isUnresolved } from './flag.ts';

/** Whose token goes, and what comes in its place. */
export interface Erasure {
  readonly payer: string;
  readonly placeholder: string;
  /** Without the token: audit entries stay as they are. */
  readonly act: Act;
}

/**
 * Puts the placeholder into a resolved flag, with an audit entry. `left`: the flag has been opened since, or its case is under
 * legal hold, and it keeps the token. A repetition finds no token and writes nothing.
 */
export async function erasePayerFrom(
  id: FlagId,
  { payer, placeholder, act }: Erasure,
  context: CaseContext,
): Promise<'erased' | 'left' | 'unchanged'> {
  const { flags, committed } = await commitFlagChanges(
    [id],
    async ([flag]) => {
      if (flag === undefined || isUnresolved(flag) || !namesPayer(flag, payer)) return [];
      if ((await context.cases.readCase(flag.caseId))?.legalHold !== undefined) return [];
      const after = {
        ...withoutPayer<Flag>(flag, payer, placeholder),
        version: flag.version + 1,
        updatedAtMs: act.atMs,
      };
      return [{ before: flag, after, act }];
    },
    context,
  );
  if (committed.length > 0) return 'erased';
  return namesPayer(flags[0], payer) ? 'left' : 'unchanged';
}
