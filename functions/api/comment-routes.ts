import * as z from 'zod';
import { COMMENT_LENGTH_MAX, COMMENTS_MAX, newComment } from '../../core/cases/comment.ts';
import { writtenText } from '../../core/events/written-text.ts';
import { commentView, commentViewSchema } from '../../core/queries/comment-view.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import { caseNotFound, Problem } from './problem.ts';
import { decideRoute, reply } from './route.ts';

const path = z.strictObject({ id: contentId.brand<'CaseId'>() });

export const commentRoutes = {
  commentCase: decideRoute({
    summary: 'Says something about a case, for others to read; the same words of one person are one comment',
    path,
    body: z.strictObject({ text: writtenText({ lengthMax: COMMENT_LENGTH_MAX, hasLines: true }) }),
    answers: { 201: commentViewSchema },
    problems: ['case-not-found', 'comments-full'],
    async handle({ path: { id }, body: { text }, by }, { cases, digests, nowMs }) {
      if ((await cases.readCase(id)) === undefined) throw caseNotFound(id);
      const comment = newComment({ caseId: id, by, atMs: nowMs(), text }, digests);
      const known = await cases.commentsOf(id);
      const same = known.find((each) => each.id === comment.id);
      if (same === undefined && known.length >= COMMENTS_MAX) {
        throw new Problem('comments-full', `The case has ${COMMENTS_MAX} comments. No further one is taken.`);
      }
      return reply(201, commentView(same ?? (await cases.addComment(comment))));
    },
  }),
};
