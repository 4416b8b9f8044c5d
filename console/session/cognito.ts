import { Amplify } from 'aws-amplify';
import { confirmSignIn, fetchAuthSession, type SignInOutput, signIn, signOut } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { sessionStorage } from 'aws-amplify/utils';
import type { ConsoleSettings } from '../hosting.ts';
import { type Person, personOf } from './person.ts';

/** What Cognito wants next before somebody is signed in. */
export type Challenge =
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'new-password' }
  | { readonly kind: 'totp' }
  /** First time with an authenticator app: its secret, and the address that apps take it from. */
  | { readonly kind: 'totp-setup'; readonly secret: string; readonly address: string }
  | { readonly kind: 'unknown'; readonly step: string };

export interface SignedIn {
  readonly person: Person;
  readonly accessToken: string;
}

/** Speaks to the user pool itself. Tokens live as long as the tab and go with it. */
export class Cognito {
  private readonly flow: 'USER_SRP_AUTH' | 'USER_PASSWORD_AUTH';

  constructor({ userPoolId, clientId, cognitoUrl, signIn: how }: ConsoleSettings) {
    const endpoint = cognitoUrl === undefined ? {} : { userPoolEndpoint: new URL(cognitoUrl, location.href).href };
    Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId: clientId, ...endpoint } } });
    cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage);
    this.flow = how === 'srp' ? 'USER_SRP_AUTH' : 'USER_PASSWORD_AUTH';
  }

  async signIn(username: string, password: string): Promise<Challenge> {
    // Somebody who was signed in before must not stand in the way.
    await this.signOut();
    return challengeOf(await signIn({ username, password, options: { authFlowType: this.flow } }));
  }

  /** Answers the challenge that came last: the new password, or the code of the authenticator app. */
  async answer(challengeResponse: string): Promise<Challenge> {
    return challengeOf(await confirmSignIn({ challengeResponse }));
  }

  async signOut(): Promise<void> {
    await signOut().catch(() => undefined);
  }

  /** Who is signed in, with a token that is good for now: it is refreshed when it has run out. */
  async current(): Promise<SignedIn | undefined> {
    const { tokens } = await fetchAuthSession();
    if (tokens === undefined) return undefined;
    return { person: personOf(tokens.accessToken.payload), accessToken: tokens.accessToken.toString() };
  }
}

function challengeOf({ nextStep }: Pick<SignInOutput, 'nextStep'>): Challenge {
  switch (nextStep.signInStep) {
    case 'DONE':
      return { kind: 'signed-in' };
    case 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED':
      return { kind: 'new-password' };
    case 'CONFIRM_SIGN_IN_WITH_TOTP_CODE':
      return { kind: 'totp' };
    case 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP': {
      const { sharedSecret, getSetupUri } = nextStep.totpSetupDetails;
      return { kind: 'totp-setup', secret: sharedSecret, address: getSetupUri('Onecharge').href };
    }
    default:
      return { kind: 'unknown', step: nextStep.signInStep };
  }
}
