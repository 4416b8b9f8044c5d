import { useCallback, useRef, useState } from 'react';

interface Waiting {
  readonly done: Promise<boolean>;
  readonly settle: (isSignedIn: boolean) => void;
}

/** One sign-in at a time, for whatever needs it: `settle` ends it for all that wait. */
export function useSignInAgain() {
  const waiting = useRef<Waiting>(undefined);
  const [isAsked, setAsked] = useState(false);

  const ask = useCallback((): Promise<boolean> => {
    if (waiting.current === undefined) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.current = { done: promise, settle: resolve };
      setAsked(true);
    }
    return waiting.current.done;
  }, []);
  const settle = useCallback((isSignedIn: boolean) => {
    setAsked(false);
    waiting.current?.settle(isSignedIn);
    waiting.current = undefined;
  }, []);
  /** While the user signs in there is no token: what the page reads on its own waits. */
  const settled = useCallback(async () => void (await waiting.current?.done), []);
  return { isAsked, ask, settle, settled };
}
