import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../core/configuration/configuration.ts';
import { retentionProblems } from '../../core/configuration/retention.ts';
import { startsPerSecondEach, TRANSITIONS_PER_REFUND } from '../../lib/pacing.ts';
import { type Retention, settingsFor } from '../../lib/settings.ts';
import { ROOT } from './synthesized.ts';

const served = (kinds: Record<string, string>) => {
  const sources = Object.entries(kinds).map(([id, kind]) => ({ id, gateway: { kind } }));
  return { detectors: [], sources };
};

describe('the settings of a stage', () => {
  it('deploy the sandbox only where some source is served by it', () => {
    expect(settingsFor('prod', served({ '/live': 'stripe' })).sandbox).toBe(false);
    expect(settingsFor('prod', served({ '/live': 'stripe', '/test': 'sandbox' })).sandbox).toBe(true);
    expect(settingsFor('prod', { detectors: [], sources: [{ gateway: undefined }] }).sandbox).toBe(false);
  });

  it('name each secret of the gateways once', () => {
    const stripe = { kind: 'stripe', secret: 'processors/stripe' };
    const sources = [{ gateway: { kind: 'sandbox' } }, { gateway: stripe }, { gateway: stripe }];
    expect(settingsFor('prod', { detectors: [], sources }).gatewaySecrets).toEqual(['processors/stripe']);
  });

  it('keep the history of every stage but the local one', () => {
    expect(settingsFor('local', served({})).keepsHistory).toBe(false);
    expect(settingsFor('prod', served({})).keepsHistory).toBe(true);
    expect(settingsFor('staging', served({})).keepsHistory).toBe(true);
  });

  it('list where the functions that ask processors may send to, where that is asked for', () => {
    const webhook = { kind: 'webhook', secret: 'processors/own', url: 'https://refunds.example:8443/v1' };
    const sources = [{ gateway: { kind: 'sandbox' } }, { gateway: webhook }, { gateway: { kind: 'stripe' } }];
    const { egress } = settingsFor('prod', { detectors: [], sources }, { listsEgress: true });
    expect(egress).toEqual({ hosts: ['api.stripe.com', 'refunds.example'], ports: [443, 8443] });
    expect(settingsFor('prod', { detectors: [], sources }).egress).toBeUndefined();
  });

  it('read the stream on demand unless shards are asked for', () => {
    expect(settingsFor('prod', served({})).stream).toEqual({ mode: 'on-demand' });
    expect(settingsFor('prod', served({}), { shards: 8 }).stream).toEqual({ mode: 'provisioned', shards: 8 });
  });
});

describe('the retention of a stage', () => {
  const DAY_MS = 86_400_000;
  const rules = { detectors: [{ id: 'd', retainMs: 30 * DAY_MS }], refunds: { holds: { expireAfterMs: 14 * DAY_MS } } };
  const problemsOf = (stage: string, changed: Partial<Retention>, given = rules) => {
    const settings = settingsFor(stage, served({}));
    return retentionProblems({ ...settings, retention: { ...settings.retention, ...changed } }, given);
  };

  it.each(['prod', 'local'])('is long enough in %s', (stage) => {
    expect(problemsOf(stage, {})).toEqual([]);
  });

  it.each([
    ['cases', 200],
    ['reservations', 364],
    ['quarantine', 179],
    ['redriven', 6],
    ['oldVersions', 0],
    ['unreadable', 31],
    ['exports', 7],
    ['accessLogs', 364],
    ['seals', 484],
  ] as const)('is refused where %s is %i days', (part, days) => {
    expect(problemsOf('prod', { [part]: days })).toEqual([expect.stringContaining(`retention.${part}: must be at `)]);
  });

  it('follows the longest memory of a detector', () => {
    const detectors = [{ id: 'd', retainMs: 3_000 * DAY_MS }];
    expect(problemsOf('prod', {}, { ...rules, detectors })).toEqual([
      'retention.cases: must be at least 3021 days: while its charge is remembered, an event finds the flag',
    ]);
  });

  it('asks a stage that goes with its stack for no proof', () => {
    expect(problemsOf('local', { accessLogs: 1, seals: 1 })).toEqual([]);
    expect(problemsOf('local', { cases: 1 })).toHaveLength(1);
  });
});

describe('the pace of starts', () => {
  const settings = settingsFor('prod', served({}));
  const { quotas, dispatchersMax } = settings.refunds;
  const each = startsPerSecondEach(settings.refunds);

  it('stays below both quotas when all who start do so at once', () => {
    const together = each * (dispatchersMax + 1);
    expect(together).toBeLessThan(quotas.startsPerSecond);
    expect(together * TRANSITIONS_PER_REFUND).toBeLessThan(quotas.transitionsPerSecond);
  });

  it('follows the quota that binds', () => {
    const paceOf = (startsPerSecond: number, transitionsPerSecond: number) =>
      startsPerSecondEach({ retriesMax: 1, quotas: { startsPerSecond, transitionsPerSecond }, dispatchersMax: 7 });
    expect(paceOf(10, 1_000_000)).toBeCloseTo(1);
    expect(paceOf(1_000_000, 120)).toBeCloseTo(1);
  });

  it('gets through a full batch long before its function times out', () => {
    expect(settings.caseStream.batchSize / each).toBeLessThan(30);
  });

  it('makes a million refunds take hours, and not a day, after which the stream forgets', () => {
    const hours = 1_000_000 / (each * dispatchersMax) / 3_600;
    expect(hours).toBeGreaterThan(1);
    expect(hours).toBeLessThan(settings.caseStream.recordAgeHoursMax);
  });
});

describe('the configurations that ship', () => {
  const stages = globSync('configuration/*.json', { cwd: ROOT }).filter((file) => !file.endsWith('recipes.json'));

  it.each(stages)('%s is valid', (file) => {
    const parsed = parseConfiguration(JSON.parse(readFileSync(join(ROOT, file), 'utf8')));
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  });

  it('moves no money in prod: its detectors only monitor', () => {
    const parsed = parseConfiguration(JSON.parse(readFileSync(join(ROOT, 'configuration/prod.json'), 'utf8')));
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
    expect(new Set(parsed.configuration.detectors.map(({ action }) => action))).toEqual(new Set(['monitor']));
  });
});
