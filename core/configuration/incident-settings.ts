import type { IncidentSettings } from '../incidents/rate.ts';
import type { Configuration } from './configuration.ts';

/** What makes an incident, by the stage's configuration: a merchant may have its own least number of cases. */
export function incidentSettings({ alerts, merchants }: Pick<Configuration, 'alerts' | 'merchants'>): IncidentSettings {
  const { windowMs, quietMs, ...usual } = alerts.incidents;
  return {
    windowMs,
    quietMs,
    rateOf: (merchant) => {
      const own = merchant === undefined ? undefined : merchants[merchant]?.incidents.minCases;
      return own === undefined ? usual : { ...usual, minCases: own };
    },
  };
}
