import fc from 'fast-check';
import { expect, it } from 'vitest';
import { namedSource } from '../../../core/events/named-source.ts';
import { bytesOf } from '../../fixtures/wire-events.ts';

it.each([
  ['the source of an event', { source: '/processors/acme' }, '/processors/acme'],
  ['a source with a card number, masked', { source: '/p/4111111111111111' }, '/p/****1111'],
  ['a source without what no person could read', { source: 'a\u202eb\nc' }, 'a?b?c'],
  ['a long source, cut', { source: 's'.repeat(300) }, 's'.repeat(256)],
  ['none where the source is blank', { source: ' ' }, undefined],
  ['none where the source is no text', { source: 7 }, undefined],
  ['none where the record is a list', [{ source: 's' }], undefined],
  ['none where the record is no JSON', '{"source": "s"', undefined],
  ['none where the record is too large', { source: 's', padding: 'x'.repeat(33 * 1_024) }, undefined],
])('names %s', (_, record, source) => {
  expect(namedSource(bytesOf(record))).toBe(source);
});

it('never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      namedSource(bytes);
    }),
  );
});
