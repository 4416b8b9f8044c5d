import * as z from 'zod';
import { integer } from '../../core/queries/case-filter.ts';
import { findWaiting } from '../../core/queries/find-waiting.ts';
import { contentId, named } from '../../core/queries/view-schema.ts';
import { flagView, flagViewSchema } from '../../core/queries/views.ts';
import { Problem } from './problem.ts';
import { readRoute, reply } from './route.ts';

const path = z.strictObject({ id: contentId.brand<'FlagId'>() });

const waitingPage = z
  .strictObject({ flags: z.array(flagViewSchema), cursor: z.string().optional() })
  .register(named, { id: 'WaitingPage' });

export const flagRoutes = {
  listWaiting: readRoute({
    summary: 'Flags that wait for an approver, best score first, then the oldest',
    query: z.strictObject({
      limit: integer(z.int().min(1).max(100)).default(25),
      cursor: z.string().min(1).max(400).optional(),
    }),
    answers: { 200: waitingPage },
    problems: ['bad-cursor'],
    async handle({ query }, context) {
      const page = await findWaiting(query, context);
      if (page === undefined) {
        throw new Problem(
          'bad-cursor',
          `cursor: ${query.cursor} belongs to another query. Begin again without a cursor.`,
        );
      }
      return reply(200, { flags: page.items.map(flagView), cursor: page.cursor });
    },
  }),

  readFlag: readRoute({
    summary: 'A flag and its refund',
    path,
    answers: { 200: flagViewSchema },
    problems: ['flag-not-found'],
    async handle({ path: { id } }, { cases }) {
      const [flag] = await cases.readFlags([id]);
      if (flag === undefined) throw new Problem('flag-not-found', `There is no flag ${id}. Find it with GET /cases.`);
      return reply(200, flagView(flag));
    },
  }),
};
