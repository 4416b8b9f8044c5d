import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Flag, REASONS_TO_WAIT } from '../../../core/cases/flag.ts';
import { flagSchema } from '../../../core/cases/flag-schema.ts';
import { type JudgedFacts, judgedFactsSchema } from '../../../core/cases/judged-facts.ts';
import { groundsOf, reasonsOf } from '../../../core/cases/sentences.ts';
import { GROUNDS } from '../../../core/detection/charge-record.ts';
import { arbitraryOf } from '../../fixtures/arbitrary-of.ts';
import { charge } from '../../fixtures/charges.ts';
import { flag, wait } from '../../fixtures/flags.ts';

const WHOLE_ENGLISH = /^[A-Z/\d].*\.$/;
const WHOLE_CHINESE = /[\u4e00-\u9fff].*。$/;
const BROKEN_VALUE = /undefined|NaN|null|Infinity|\[object/;
const BROKEN = /undefined|NaN|null|Infinity|\[object|\{|\}| {2}/;

it.each(REASONS_TO_WAIT)('%s has a sentence that is true without facts', (reason) => {
  const [told] = reasonsOf(withoutOriginal(flag({ status: 'held', wait: wait({ waitsFor: [reason] }) })), 'shown');
  expect(told?.sentence.en).toMatch(WHOLE_ENGLISH);
  expect(told?.sentence.zh).toMatch(WHOLE_CHINESE);
  expect(JSON.stringify(told)).not.toMatch(BROKEN_VALUE);
});

it('a sentence is whole, whatever the flag has', () => {
  const token = fc.stringMatching(/^[a-z]{1,6}_[0-9]{1,4}$/);
  const source = fc.stringMatching(/^\/[a-z]{1,9}$/);
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  const charges = fc.record({
    source,
    chargeId: token,
    merchant: token,
    payer: maybe(token),
    order: maybe(token),
    instrument: maybe(token),
    amountMinor: fc.nat({ max: 1e9 }),
    currency: fc.constantFrom('CNY', 'JPY', 'KWD', 'USD'),
  });
  const facts = arbitraryOf(judgedFactsSchema).map((any) => clean(any));
  const flags = fc
    .record({
      charge: charges,
      original: maybe(charges),
      isOriginal: fc.boolean(),
      action: fc.constantFrom('refund', 'review'),
      facts,
    })
    .map(({ charge: shown, original: other, isOriginal, action, facts: known }): readonly Flag[] => {
      const { source, chargeId } = shown;
      const found = isOriginal ? { original: { source, chargeId } } : {};
      const shows = {
        charge: charge(shown),
        ...found,
        action,
        ...(other && { originalCharge: charge(other) }),
      } as const;
      const whole = [
        flag({ ...shows, status: 'held', wait: wait({ waitsFor: [...REASONS_TO_WAIT], facts: known }) }),
        flag({ ...shows, status: 'refunded', restsOn: [...GROUNDS], facts: known }),
      ];
      return other === undefined ? whole.map(withoutOriginal) : whole;
    });
  fc.assert(
    fc.property(flags, fc.constantFrom('shown', 'hidden'), (found, tokens) => {
      const told = found.flatMap((each) => [...reasonsOf(each, tokens), ...groundsOf(each, tokens)]);
      expect(told).toHaveLength(REASONS_TO_WAIT.length + GROUNDS.length);
      for (const { sentence } of told) {
        expect(sentence.en).toMatch(WHOLE_ENGLISH);
        expect(sentence.zh).toMatch(WHOLE_CHINESE);
        expect(`${sentence.en}${sentence.zh}`).not.toMatch(BROKEN);
      }
    }),
  );
});

/** The flag of an original that another window holds. */
function withoutOriginal(of: Flag): Flag {
  const { originalCharge: _, ...rest } = of;
  return flagSchema.parse(rest);
}

/** The names of choices: what the schema lists, a text must not replace. */
const CHOICES = ['doubt', 'because', 'of', 'action', 'fact', 'about', 'attestation', 'change'];

/** Generated texts may hold anything, and times lie beyond what a date can hold. */
function clean(facts: JudgedFacts): JudgedFacts {
  const text = JSON.stringify(facts, (name, value) => {
    if (typeof value === 'number') return Math.abs(value) % 1e12;
    return typeof value === 'string' && !CHOICES.includes(name) ? '/source' : value;
  });
  return judgedFactsSchema.parse(JSON.parse(text));
}
