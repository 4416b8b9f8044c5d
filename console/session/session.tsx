import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { type Api, createApi } from '../api/api.ts';
import type { ConsoleSettings } from '../hosting.ts';
import { Cognito } from './cognito.ts';
import { isIdle, noteAct, watchIdle } from './idle.ts';
import type { Person } from './person.ts';
import { SignInAgain } from './sign-in-again.tsx';
import { type SessionEnd, SignInPage } from './sign-in-page.tsx';
import { useSignInAgain } from './use-sign-in-again.ts';

interface Session {
  readonly person: Person;
  readonly api: Api;
  signOut(): void;
}

const SessionContext = createContext<Session | undefined>(undefined);

/** Everything below it is for somebody who is signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('bug: only for what is shown to somebody signed in');
  return session;
}

type State =
  | { readonly kind: 'looking' }
  | { readonly kind: 'signed-out'; readonly why?: SessionEnd | undefined }
  | { readonly kind: 'person'; readonly person: Person };

/** Shows the sign-in page to whoever is not signed in, and the console to whoever is. */
export function SessionProvider({ settings, children }: { settings: ConsoleSettings; children: ReactNode }) {
  const cognito = useMemo(() => new Cognito(settings), [settings]);
  const [state, setState] = useState<State>({ kind: 'looking' });
  const queries = useQueryClient();
  const { isAsked, ask, settle, settled } = useSignInAgain();

  const end = useCallback(
    (why?: SessionEnd) => {
      // The next user must not see what was read for this one.
      queries.clear();
      setState({ kind: 'signed-out', why });
      settle(false);
      void cognito.signOut();
    },
    [cognito, queries, settle],
  );
  const look = useCallback(async () => {
    const current = await cognito.current().catch(() => undefined);
    if (current === undefined) setState({ kind: 'signed-out' });
    // A tab that was restored has kept its tokens.
    else if (isIdle(sessionStorage)) end('idle');
    else setState({ kind: 'person', person: current.person });
  }, [cognito, end]);
  useEffect(() => void look(), [look]);
  useEffect(() => {
    if (state.kind !== 'person') return undefined;
    return watchIdle({ page: window, storage: sessionStorage, onIdle: () => end('idle') });
  }, [state.kind, end]);
  const onSignedIn = useCallback(() => {
    noteAct(sessionStorage);
    return look();
  }, [look]);

  const api = useMemo(
    () =>
      createApi({
        apiUrl: settings.apiUrl,
        token: async () => {
          await settled();
          return (await cognito.current().catch(() => undefined))?.accessToken;
        },
        onUnknown: () => end('expired'),
        signInAgain: ask,
      }),
    [settings, cognito, end, ask, settled],
  );
  const session = useMemo(
    () => (state.kind === 'person' ? { person: state.person, api, signOut: () => end() } : undefined),
    [state, api, end],
  );
  if (state.kind === 'looking') return null;
  if (session === undefined) {
    return (
      <SignInPage
        cognito={cognito}
        ended={state.kind === 'signed-out' ? state.why : undefined}
        onSignedIn={onSignedIn}
      />
    );
  }
  return (
    <SessionContext.Provider value={session}>
      {children}
      {isAsked && (
        <SignInAgain cognito={cognito} person={session.person} onEnd={() => end('expired')} onSettled={settle} />
      )}
    </SessionContext.Provider>
  );
}
