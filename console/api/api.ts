import { ApiProblem, isSignedOut, needsSignIn, problemFrom } from './problem.ts';

/** The compliance API for whoever is signed in. Both throw an `ApiProblem` for every answer that is none of the wanted. */
export interface Api {
  get<Answer>(path: string, query?: Query): Promise<Answer>;
  post<Answer>(
    path: string,
    body: object,
    acting?: Acting,
  ): Promise<{ readonly status: number; readonly answer: Answer }>;
}

export interface Acting {
  /** Asked before the act is repeated after another sign-in: the user must have seen what the act is about as it is now. */
  readonly mayRepeat?: () => Promise<boolean>;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

interface ApiSettings {
  readonly apiUrl: string;
  /** The access token, refreshed when it must be; undefined when nobody is signed in any more. */
  readonly token: () => Promise<string | undefined>;
  /** The API does not know the token: nobody is signed in. */
  readonly onUnknown: () => void;
  /** Asks the user to sign in again. True when they did: the act that needed it may be repeated. */
  readonly signInAgain: () => Promise<boolean>;
}

/** Longer than the API itself may take (30 s): a page must not wait for ever. */
const ANSWER_MS_MAX = 35_000;

export function createApi({ apiUrl, token, onUnknown, signInAgain }: ApiSettings): Api {
  async function send(path: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
    const accessToken = await token();
    if (accessToken === undefined) {
      onUnknown();
      throw new ApiProblem({ code: 'signed-out', detail: 'no user is signed in' });
    }
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json', ...init.headers };
    const response = await fetch(apiUrl + path, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (!response.ok) {
      const problem = await problemFrom(response);
      if (isSignedOut(problem)) onUnknown();
      throw problem;
    }
    return { status: response.status, body: await response.json() };
  }
  return {
    // Tests compare what the API answers with its description: here it is taken at its word.
    get: async <Answer>(path: string, query: Query = {}) =>
      (await send(path + queryText(query), { method: 'GET' })).body as Answer,
    post: async <Answer>(path: string, body: object, { mayRepeat = async () => true }: Acting = {}) => {
      const headers = { 'content-type': 'application/json' };
      const act = () => send(path, { method: 'POST', headers, body: JSON.stringify(body) });
      const answer = await act().catch(async (error: unknown) => {
        // Once: a repetition that is refused again is a fault to be shown.
        if (needsSignIn(error) && (await signInAgain()) && (await mayRepeat())) return act();
        throw error;
      });
      return { status: answer.status, answer: answer.body as Answer };
    },
  };
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given}`;
}
