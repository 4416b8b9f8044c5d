import { describe, expect, it } from 'vitest';
import { surplusOf } from '../../../core/detection/charge-view.ts';
import { charge, START_MS, WALLET } from '../../fixtures/charges.ts';
import { permutations } from '../../fixtures/permutations.ts';
import { type Change, closedAs, idOf, see, viewOf } from '../../fixtures/views.ts';

const first = charge({ chargeId: 'ch_1' });
const second = charge({ chargeId: 'ch_2' });

describe('owe', () => {
  it('makes every standing charge of an order closed unpaid surplus, and each that still comes', () => {
    const { view } = see(viewOf([first], closedAs('unpaid')), { ...second, part: 'balance' });
    expect(surplusOf(view).map(({ entry }) => entry.id)).toEqual([idOf(first), idOf(second)]);
  });

  it('owes one again, in each cluster, when the order is paid after all', () => {
    const balance = charge({ chargeId: 'ch_3', part: 'balance' });
    const view = viewOf([first, second, balance], closedAs('unpaid'), closedAs('paid', START_MS + 1));
    expect(surplusOf(view).map(({ entry }) => entry.id)).toEqual([idOf(second)]);
  });

  it.each<[string, readonly (readonly [number, 'paid' | 'unpaid'])[], 0 | 1]>([
    [
      'paid, then unpaid',
      [
        [1, 'paid'],
        [2, 'unpaid'],
      ],
      0,
    ],
    [
      'unpaid, then paid',
      [
        [1, 'unpaid'],
        [2, 'paid'],
      ],
      1,
    ],
    [
      'both at one moment',
      [
        [1, 'unpaid'],
        [1, 'paid'],
      ],
      1,
    ],
  ])('ends the same in any order for an order closed as %s', (_, closings, owed) => {
    const changes = closings.map(([at, outcome]) => closedAs(outcome, START_MS + at));
    for (const order of permutations(changes)) expect(viewOf([], ...order).window.closed?.owed).toBe(owed);
  });

  it.each<[string, readonly Change[], object]>([
    ['its source', [closedAs('unpaid')], { source: WALLET }],
    ['a closing as paid before it', [closedAs('paid'), closedAs('unpaid', START_MS + 1)], { afterPaid: true }],
    [
      'a closing as paid before it that comes late',
      [closedAs('unpaid', START_MS + 1), closedAs('paid')],
      { afterPaid: true },
    ],
    ['an older closing as unpaid', [closedAs('paid', START_MS + 1), closedAs('unpaid')], { owed: 1, overrules: true }],
  ])('remembers %s', (_, closings, closed) => {
    expect(viewOf([first], ...closings).window.closed).toMatchObject(closed);
  });

  it('moves the decisive version for a closing as paid that comes late, and for no repetition', () => {
    const unpaid = viewOf([first], closedAs('unpaid', START_MS + 1, START_MS + 1));
    const late = closedAs('paid', START_MS, START_MS + 2)(unpaid);
    expect([unpaid, late].map(({ window }) => window.decisiveVersion)).toEqual([START_MS + 1, START_MS + 2]);
    expect(closedAs('paid', START_MS, START_MS + 3)(late).window).toBe(late.window);
  });

  it('alone moves the version that claims are conditional on', () => {
    const [empty, filed, closed] = [viewOf([]), viewOf([first, second]), viewOf([first], closedAs('paid'))];
    expect([empty, filed, closed].map(({ window }) => window.decisiveVersion)).toEqual([0, 0, START_MS]);
  });
});
