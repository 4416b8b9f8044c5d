import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, configurationJson, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';

function problemsOf(json: unknown): string {
  const parsed = parseConfiguration(json);
  return parsed.kind === 'invalid' ? parsed.problems.join('\n') : '';
}

describe('a configuration that is refused', () => {
  const [order, repeat] = [SAME_ORDER, RAPID_REPEAT];
  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      'an unknown action',
      { detectors: [{ ...order, action: 'pay' }] },
      ['detectors.0.action', 'monitor', 'review', 'refund'],
    ],
    [
      'an unknown key field',
      { detectors: [{ ...order, key: ['shop'] }] },
      ['detectors.0.key.0', 'payer', 'merchant', 'order'],
    ],
    ['an unknown field to agree in', { detectors: [{ ...order, same: ['time'] }] }, ['detectors.0.same.0', 'amount']],
    ['a duration without unit', { detectors: [{ ...order, window: '24' }] }, ['detectors.0.window', '"24h"']],
    ['a duration as number', { detectors: [{ ...order, retain: 15 }] }, ['detectors.0.retain', 'string']],
    ['an empty key', { detectors: [{ ...repeat, key: [] }] }, ['detectors.0.key']],
    ['no detector', { detectors: [] }, ['detectors']],
    ['an alert for one refused record', { quarantine: { alertAfter: 1 } }, ['quarantine.alertAfter', '2']],
    ['a counter without a bound', { quarantine: { alertAfter: 5_000 } }, ['quarantine.alertAfter', '1000']],
    ['one id twice', { detectors: [order, order] }, ['detectors.1.id', 'used twice']],
    ['an id with capitals', { detectors: [{ ...order, id: 'Same' }] }, ['detectors.0.id', 'lower-case']],
    [
      'too short a memory',
      { detectors: [{ ...order, retain: '24h' }] },
      ['detectors.0.retain', 'reviewWindow (else window) + lateness'],
    ],
    [
      'a review window below the window',
      { detectors: [{ ...order, reviewWindow: '1h' }] },
      ['detectors.0.reviewWindow'],
    ],
    ['spellings of no key field', { detectors: [{ ...order, normalise: { payer: ['trim'] } }] }, ['normalise.payer']],
    [
      'an unknown spelling',
      { detectors: [{ ...order, normalise: { order: ['soundex'] } }] },
      ['normalise.order.0', 'trim'],
    ],
    ['spellings of an amount', { detectors: [{ ...repeat, normalise: { amount: ['trim'] } }] }, ['normalise']],
    ['near without a bound', { detectors: [{ ...order, near: {} }] }, ['detectors.0.near', 'percent']],
    ['near beside equal amounts', { detectors: [{ ...order, near: { minor: 1 } }] }, ['detectors.0.near', 'amount']],
    [
      'near in any currency',
      { detectors: [{ ...order, same: [], near: { minor: 1 } }] },
      ['detectors.0.near', 'currency'],
    ],
    [
      'near amounts that are refunded',
      { detectors: [{ ...order, same: ['currency'], near: { minor: 1 } }] },
      ['detectors.0.near', 'review'],
    ],
    ['an unlimited chain that is refunded', { detectors: [{ ...order, chain: 'unlimited' }] }, ['detectors.0.chain']],
    [
      'a field in key and in same',
      { detectors: [{ ...order, same: ['order'] }] },
      ['detectors.0.same', 'already in key'],
    ],
    [
      'orders with a payer in its key',
      { detectors: [{ ...repeat, orders: true }] },
      ['detectors.0.key', '["merchant", "order"]'],
    ],
    ['two detectors of orders', { detectors: [order, { ...order, id: 'b' }] }, ['detectors', 'only one']],
    [
      'a category of three digits',
      { detectors: [{ ...repeat, exempt: { mcc: ['411'] } }] },
      ['detectors.0.exempt.mcc.0', 'four digits'],
    ],
    ['an unknown field', { detector: [] }, ['detector']],
    ['an unknown history', { history: 'forget' }, ['history', 'hold', 'judge']],
    [
      'an override of no detector',
      { merchants: { m: { detectors: { no: {} } } } },
      ['merchants.m.detectors.no', 'same-order, rapid-repeat'],
    ],
    [
      'an override longer than memory',
      { merchants: { m: { detectors: { 'rapid-repeat': { window: '2d' } } } } },
      ['merchants.m.detectors.rapid-repeat.window', 'retain'],
    ],
    [
      'an override of a key',
      { merchants: { m: { detectors: { 'same-order': { key: ['order'] } } } } },
      ['merchants.m.detectors.same-order', 'key'],
    ],
    ['a limit in no currency', { refunds: { limitMinor: { yuan: 1 } } }, ['refunds.limitMinor.yuan']],
    ['a limit below nothing', { refunds: { limitMinor: { CNY: -1 } } }, ['refunds.limitMinor.CNY']],
    ['no case of a payer in a day', { refunds: { payerCasesPerDay: 0 } }, ['refunds.payerCasesPerDay']],
    [
      'holds that expire before they are notified again',
      { refunds: { holds: { escalateAfter: '8d' } } },
      ['refunds.holds.expireAfter', 'longer than escalateAfter'],
    ],
    ['a hold for ever', { refunds: { holds: { expireAfter: 'never' } } }, ['refunds.holds.expireAfter', '"24h"']],
    ['a default scheme that is none', { deadlines: { default: 'barter' } }, ['deadlines.default', 'visa, mastercard']],
    [
      'a scheme of no days',
      { deadlines: { schemes: { jcb: { days: 0, reason: '1' } } } },
      ['deadlines.schemes.jcb.days'],
    ],
  ])('%s: the problem names the field and what it may be', (_, shows, parts) => {
    const problems = problemsOf(configurationJson(shows));
    for (const part of parts) expect(problems).toContain(part);
  });

  it.each([[undefined], [null], [[]], ['{}'], [7]])('is %j as a whole', (json) => {
    expect(problemsOf(json)).not.toBe('');
  });

  it('names every problem at once', () => {
    const problems = problemsOf(
      configurationJson({ history: 'x', detectors: [{ ...SAME_ORDER, window: 'x', action: 'x' }] }),
    );
    expect(problems.split('\n').length).toBeGreaterThanOrEqual(3);
  });
});

describe('a configuration', () => {
  it('escalates a hold after a day and ends it after seven, unless it says otherwise', () => {
    const holdsOf = (holds: unknown) => configuration({ refunds: { holds } }).refunds.holds;
    expect(holdsOf({})).toEqual({ escalateAfterMs: 24 * 3_600_000, expireAfterMs: 7 * 24 * 3_600_000 });
    expect(holdsOf({ escalateAfter: '1h', expireAfter: '2h' })).toEqual({
      escalateAfterMs: 3_600_000,
      expireAfterMs: 7_200_000,
    });
  });

  it('lets refunds in 3 cases of a payer go within a day, unless it says otherwise', () => {
    expect(configuration().refunds).toMatchObject({ payerCasesPerDay: 3 });
    expect(configuration({ refunds: { payerCasesPerDay: 1 } }).refunds).toMatchObject({ payerCasesPerDay: 1 });
  });

  it('alerts a source after 100 refused records of an hour, unless it says otherwise', () => {
    expect(configuration().quarantine).toEqual({ alertAfter: 100 });
    expect(configuration({ quarantine: { alertAfter: 20 } }).quarantine).toEqual({ alertAfter: 20 });
  });

  it('has the detectors of a merchant with its overrides, in the same order', () => {
    const merchants = {
      m_2: { detectors: { 'rapid-repeat': { action: 'monitor', window: '1m', exempt: { mcc: [] } } } },
    };
    const { detectorsFor, detectorFor } = configuration({ merchants });
    const of = (merchant: string) => ({ source: WALLET, merchant });
    expect(detectorsFor(of('m_2')).map(({ id }) => id)).toEqual(detectorsFor(of('m_1')).map(({ id }) => id));
    expect(detectorFor('rapid-repeat', of('m_2'))).toMatchObject({
      action: 'monitor',
      windowMs: 60_000,
      retainMs: 25 * 3_600_000,
    });
    expect(detectorFor('rapid-repeat', charge({ chargeId: 'x' }))).toMatchObject({ action: 'review' });
  });
});
