import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEventMap } from '../../../adapters/files/event-map.ts';
import { mapRow } from '../../../adapters/files/map-row.ts';

const CHARGE_MAP = {
  source: { const: '/files/shop' },
  chargeId: 'id',
  payer: 'payer',
  merchant: 'shop',
  amount: { column: 'amount', decimal: true },
  currency: 'cur',
  time: 'at',
};
const ROW = { id: 'ch_1', payer: 'p_1', shop: 'm_1', amount: '12.90', cur: 'CNY', at: '2024-11-11T01:12:03.120+08:00' };

function map(changes: object = {}) {
  return parseEventMap({ ...CHARGE_MAP, ...changes }, 'map.json');
}

function wire(row: object, changes: object = {}) {
  const mapped = mapRow({ ...ROW, ...row }, map(changes));
  if (mapped.kind !== 'event') throw new Error(JSON.stringify(mapped));
  return mapped.wire;
}

describe('a map', () => {
  test.each([
    ['a missing field', { source: undefined }, /source: is missing/],
    ['an unknown field', { colour: 'x' }, /unknown field colour; allowed are type, source, time/],
    ['an unknown event type', { type: { const: 'charge.lost' } }, /type: must be .*charge\.captured, charge\.failed/],
    ['a bad time format', { time: { column: 'at', format: 'dd/MM' } }, /time\.format: must be "iso"/],
    ['a bad zone', { time: { column: 'at', zone: 'Beijing' } }, /time\.zone: must be "Z"/],
    ['a token of the wrong kind', { payer: 7 }, /payer: must be a column name/],
    [
      'a type without its fields',
      { type: { const: 'charge.refunded' }, refundId: 'refund' },
      /charge\.refunded needs refundedTotal, or refundId and refundAmount/,
    ],
    ['captures without a merchant', { merchant: undefined }, /charge\.captured needs merchant/],
    [
      'adjustments without an amount',
      { type: { const: 'charge.adjusted' }, amount: undefined },
      /adjusted needs amount/,
    ],
  ])('with %s is refused by name', (_, change, message) => {
    expect(() => map(change)).toThrow(message);
  });

  test('of the examples is valid', () => {
    expect(() => parseEventMap(JSON.parse(readFileSync('examples/pcard-map.json', 'utf8')), 'pcard')).not.toThrow();
  });
});

describe('a mapped row', () => {
  test('is a payment event with minor units and UTC time', () => {
    expect(wire({})).toMatchObject({
      specversion: '1.0',
      source: '/files/shop',
      type: 'charge.captured',
      time: '2024-11-10T17:12:03.120Z',
      data: { chargeId: 'ch_1', payer: 'p_1', merchant: 'm_1', amount: { value: 1290, currency: 'CNY' } },
    });
  });

  test('may have no payer, and carries payment and order total where the map says where from', () => {
    const row = { intent: 'pi_1', total: '20.00' };
    const orderTotal = { column: 'total', decimal: true };
    expect(wire(row, { payer: undefined, payment: 'intent', orderTotal }).data).toEqual({
      chargeId: 'ch_1',
      merchant: 'm_1',
      payment: 'pi_1',
      amount: { value: 1290, currency: 'CNY' },
      orderTotal: { value: 2000, currency: 'CNY' },
    });
    expect(wire({ intent: 'pi_1', total: '' }, { payment: 'intent', orderTotal }).data).not.toHaveProperty(
      'orderTotal',
    );
  });

  test('of a type after the capture needs its charge alone', () => {
    const bare = { payer: undefined, merchant: undefined, amount: undefined, currency: undefined };
    expect(wire({}, { ...bare, type: { const: 'charge.voided' } }).data).toEqual({ chargeId: 'ch_1' });
    expect(wire({ amount: '' }, { type: { const: 'charge.voided' } }).data).not.toHaveProperty('amount');
  });

  test('may tell one refund by its id, or all of them', () => {
    const amounts = { refundedTotal: { column: 'all', decimal: true }, refundAmount: { column: 'one', decimal: true } };
    const change = { type: { const: 'charge.refunded' }, refundId: 'refund', refundStatus: 'state', ...amounts };
    const one = wire({ refund: 'r_1', one: '3.00', state: 'failed' }, change).data;
    expect(one).toMatchObject({ refundId: 'r_1', refundAmount: 300, refundStatus: 'failed' });
    expect(one).not.toHaveProperty('refundedTotal');
    expect(wire({ all: '5.00' }, change).data).toMatchObject({ refundedTotal: 500 });
  });

  test('has the same id each time, and another for another charge', () => {
    expect(wire({}).id).toBe(wire({}).id);
    expect(wire({ id: 'ch_2' }).id).not.toBe(wire({}).id);
  });

  test.each([
    ['12', 'CNY', 1200],
    ['0.07', 'CNY', 7],
    ['12.900', 'CNY', 1290],
    ['500', 'JPY', 500],
    ['1.234', 'KWD', 1234],
  ])('reads the decimal %s %s as %i minor units', (amount, cur, value) => {
    expect(wire({ amount, cur }).data).toMatchObject({ amount: { value } });
  });

  test.each([
    ['a decimal comma', { amount: '12,90' }, { amount: { column: 'amount', decimal: ',' } }, 1290],
    ['minor units', { amount: '1290' }, { amount: 'amount' }, 1290],
    [
      'a minus that means nothing',
      { amount: '-3.00' },
      { amount: { column: 'amount', decimal: true, negative: 'absolute' } },
      300,
    ],
  ])('reads %s', (_, row, change, value) => {
    expect(wire(row, change).data).toMatchObject({ amount: { value } });
  });

  test.each([
    ['more digits than the currency has', { amount: '1.999' }, /more digits than CNY/],
    ['no number', { amount: 'ten' }, /amount: "ten" in column amount/],
    ['an unexplained minus', { amount: '-1.00' }, /negative and the map does not say/],
    ['an unknown currency', { cur: 'yuan' }, /not an upper-case ISO 4217/],
    ['a time without a zone', { at: '2024-11-11T01:12:03' }, /time: .* is not of the format iso/],
  ])('with %s is unusable, and says why', (_, row, detail) => {
    expect(mapRow({ ...ROW, ...row }, map())).toMatchObject({
      kind: 'unusable',
      detail: expect.stringMatching(detail),
    });
  });

  test.each([
    ['2024-11-11', { format: 'yyyy-MM-dd' }, '2024-11-11T00:00:00.000Z'],
    ['11.11.2024 01:12:03', { format: 'dd.MM.yyyy HH:mm:ss', zone: '+08:00' }, '2024-11-10T17:12:03.000Z'],
    ['1731258723', { format: 'epoch-s' }, '2024-11-10T17:12:03.000Z'],
    ['1731258723120', { format: 'epoch-ms' }, '2024-11-10T17:12:03.120Z'],
  ])('reads the time %s', (at, rule, time) => {
    expect(wire({ at }, { time: { column: 'at', ...rule } }).time).toBe(time);
  });

  test('of a day that does not exist is unusable', () => {
    const rule = { time: { column: 'at', format: 'yyyy-MM-dd' } };
    expect(mapRow({ ...ROW, at: '2024-02-31' }, map(rule)).kind).toBe('unusable');
  });

  test.each([
    ['by its type', { kind: 'refund' }, 'names no charge'],
    ['by a skip rule', { kind: 'sale', state: 'test' }, 'test payments'],
    ['by a negative amount', { kind: 'sale', amount: '-1.00' }, 'money back'],
  ])('is skipped %s with the reason of the map', (_, row, reason) => {
    const change = {
      type: { column: 'kind', values: { sale: 'charge.captured', refund: { skip: 'names no charge' } } },
      amount: { column: 'amount', decimal: true, negative: { skip: 'money back' } },
      skip: [{ column: 'state', in: ['test'], reason: 'test payments' }],
    };
    expect(mapRow({ ...ROW, ...row }, map(change))).toEqual({ kind: 'skipped', reason });
  });

  test('of a type that the map does not name is unusable', () => {
    const change = { type: { column: 'kind', values: { sale: 'charge.captured' } } };
    expect(mapRow({ ...ROW, kind: 'gift' }, map(change))).toMatchObject({
      kind: 'unusable',
      detail: 'type: "gift" in column kind; the map knows sale',
    });
  });

  test('reaches into objects by a dotted column and translates cells', () => {
    const changes = { payer: 'who.card', currency: { column: 'cur', values: { RMB: 'CNY' } } };
    expect(wire({ who: { card: 'p_9' }, cur: 'RMB' }, changes).data).toMatchObject({
      payer: 'p_9',
      amount: { currency: 'CNY' },
    });
  });
});
