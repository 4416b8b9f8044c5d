import type { CaseId, Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';

/** What a person has written about a case: written once, never changed. */
export interface Comment {
  /** Named by its content: the same words of the same person on the same case are one comment, however often sent. */
  readonly id: string;
  readonly caseId: CaseId;
  /** The subject of the person's token. */
  readonly by: string;
  readonly atMs: Ms;
  readonly text: string;
}

export const COMMENT_LENGTH_MAX = 2_000;
/** More than anybody reads; a case with its comments is read in one go. */
export const COMMENTS_MAX = 200;

export function newComment(written: Omit<Comment, 'id'>, { hash128 }: Pick<PlainDigests, 'hash128'>): Comment {
  const words = [written.caseId, written.by, written.text].map((word) => `${word.length}:${word};`);
  return { id: hash128(`comment ${words.join('')}`), ...written };
}
