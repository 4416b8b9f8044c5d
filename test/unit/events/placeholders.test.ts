import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { appliesTo } from '../../../core/detection/detector.ts';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { DEFAULT_PLACEHOLDERS, placeholderTest } from '../../../core/events/placeholders.ts';
import { configuration, configurationJson, detector } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const NIL_UUID = '00000000-0000-0000-0000-000000000000';
const RULES = configuration();
const FIELDS = ['payer', 'order', 'instrument', 'part', 'channel', 'payment'];

function chargeOf(data: object, rules = RULES) {
  const result = parseEvent(bytesOf(wireEvent({ data: { ...data } })), WIRE_EVENT_MS, rules);
  if (result.kind === 'rejected' || result.event.kind !== 'charge.captured') throw new Error(JSON.stringify(result));
  return result.event.charge;
}

function rejectionOf(json: unknown, rules = RULES) {
  return parseEvent(bytesOf(json), WIRE_EVENT_MS, rules);
}

describe('a placeholder', () => {
  it.each(FIELDS)('is no %s', (field) => {
    for (const text of [...DEFAULT_PLACEHOLDERS, NIL_UUID, '000', '---', ' Guest ', 'N/A', 'Null', 'UNKNOWN']) {
      expect(chargeOf({ [field]: text })).toMatchObject({ [field]: undefined });
    }
  });

  it.each(['p_0', '10', '0x0', 'nathan', 'guest_1', 'test', 'N', '1-', '0000-0001', 'none of these'])(
    'is not %s',
    (text) => {
      expect(chargeOf({ order: text })).toMatchObject({ order: text });
    },
  );

  it('leaves an event of a lifecycle as it leaves its capture', () => {
    const json = wireEvent({ type: 'charge.voided', data: { payer: '0', order: 'NA' } });
    expect(rejectionOf(json)).toMatchObject({ event: { charge: { payer: undefined, order: undefined } } });
  });

  it('lets no detector apply whose key has the field', () => {
    expect(appliesTo(detector('same-order'), chargeOf({ order: 'NA' }))).toBe(false);
    expect(appliesTo(detector('rapid-repeat'), chargeOf({ payer: '0' }))).toBe(false);
    expect(appliesTo(detector('same-order'), chargeOf({ payer: '0' }))).toBe(true);
  });

  it.each([
    ['merchant', wireEvent({ data: { merchant: 'N/A' } })],
    ['chargeId', wireEvent({ data: { chargeId: '0' } })],
    ['chargeId', wireEvent({ type: 'charge.voided', data: { chargeId: NIL_UUID } })],
    ['merchant', wireEvent({ type: 'order.closed', data: { outcome: 'unpaid', merchant: 'unknown' } })],
    ['order', wireEvent({ type: 'order.closed', data: { outcome: 'unpaid', order: 'none' } })],
  ])('cannot be the %s that an event must name', (field, json) => {
    expect(rejectionOf(json)).toMatchObject({
      reason: 'schema',
      detail: expect.stringMatching(new RegExp(`^data\\.${field}: is a placeholder.*"placeholders"`)),
    });
  });
});

describe('the list of placeholders', () => {
  it('is the one that the page about events shows', () => {
    const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
    const [, section = ''] = /## Placeholders([\s\S]*?)\n## /.exec(page) ?? [];
    const rows = section.split('\n').filter((line) => /^\| `/.test(line));
    const shown = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, text]) => text));
    expect(shown).toEqual(DEFAULT_PLACEHOLDERS);
  });

  it('replaces the default, zeros and hyphens included', () => {
    const rules = configuration({ placeholders: [' Walk-In '] });
    expect(chargeOf({ payer: 'WALK-IN', order: '0', part: '-', channel: 'na' }, rules)).toMatchObject({
      payer: undefined,
      order: '0',
      part: '-',
      channel: 'na',
    });
    expect(chargeOf({ payer: '0' }, configuration({ placeholders: [] }))).toMatchObject({ payer: '0' });
  });

  it.each([
    ['a blank entry', [' '], 'placeholders.0: must not be blank'],
    ['a long entry', ['x'.repeat(41)], 'placeholders.0'],
    ['no list', 'na', 'placeholders'],
    ['a number', [0], 'placeholders.0'],
  ])('is refused with %s', (_what, placeholders, problem) => {
    const parsed = parseConfiguration(configurationJson({ placeholders }));
    expect(parsed).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining(problem)] });
  });

  it('finds each of its entries in any case and with any space around it, and nothing longer', () => {
    const entry = fc.stringMatching(/^[a-z/]{1,9}$/);
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), entry, (list, other) => {
        const isPlaceholder = placeholderTest(list);
        expect(list.every((text) => isPlaceholder(` ${text.toUpperCase()}\t`))).toBe(true);
        expect(isPlaceholder(other)).toBe(list.includes(other));
        expect(isPlaceholder(`${list[0]}_1`)).toBe(false);
      }),
    );
  });
});
