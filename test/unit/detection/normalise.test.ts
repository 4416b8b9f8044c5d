import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, fingerprintOfOrder } from '../../../core/detection/fingerprint.ts';
import { NORMALISERS, type Normaliser, normalised, versionOf } from '../../../core/detection/normalise.ts';
import { charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, detector, digests, SAME_ORDER } from '../../fixtures/configurations.ts';

describe('a normalised token', () => {
  it.each<[Normaliser, string, string]>([
    ['trim', ' o_5\u00a0', 'o_5'],
    ['case', 'Of-8KQ2', 'of-8kq2'],
    ['leading-zeros', '00017', '17'],
    ['leading-zeros', '000', '0'],
    ['leading-zeros', '00a', '00a'],
    ['retry-suffix', 'OF-8KQ2_1', 'OF-8KQ2'],
    ['retry-suffix', 'OF-8KQ2', 'OF-8KQ2'],
    ['retry-suffix', '10045-12', '10045'],
    ['retry-suffix', '10045-123', '10045-123'],
    ['retry-suffix', '10045-1-2', '10045-1'],
    ['retry-suffix', 'chk-4', 'chk-4'],
    ['retry-suffix', 'check-4', 'check-4'],
    ['retry-suffix', 'o_5', 'o_5'],
  ])('by %s: %j is %j', (name, token, expected) => {
    expect(normalised(token, [name])).toBe(expected);
  });

  it('is never blank, and stays what it is when it comes again without a suffix', () => {
    const token = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');
    const settled = NORMALISERS.filter((name) => name !== 'retry-suffix');
    fc.assert(
      fc.property(token, (text) => {
        expect(normalised(text, NORMALISERS).trim()).not.toBe('');
        expect(normalised(normalised(text, settled), settled)).toBe(normalised(text, settled));
      }),
    );
  });

  it('applies its functions in order, each in a version that is part of the notion', () => {
    expect(normalised(' 0012 ', ['trim', 'leading-zeros'])).toBe('12');
    expect(normalised(' 0012 ', ['leading-zeros', 'trim'])).toBe('0012');
    expect(NORMALISERS.map(versionOf)).toEqual(['trim@1', 'case@1', 'leading-zeros@1', 'retry-suffix@1']);
  });
});

it('puts spellings of one order into one window, closings of the order too', () => {
  const { namespaceOf } = configuration();
  const shown = { detectors: [{ ...SAME_ORDER, normalise: { order: ['case', 'retry-suffix'] } }] };
  const [exact, loose] = [detector('same-order'), detector('same-order', shown)];
  const keys = { digests, namespaceOf };
  const [one, two] = ['OF-8KQ2_1', 'of-8kq2_2'].map((order) => charge({ chargeId: order, order }));
  expect(fingerprintOf(exact, one!, keys)).not.toBe(fingerprintOf(exact, two!, keys));
  expect(fingerprintOf(loose, one!, keys)).toBe(fingerprintOf(loose, two!, keys));
  const closed = { source: WALLET, merchant: one!.merchant, order: 'OF-8kq2' };
  expect(fingerprintOfOrder(loose, closed, keys)).toBe(fingerprintOf(loose, one!, keys));
});
