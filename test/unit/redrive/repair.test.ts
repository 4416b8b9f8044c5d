import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/clock-units.ts';
import { type FieldMove, isObject, moveField } from '../../../core/redrive/field-moves.ts';
import type { QuarantinedItem } from '../../../core/redrive/quarantined-item.ts';
import { type RepairRule, repair } from '../../../core/redrive/repair.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { quarantinedItem } from '../../fixtures/quarantined.ts';
import { bytesOf, wireEvent } from '../../fixtures/wire-events.ts';

const rules = configuration();
const RELEASE: RepairRule = { kind: 'release' };

function repaired(event: unknown, rule: RepairRule, shows: Partial<QuarantinedItem> = {}) {
  const bytes = bytesOf(event);
  const outcome = repair(quarantinedItem({ byteCount: bytes.byteLength, ...shows }), bytes, {
    rule,
    rules,
    signerOf: () => undefined,
  });
  if (outcome.kind === 'refused') return outcome;
  return { ...outcome.record, bytes: undefined, event: JSON.parse(new TextDecoder().decode(outcome.record.bytes)) };
}

function shift(shiftMs: number): RepairRule {
  return { kind: 'change', moves: [], shiftMs };
}

function map(...moves: readonly (readonly [string, string])[]): RepairRule {
  const paths = moves.map(([from, to]) => ({ from: from.split('.'), to: to.split('.') }));
  return { kind: 'change', moves: paths, shiftMs: 0 };
}

describe('a rule that shifts the time', () => {
  const ahead = wireEvent({ time: '2024-11-11T03:12:03.120Z' });

  it('moves a local time that was sent as UTC to the instant that it meant', () => {
    expect(repaired(ahead, shift(-2 * HOUR_MS))).toMatchObject({
      partitionKey: 'p_77',
      event: { time: '2024-11-11T01:12:03.120Z', data: { chargeId: 'ch_1' } },
    });
  });

  it('keeps the offset of a time in its instant', () => {
    const local = wireEvent({ time: '2024-11-11T11:12:03+08:00' });
    expect(repaired(local, shift(-2 * HOUR_MS))).toMatchObject({ event: { time: '2024-11-11T01:12:03.000Z' } });
  });

  it('refuses a time that is still ahead of the arrival, however long the record has waited', () => {
    expect(repaired(ahead, shift(-HOUR_MS))).toMatchObject({ kind: 'refused', reason: 'future' });
  });

  it.each([undefined, 5, '11/11/2024 00:03'])('refuses an event whose time is %s', (time) => {
    const refusal = { kind: 'refused', reason: 'rule', detail: 'time is not there, or is no RFC 3339 time' };
    expect(repaired(wireEvent({ time }), shift(HOUR_MS))).toEqual(refusal);
  });
});

describe('a rule that maps a field', () => {
  it('moves the value and leaves nothing behind', () => {
    const { data, ...event } = wireEvent({ data: { merchant: undefined, merchantId: 'm_9' } });
    const outcome = repaired({ ...event, data }, map(['data.merchantId', 'data.merchant']));
    expect(outcome).toMatchObject({ event: { data: { merchant: 'm_9' } } });
    expect(outcome).not.toHaveProperty('event.data.merchantId');
  });

  it('makes the objects that a path needs, and maps several fields in their order', () => {
    const event = wireEvent({ data: { amount: undefined, cents: 12_900, cur: 'CNY' } });
    const rule = map(['data.cents', 'data.amount.value'], ['data.cur', 'data.amount.currency']);
    expect(repaired(event, rule)).toMatchObject({ event: { data: { amount: { value: 12_900, currency: 'CNY' } } } });
  });

  it.each([
    ['a field that is not there', [['data.shop', 'data.merchant']], /^data\.shop is not there$/],
    ['a name that is taken', [['data.order', 'data.merchant']], /^data\.merchant is there already$/],
    [
      'a path through a token',
      [['data.order', 'data.payer.id']],
      /^data\.payer\.id lies in a field that is no object$/,
    ],
  ] as const)('refuses %s', (_, moves, detail) => {
    expect(repaired(wireEvent(), map(...moves))).toMatchObject({
      reason: 'rule',
      detail: expect.stringMatching(detail),
    });
  });

  it('overwrites a blank value', () => {
    const event = wireEvent({ data: { merchant: ' ', shop: 'm_9' } });
    expect(repaired(event, map(['data.shop', 'data.merchant']))).toMatchObject({
      event: { data: { merchant: 'm_9' } },
    });
  });

  it('refuses a record whose outcome would be quarantined again', () => {
    const event = wireEvent({ data: { merchant: undefined, shop: 5 } });
    expect(repaired(event, map(['data.shop', 'data.merchant']))).toMatchObject({ reason: 'schema' });
  });

  it('refuses a record with a repeated name: its new text would have one reading that nobody chose', () => {
    const text = JSON.stringify(wireEvent()).replace('"order":', '"shop":"m_9","order":"o_4","order":');
    expect(repaired(text, map(['data.shop', 'data.part']))).toMatchObject({ kind: 'refused', reason: 'rule' });
  });

  it('takes names such as __proto__ for names', () => {
    const event: unknown = JSON.parse('{"__proto__":{"x":1},"a":2}');
    if (!isObject(event)) throw new Error('no object');
    const moved = moveField(event, { from: ['a'], to: ['__proto__', 'y'] });
    expect(moved.kind === 'moved' && JSON.stringify(moved.event)).toBe('{"__proto__":{"x":1,"y":2}}');
    expect(({} as { readonly y?: unknown }).y).toBeUndefined();
  });

  it('gives the event back when the move is undone', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 3 });
    const tree = fc.letrec<{ tree: unknown; object: { [name: string]: unknown } }>((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, fc.integer(), tie('object')),
      object: fc.dictionary(name, tie('tree'), { maxKeys: 3 }),
    })).object;
    fc.assert(
      fc.property(tree, path, path, (event, from, to) => {
        const there = moveField(event, { from, to });
        if (there.kind === 'refused') return;
        const back = moveField(there.event, { from: to, to: from } satisfies FieldMove);
        fc.pre(back.kind === 'moved');
        expect(leavesOf(back.event)).toEqual(leavesOf(event));
      }),
    );
  });
});

/** Each value that is no object, with its path. */
function leavesOf(value: unknown, path = ''): readonly string[] {
  if (!isObject(value)) return [`${path}=${String(value)}`];
  return Object.entries(value)
    .flatMap(([name, member]) => leavesOf(member, `${path}.${name}`))
    .toSorted();
}

describe('a release', () => {
  it('sends the record as it came, under its payer', () => {
    expect(repaired(wireEvent(), RELEASE, { reason: 'unknown-source' })).toMatchObject({ event: wireEvent() });
  });

  it('sends a closed order under its order', () => {
    const closed = wireEvent({ type: 'order.closed', data: { outcome: 'unpaid' } });
    expect(repaired(closed, RELEASE)).toMatchObject({ partitionKey: 'm_9/o_5' });
  });

  it('refuses what the registry still refuses', () => {
    expect(repaired(wireEvent({ source: '/processors/new' }), RELEASE)).toMatchObject({ reason: 'unknown-source' });
  });
});

describe('a record whose card data was masked', () => {
  it.each<[string, RepairRule]>([
    ['released', RELEASE],
    ['shifted', shift(-HOUR_MS)],
  ])('is not %s: the mask would be taken for a payer', (_, rule) => {
    expect(repaired(wireEvent(), rule, { isMasked: true })).toMatchObject({ reason: 'masked' });
    expect(repaired(wireEvent(), rule, { byteCount: 9_999 })).toMatchObject({ reason: 'masked' });
  });

  it('can be replaced by a whole event', () => {
    const rule: RepairRule = { kind: 'replace', bytes: bytesOf(wireEvent({ id: 'evt_2' })) };
    expect(repaired('****1111', rule, { isMasked: true })).toMatchObject({ event: { id: 'evt_2' } });
  });
});
