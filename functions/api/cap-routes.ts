import { capRaiseView, capsViewSchema } from '../../core/queries/cap-view.ts';
import { cappedCurrencies } from '../../core/refunds/hourly-caps.ts';
import { readRoute, reply } from './route.ts';

export const capRoutes = {
  readCaps: readRoute({
    summary: 'The caps of all refunds of an hour, and the raises that are not over',
    answers: { 200: capsViewSchema },
    async handle(_, { configuration, raises, nowMs }) {
      const stored = await Promise.all(cappedCurrencies(configuration).map(raises.raisesIn));
      const live = stored.flatMap((of) => of.raises).filter(({ untilMs }) => untilMs > nowMs());
      const { capPerHourMinor } = configuration.refunds;
      return reply(200, { capPerHourMinor, raises: live.map((raise) => capRaiseView(raise, nowMs())) });
    },
  }),
};
