import type { Approval, Flag } from '../../core/cases/flag.ts';

/** No approver has made it: it is what the referee knows a forged approval by. */
export const FORGED_MAC = 'forged';

/** The approvals that approvers have given. */
export function givenApprovals({ approvals }: Pick<Flag, 'approvals'>): readonly Approval[] {
  return approvals.filter(({ mac }) => mac !== FORGED_MAC);
}
