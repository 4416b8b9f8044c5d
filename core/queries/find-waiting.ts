import type { CaseStore, Page, WaitingFlag } from '../cases/case-store.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface WaitingContext {
  readonly cases: Pick<CaseStore, 'waitingFlags'>;
  readonly digests: Pick<PlainDigests, 'hash256'>;
}

const QUERY = ['waiting'];

/**
 * Returns one page of the flags that wait for an approver, best score first.
 *
 * @returns undefined when the cursor is of another query.
 */
export async function findWaiting(
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  { cases, digests }: WaitingContext,
): Promise<Page<WaitingFlag> | undefined> {
  const position = cursor === undefined ? undefined : decodeCursor(cursor, QUERY, digests);
  if (cursor !== undefined && position === undefined) return undefined;
  const page = await cases.waitingFlags({ limit, cursor: position });
  return { ...page, cursor: page.cursor === undefined ? undefined : encodeCursor(page.cursor, QUERY, digests) };
}
