import {
  AdminGetUserCommand,
  type AdminGetUserCommandOutput,
  AdminListGroupsForUserCommand,
  type CognitoIdentityProviderClient,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Users } from '../../core/users.ts';
import { faultOf } from '../fault-of.ts';

interface Pool {
  readonly client: CognitoIdentityProviderClient;
  readonly userPoolId: string;
}

/** The most that Cognito returns at once. */
const PAGE = 60;
/** Cognito lets a user be in at most 100 groups. */
const PAGES_MAX = 2;

/** The users of a Cognito user pool. It lists the groups of disabled users too, so the user is read beside them. */
export function createUsers(pool: Pool): Users {
  return {
    async groupsNow({ name, subject }) {
      try {
        const [user, groups] = await Promise.all([readUser(pool, name), listGroups(pool, name)]);
        return isSame(user, subject) ? groups : [];
      } catch (error) {
        if (error instanceof UserNotFoundException) return [];
        throw faultOf(error);
      }
    },
  };
}

function readUser({ client, userPoolId }: Pool, name: string): Promise<AdminGetUserCommandOutput> {
  return client.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: name }));
}

async function listGroups({ client, userPoolId }: Pool, name: string): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { Groups = [], NextToken } = await client.send(
      new AdminListGroupsForUserCommand({ UserPoolId: userPoolId, Username: name, Limit: PAGE, NextToken: next }),
    );
    names.push(...Groups.flatMap(({ GroupName }) => GroupName ?? []));
    next = NextToken;
    if (next === undefined) break;
  }
  return names;
}

/** The subject is compared, for a name may have been given to another user. */
function isSame({ Enabled, UserAttributes = [] }: AdminGetUserCommandOutput, subject: string): boolean {
  return Enabled === true && UserAttributes.some(({ Name, Value }) => Name === 'sub' && Value === subject);
}
