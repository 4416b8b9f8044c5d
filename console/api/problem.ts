/** An answer of the API that is a problem (RFC 9457), or none at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number;

  constructor({ status, detail }: { readonly status: number; readonly detail: string }) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
  }
}

/** What came about between reading and acting: the page was stale, and its answer says how. */
export function isConflict(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.status === 409;
}

/** Worth asking again by itself: the network, or a fault of the service's own. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status >= 500 || error.status === 429;
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const { status, statusText } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : statusText;
  return new ApiProblem({ status, detail });
}
