import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Configuration, parseConfiguration } from '../../../core/configuration/configuration.ts';
import { incidentSettings } from '../../../core/configuration/incident-settings.ts';
import { MINUTE } from '../../fixtures/charges.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const prod = JSON.parse(readFileSync(join(ROOT, 'configuration', 'prod.json'), 'utf8'));

function parsed(change: object): Configuration {
  const result = parseConfiguration({ ...prod, ...change });
  if (result.kind === 'invalid') throw new Error(result.problems.join('; '));
  return result.configuration;
}

describe('the configuration of alerts', () => {
  it('has the documented defaults', () => {
    const documented = readFileSync(join(ROOT, 'docs', 'alerts.md'), 'utf8');
    const { windowMs, quietMs, rateOf } = incidentSettings(parsed({}));
    expect({ windowMs, quietMs }).toEqual({ windowMs: 5 * MINUTE, quietMs: 10 * MINUTE });
    expect(rateOf(undefined)).toEqual({ baseRate: 0.006, tolerance: 3, falseAlarm: 1e-6, minCases: 20 });
    for (const row of ['`baseRate` | 0.006', '`tolerance` | 3', '`falseAlarm` | 0.000001', '`minCases` | 20']) {
      expect(documented).toContain(row);
    }
    for (const row of ['`window` | 5m', '`quiet` | 10m']) expect(documented).toContain(row);
  });

  it('gives a merchant its own least number of cases', () => {
    const { rateOf } = incidentSettings(
      parsed({
        merchants: { m_1: { incidents: { minCases: 5 } }, m_2: {} },
        alerts: { incidents: { minCases: 50, tolerance: 2 } },
      }),
    );
    expect([rateOf('m_1'), rateOf('m_2'), rateOf('m_3')].map(({ minCases }) => minCases)).toEqual([5, 50, 50]);
    expect(rateOf('m_1').tolerance).toBe(2);
  });

  it.each([
    [{ consoleUrl: 'http://console.example' }, /alerts\.consoleUrl: must be an https URL/],
    [{ consoleUrl: 'https://me:secret@console.example' }, /alerts\.consoleUrl/],
    [{ incidents: { baseRate: 0 } }, /alerts\.incidents\.baseRate/],
    [{ incidents: { minCases: 1 } }, /alerts\.incidents\.minCases/],
    [{ incidents: { window: '5 minutes' } }, /alerts\.incidents\.window: must be a number with/],
    [{ incidents: { threshold: 5 } }, /threshold/],
  ])('refuses %j by the name of the field', (alerts, problem) => {
    const result = parseConfiguration({ ...prod, alerts });
    expect(result.kind === 'invalid' && result.problems.join('; ')).toMatch(problem);
  });
});
