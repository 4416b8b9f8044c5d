import { randomInt } from 'node:crypto';
import type { EmulatorTarget } from '../cli/aws.ts';
import { signedFetch } from './signed-fetch.ts';

export interface DemoUser {
  readonly name: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/** Two people, because a large refund needs the word of two. Passwords are made for each run and printed by it. */
const PEOPLE = [
  { name: 'ada', groups: ['viewer', 'approver'] },
  { name: 'lin', groups: ['viewer', 'approver', 'admin'] },
] as const;
const LETTERS = 'abcdefghjkmnpqrstuvwxyz';
/** A request takes a fraction of a second; this bound is for an emulator that hangs, not for one that is slow. */
const REQUEST_MS_MAX = 120_000;

/** Creates the demo's users in an emulator's user pool, ready to sign in. A second call gives them new passwords. */
export async function createDemoUsers(emulator: EmulatorTarget, userPoolId: string): Promise<readonly DemoUser[]> {
  const call = (action: string, body: object) => cognito(emulator, action, { UserPoolId: userPoolId, ...body });
  return Promise.all(
    PEOPLE.map(async ({ name, groups }) => {
      const password = newPassword();
      await call('AdminCreateUser', { Username: name, MessageAction: 'SUPPRESS' });
      await call('AdminSetUserPassword', { Username: name, Password: password, Permanent: true });
      for (const group of groups) await call('AdminAddUserToGroup', { Username: name, GroupName: group });
      return { name, password, groups };
    }),
  );
}

async function cognito(emulator: EmulatorTarget, action: string, body: object): Promise<void> {
  const target = `AWSCognitoIdentityProviderService.${action}`;
  const response = await signedFetch(emulator, { service: 'cognito-idp', target, body, timeoutMs: REQUEST_MS_MAX });
  const text = await response.text();
  if (response.ok || text.includes('UsernameExistsException')) return;
  throw new Error(`${action} failed: ${text.slice(0, 200)}`);
}

/** Satisfies a pool's usual policy: upper and lower case, digits, a symbol, at least 12 characters. */
function newPassword(): string {
  const letters = Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${letters[0]?.toUpperCase()}${letters.slice(1)}-${randomInt(1000, 10_000)}`;
}
