import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { createUsers } from '../../../adapters/cognito/users.ts';

const POOL = 'us-east-1_pool';
const SAME = { Enabled: true, UserAttributes: [{ Name: 'sub', Value: 'subject-1' }] };
const ANN = { name: 'ann', subject: 'subject-1' };

interface Answers {
  readonly user?: object | Error;
  /** By page. */
  readonly pages?: readonly (readonly string[])[];
}

/** Cognito, as far as it is asked here. */
function usersOf({ user = SAME, pages = [['approver']] }: Answers) {
  const client = new CognitoIdentityProviderClient({ region: 'us-east-1' });
  const asked: object[] = [];
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async ({ input }) => {
        asked.push(input);
        if (commandName === AdminGetUserCommand.name) {
          if (user instanceof Error) throw user;
          return { output: { $metadata: {}, ...user }, response: {} };
        }
        const at = Number(('NextToken' in input && input.NextToken) || 0);
        const Groups = pages[at]?.map((GroupName) => ({ GroupName }));
        const NextToken = at + 1 < pages.length ? String(at + 1) : undefined;
        return { output: { $metadata: {}, Groups, NextToken }, response: {} };
      },
    { step: 'initialize' },
  );
  return { users: createUsers({ client, userPoolId: POOL }), asked };
}

describe('the users of a Cognito pool', () => {
  it('have the groups of now, from all pages', async () => {
    const { users, asked } = usersOf({ pages: [['viewer'], ['approver', 'others']] });
    expect(await users.groupsNow(ANN)).toEqual(['viewer', 'approver', 'others']);
    expect(asked).toContainEqual({ UserPoolId: POOL, Username: 'ann' });
  });

  it.each([
    ['disabled', { ...SAME, Enabled: false }],
    ['without a state', { UserAttributes: SAME.UserAttributes }],
    ['another user of the same name', { ...SAME, UserAttributes: [{ Name: 'sub', Value: 'subject-2' }] }],
    ['without a subject', { Enabled: true }],
    ['deleted', new UserNotFoundException({ message: 'no such user', $metadata: {} })],
  ])('have no group when they are %s', async (_what, user) => {
    expect(await usersOf({ user }).users.groupsNow(ANN)).toEqual([]);
  });

  it('are unknown while the pool does not answer', async () => {
    const refused = Object.assign(new Error('slow down'), { name: 'TooManyRequestsException' });
    const reading = usersOf({ user: refused }).users.groupsNow(ANN);
    await expect(reading).rejects.toMatchObject({ code: 'dependency-busy' });
  });
});
