import type { Users } from '../../core/users.ts';
import { noteFault } from '../observability.ts';
import { type Caller, isIn } from './caller.ts';
import type { Role } from './operations.ts';
import { Problem } from './problem.ts';

/** When to try again after the user pool did not answer. */
const RETRY_S = '5';

/**
 * Requires the role, or a higher one, in the user pool as it is now. Returns the groups of now. A user who was disabled or taken
 * out of a group has a token of before for up to an hour.
 */
export async function requireRoleNow(
  { name, subject }: Caller,
  needed: Role,
  users: Users,
): Promise<readonly string[]> {
  const groups = await read({ name, subject }, users);
  if (isIn({ groups }, needed)) return groups;
  throw new Problem(
    'role-needed',
    `Your account is disabled, or no longer has the role ${needed}. Ask an administrator for it, and sign in again.`,
  );
}

/** What cannot be read is refused. */
async function read(user: Parameters<Users['groupsNow']>[0], users: Users): Promise<readonly string[]> {
  try {
    return await users.groupsNow(user);
  } catch (error) {
    noteFault('role unreadable', error);
    throw new Problem('role-unknown', 'The user pool does not answer, so your role cannot be checked. Try again.', {
      'retry-after': RETRY_S,
    });
  }
}
