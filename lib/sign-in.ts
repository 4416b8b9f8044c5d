import { Duration } from 'aws-cdk-lib';
import { Mfa, UserPool, UserPoolClient, UserPoolClientIdentityProvider, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { Role } from '../functions/api/operations.ts';
import { removalOf } from './history-table.ts';
import type { StageSettings } from './settings.ts';

const GROUPS: { readonly [role in Role]: string } = {
  viewer: 'May read cases, flags and their audit',
  approver: 'May approve refunds that wait, and keep charges',
  admin: 'May freeze and thaw refunds, and see the jobs of everybody',
};

/** A working day: a user who was disabled keeps no session until the next one. */
const REFRESH_HOURS = 8;

/**
 * Who may sign in. An administrator creates each user under a name that nothing can take over: there is no sign-up, no alias by
 * e-mail and no other identity provider. Where history is kept, each user needs an authenticator app.
 */
export function userPool(scope: Construct, settings: StageSettings): UserPool {
  const pool = new UserPool(scope, 'People', {
    selfSignUpEnabled: false,
    signInAliases: { username: true },
    signInCaseSensitive: false,
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
    },
    mfa: settings.keepsHistory ? Mfa.REQUIRED : Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    deletionProtection: settings.keepsHistory,
    removalPolicy: removalOf(settings),
  });
  for (const [groupName, description] of Object.entries(GROUPS)) {
    new UserPoolGroup(scope, `Group-${groupName}`, { userPool: pool, groupName, description });
  }
  return pool;
}

interface ClientProps {
  readonly pool: UserPool;
  readonly settings: Pick<StageSettings, 'passwordSignIn'>;
}

/** The console's client. It signs in at the pool itself: no OAuth flow and no hosted page. */
export function consoleClient(scope: Construct, { pool, settings }: ClientProps): UserPoolClient {
  return new UserPoolClient(scope, 'Client', {
    userPool: pool,
    authFlows: { userSrp: true, userPassword: settings.passwordSignIn },
    disableOAuth: true,
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.hours(REFRESH_HOURS),
  });
}
