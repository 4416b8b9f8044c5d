import { settingsView, settingsViewSchema } from '../../core/queries/settings-view.ts';
import { readRoute, reply } from './route.ts';

export const settingsRoutes = {
  readSettings: readRoute({
    summary: 'What is configured: detectors, limits, budgets; and whether all refunds are frozen',
    answers: { 200: settingsViewSchema },
    async handle(_asked, context) {
      const [freeze] = await context.freezes.newestOrders([]);
      return reply(200, settingsView(context, freeze));
    },
  }),
};
