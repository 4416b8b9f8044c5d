import { describe, expect, it } from 'vitest';
import { epochOf, ruleChangeOf } from '../../../core/detection/epoch.ts';
import { charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';

type Shows = Readonly<Record<string, unknown>>;

const ID = 'same-order';
const of = charge({ chargeId: 'one', mcc: '5311' });

function found(shows: Shows = {}, others: Shows = {}) {
  const catalog = configuration({ detectors: [{ ...SAME_ORDER, ...shows }], ...others });
  const detector = catalog.detectorFor(ID, of);
  if (detector === undefined) throw new Error('the detector judges the charge');
  return { detector: ID, charge: of, epoch: epochOf(detector, of, catalog) };
}

describe('the rule that found a copy', () => {
  it.each<[string, Shows]>([
    ['what it compares', { same: ['amount', 'currency', 'part', 'payer'] }],
    ['its key', { key: ['order'] }],
    ['its window', { window: '6h' }],
    ['how far it looks for review', { reviewWindow: '20h' }],
    ['the spellings that it makes equal', { normalise: { order: ['trim'] } }],
  ])('is another one where %s has changed', (_, shows) => {
    const today = configuration({ detectors: [{ ...SAME_ORDER, ...shows }] });
    expect(ruleChangeOf(found(), today)).toBe('rule');
  });

  it('is another one where the namespace of the source has changed', () => {
    const sources = { [WALLET]: { ...UNATTESTED, namespace: 'other' } };
    expect(ruleChangeOf(found(), configuration({ detectors: [SAME_ORDER], sources }))).toBe('rule');
  });

  it.each<[string, Shows]>([
    ['its action', { action: 'review' }],
    ['its grace', { grace: '5m' }],
    ['its lateness', { lateness: '1h' }],
    ['the exemption of another category', { exempt: { mcc: ['4111'] } }],
  ])('is the same where %s has changed', (_, shows) => {
    expect(ruleChangeOf(found(), configuration({ detectors: [{ ...SAME_ORDER, ...shows }] }))).toBeUndefined();
  });

  it('no longer finds a charge whose category is exempt', () => {
    const today = configuration({ detectors: [{ ...SAME_ORDER, exempt: { mcc: ['5311'] } }] });
    expect(ruleChangeOf(found(), today)).toBe('exempt');
  });

  it('is gone with its detector', () => {
    expect(ruleChangeOf({ detector: 'gone', charge: of }, configuration())).toBe('gone');
  });

  it('is not compared where a copy was found before epochs were stored', () => {
    const { epoch: _, ...before } = found({ window: '6h' });
    expect(ruleChangeOf(before, configuration({ detectors: [SAME_ORDER] }))).toBeUndefined();
  });
});
