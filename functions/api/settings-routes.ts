import { settingsView, settingsViewSchema } from '../../core/queries/settings-view.ts';
import { releasedByThaw } from '../../core/refunds/released-by-thaw.ts';
import { isPending } from '../../core/refunds/thaw.ts';
import { readRoute, reply } from './route.ts';

export const settingsRoutes = {
  readSettings: readRoute({
    summary: 'What is configured: detectors, limits, budgets; and whether all refunds are frozen',
    answers: { 200: settingsViewSchema },
    async handle(_asked, context) {
      const [freeze] = await context.freezes.newestOrders([]);
      const isAsked = freeze?.thaw !== undefined && isPending(freeze.thaw, context.nowMs());
      const releases = isAsked ? await releasedByThaw(undefined, context) : undefined;
      return reply(200, settingsView(context, freeze, releases));
    },
  }),
};
