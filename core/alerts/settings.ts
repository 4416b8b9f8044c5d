import type { Configuration } from '../configuration.ts';
import type { IncidentSettings } from './context.ts';

/** What makes an incident, by the stage's configuration: a merchant may have its own least number of cases. */
export function incidentSettings({ alerts, merchants }: Pick<Configuration, 'alerts' | 'merchants'>): IncidentSettings {
  const { baseRate, tolerance, falseAlarm, minCases, window, quiet } = alerts.incidents;
  const usual = { baseRate, tolerance, falseAlarm, minCases };
  return {
    windowMs: window,
    quietMs: quiet,
    rateOf: (merchant) => {
      const own = merchant === undefined ? undefined : merchants[merchant]?.incidents.minCases;
      return own === undefined ? usual : { ...usual, minCases: own };
    },
  };
}
