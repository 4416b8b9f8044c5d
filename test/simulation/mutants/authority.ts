import { type Mutant, POLICY, without } from './mutant.ts';

/** What bounds an attacker who is let in. */
export const BOUNDING: readonly Mutant[] = [
  {
    attacker: 'producer',
    ...without(
      'core/refunds/allocate.ts',
      'the automatic refunds of an hour stay within the budget',
      ({ allocationOf }) => ({
        allocationOf: (...given) => ({
          ...allocationOf(...given),
          merchantMaxMinor: undefined,
          totalMaxMinor: undefined,
        }),
      }),
    ),
  },
  {
    attacker: 'approver',
    ...without(
      'core/refunds/cap-raise.ts',
      'an approver who asks for a raise of a cap does not confirm it',
      ({ confirmRaise }) => ({
        confirmRaise: ({ id, by }, context) => confirmRaise({ id, by: `${by} once more` }, context),
      }),
    ),
  },
  {
    attacker: 'writer',
    ...without(POLICY, 'the last step applies the limit once more', () => ({ isAboveLimit: () => false })),
  },
];
