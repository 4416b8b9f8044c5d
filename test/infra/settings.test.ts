import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../core/configuration/configuration.ts';
import { startsPerSecondEach, TRANSITIONS_PER_REFUND } from '../../lib/pacing.ts';
import { contradictionsOf, settingsFor } from '../../lib/settings.ts';
import { ROOT } from './synthesized.ts';

const served = (history: 'hold' | 'judge', kinds: Record<string, string>) => {
  const gateways = Object.fromEntries(Object.entries(kinds).map(([source, kind]) => [source, { kind }]));
  return { history, detectors: [], refunds: { gateways } };
};

describe('history: judge', () => {
  it('is fine where the sandbox serves every source', () => {
    expect(contradictionsOf(served('judge', { default: 'sandbox' }))).toEqual([]);
  });

  it('is refused beside any other gateway, by the name of its source', () => {
    const problems = contradictionsOf(served('judge', { default: 'sandbox', '/processors/acme': 'stripe' }));
    expect(problems).toEqual([
      'history: "judge" is for the sandbox gateway alone, but refunds.gateways./processors/acme is "stripe"',
    ]);
  });

  it('may be left out beside any gateway', () => {
    expect(contradictionsOf(served('hold', { default: 'stripe' }))).toEqual([]);
  });
});

describe('the settings of a stage', () => {
  it('deploy the sandbox only where some source is served by it', () => {
    expect(settingsFor('prod', served('hold', { default: 'stripe' })).sandbox).toBe(false);
    expect(settingsFor('prod', served('hold', { default: 'stripe', '/test': 'sandbox' })).sandbox).toBe(true);
  });

  it('name each secret of the gateways once', () => {
    const stripe = { kind: 'stripe', secret: 'processors/stripe' };
    const gateways = { default: { kind: 'sandbox' }, '/one': stripe, '/two': stripe };
    expect(settingsFor('prod', { history: 'hold', detectors: [], refunds: { gateways } }).gatewaySecrets).toEqual([
      'processors/stripe',
    ]);
  });

  it('keep the history of every stage but the local one', () => {
    expect(settingsFor('local', served('hold', {})).keepsHistory).toBe(false);
    expect(settingsFor('prod', served('hold', {})).keepsHistory).toBe(true);
    expect(settingsFor('staging', served('hold', {})).keepsHistory).toBe(true);
  });

  it('read the stream on demand unless shards are asked for', () => {
    expect(settingsFor('prod', served('hold', {})).stream).toEqual({ mode: 'on-demand' });
    expect(settingsFor('prod', served('hold', {}), 8).stream).toEqual({ mode: 'provisioned', shards: 8 });
  });
});

describe('the pace of starts', () => {
  const settings = settingsFor('prod', served('hold', {}));
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
  it.each(globSync('configuration/*.json', { cwd: ROOT }))('%s is valid', (file) => {
    const parsed = parseConfiguration(JSON.parse(readFileSync(join(ROOT, file), 'utf8')));
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
    expect(contradictionsOf(parsed.configuration)).toEqual([]);
  });

  it('moves no money in prod: its detectors only monitor', () => {
    const parsed = parseConfiguration(JSON.parse(readFileSync(join(ROOT, 'configuration/prod.json'), 'utf8')));
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
    expect(new Set(parsed.configuration.detectors.map(({ action }) => action))).toEqual(new Set(['monitor']));
  });
});
