import * as z from 'zod';
import { orderLegalHold } from '../../core/cases/legal-hold.ts';
import { reasonText } from '../../core/events/written-text.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import { caseView, caseViewSchema } from '../../core/queries/views.ts';
import { caseNotFound } from './problem.ts';
import { decideRoute, reply } from './route.ts';

const path = z.strictObject({ id: contentId.brand<'CaseId'>() });
const body = z.strictObject({ reason: reasonText });

function routeOf(what: 'place' | 'release', summary: string) {
  return decideRoute({
    summary,
    path,
    body,
    answers: { 200: caseViewSchema },
    problems: ['case-not-found'],
    async handle({ path: { id }, body: { reason }, by }, context) {
      const known = await orderLegalHold(what, { caseId: id, by, reason }, context);
      if (known === undefined) throw caseNotFound(id);
      return reply(200, caseView(known));
    },
  });
}

export const legalHoldRoutes = {
  placeLegalHold: routeOf(
    'place',
    'Puts a case under legal hold: it is neither deleted nor erased until it is released',
  ),
  releaseLegalHold: routeOf('release', 'Releases a case from its legal hold'),
};
