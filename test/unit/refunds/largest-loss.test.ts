import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { largestLosses } from '../../../core/refunds/largest-loss.ts';
import { BANK, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';

const HERE = new URL('../../../', import.meta.url);

/** Losses by the actor's kind and name. */
function lossesOf(json: unknown) {
  const parsed = parseConfiguration(json);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('\n'));
  return byActor(parsed.configuration);
}

function byActor(settings: Parameters<typeof largestLosses>[0]) {
  return Object.fromEntries(
    largestLosses(settings).map(({ actor, largestHourlyLossMinor }) => [
      'name' in actor ? `${actor.kind} ${actor.name}` : actor.kind,
      largestHourlyLossMinor,
    ]),
  );
}

describe('the largest loss of an hour', () => {
  it('of the configuration that ships is nothing for producers, and unbounded for approvers of the sandbox', () => {
    const losses = lossesOf(JSON.parse(readFileSync(new URL('configuration/prod.json', HERE), 'utf8')));
    const unbounded = { '*': 'unbounded' };
    const nothing = { '*': 0 };
    expect(losses).toEqual({
      'producer /processors/wallet': nothing,
      approver: unbounded,
      'function assess': unbounded,
      'function reverse': unbounded,
      'function detect': unbounded,
      'function hold': unbounded,
      'function claim': unbounded,
      'function record': unbounded,
      'function sweep': unbounded,
      'function export': unbounded,
      'function approve': unbounded,
      'function decide': unbounded,
      'function alert': nothing,
      'function digest': nothing,
      operator: unbounded,
    });
  });

  it('of the example in the documentation is a number for each, save for those with the processor’s secret', () => {
    const page = readFileSync(new URL('docs/sources.md', HERE), 'utf8');
    const [, example = ''] = /## An example\n\n```jsonc\n([\s\S]*?)```/.exec(page) ?? [];
    const losses = lossesOf(JSON.parse(example));
    const budget = { CNY: 5_000_000, JPY: 1_000_000 };
    const cap = { CNY: 8_000_000, JPY: 1_600_000 };
    const secret = { CNY: 'processors', JPY: 'processors' };
    expect(losses).toEqual({
      'producer /processors/wallet': budget,
      'producer /processors/bank': budget,
      approver: { CNY: 500_000, JPY: 100_000 },
      'function assess': secret,
      'function reverse': secret,
      'function detect': cap,
      'function hold': cap,
      'function claim': cap,
      'function record': cap,
      'function sweep': cap,
      'function decide': { CNY: 10 * cap.CNY, JPY: 10 * cap.JPY },
      'function export': cap,
      'function approve': cap,
      'function alert': budget,
      'function digest': budget,
      operator: cap,
    });
  });

  it('of a producer is what its merchants may be refunded, where that is less than the total', () => {
    const sources = {
      [WALLET]: { ...SOURCE, namespace: 'n', merchants: ['m_1', 'm_2', 'm_3'], currencies: ['CNY'] },
      [BANK]: { ...SOURCE, namespace: 'n', gateway: undefined, merchants: ['m_2'] },
      '/apart': { ...SOURCE, gateway: undefined },
    };
    const refunds = { budgetPerHourMinor: { merchant: { CNY: 100 }, total: { CNY: 1_000 } } };
    const merchants = { m_3: { budgetPerHourMinor: { CNY: 50 } } };
    const losses = byActor(configuration({ sources, refunds, merchants }));
    expect(losses[`producer ${WALLET}`]).toEqual({ CNY: 250 });
    expect(losses[`producer ${BANK}`]).toEqual({ CNY: 100 });
    expect(losses['producer /apart']).toEqual({ CNY: 0 });
    expect(losses.approver).toEqual({ CNY: 'unbounded' });
  });

  it('is nothing in a currency that no source with a gateway names', () => {
    const sources = { [WALLET]: { ...SOURCE, currencies: ['CNY'] } };
    const capPerHourMinor = { total: { CNY: 7, JPY: 9 } };
    expect(byActor(configuration({ sources, refunds: { capPerHourMinor } })).approver).toEqual({ CNY: 7, JPY: 0 });
  });
});
