import { describe, expect, it } from 'vitest';
import { explainUnconfirmed } from '../../../core/cases/unconfirmed.ts';
import { judgeLookups, type LookedUp } from '../../../core/refunds/confirmation.ts';
import type { Lookup, ProcessorRecord } from '../../../core/refunds/refund-gateway.ts';
import { charge } from '../../fixtures/charges.ts';

/** A charge and the processor's record of it, which agree but for what the test says. */
function lookedUp(chargeId: string, shows: Partial<ProcessorRecord> = {}, told: Partial<LookedUp['charge']> = {}) {
  const of = charge({ chargeId, ...told });
  const { merchant, order, payer, amountMinor, currency } = of;
  const record = { movement: `m ${chargeId}`, merchant, order, payer, amountMinor, currency };
  const lookup: Lookup = { kind: 'found', ...record, refundableMinor: amountMinor, ...shows };
  return { charge: of, atLeastMinor: of.amountMinor, lookup };
}

const answered = (chargeId: string, lookup: Lookup): LookedUp => ({ ...lookedUp(chargeId), lookup });
const confirmed = { kind: 'confirmed' };
const unconfirmed = (fact: string, chargeId: string) => ({ kind: 'unconfirmed', fact, chargeId });

describe('a refund is confirmed', () => {
  it('where each charge is a movement of its own and the records agree with the events', () => {
    expect(judgeLookups(lookedUp('two'), [lookedUp('one')])).toEqual(confirmed);
  });

  it('without a survivor where the order owes nothing', () => {
    expect(judgeLookups(lookedUp('two'), [])).toEqual(confirmed);
  });

  it.each<[string, Partial<ProcessorRecord>]>([
    ['the order alone', { payer: undefined }],
    ['the payer alone', { order: undefined }],
  ])('by %s', (_, shows) => {
    expect(judgeLookups(lookedUp('two', shows), [lookedUp('one', shows)])).toEqual(confirmed);
  });

  it('where the processor knows a payer or an order that the event did not tell', () => {
    expect(judgeLookups(lookedUp('two', { payer: 'p_1' }, { payer: undefined }), [lookedUp('one')])).toEqual(confirmed);
  });

  it('where exactly the refund is left', () => {
    const two = { ...lookedUp('two', { refundableMinor: 4_000 }), atLeastMinor: 4_000 };
    expect(judgeLookups(two, [lookedUp('one')])).toEqual(confirmed);
  });
});

describe('a refund is unconfirmed', () => {
  const differences: readonly (readonly [string, Partial<ProcessorRecord>])[] = [
    ['other-amount', { amountMinor: 1 }],
    ['other-amount', { currency: 'JPY' }],
    ['other-merchant', { merchant: 'm_2' }],
    ['merchant-unknown', { merchant: undefined }],
    ['other-order', { order: 'o_2' }],
    ['other-payer', { payer: 'p_2' }],
    ['nothing-to-compare', { order: undefined, payer: undefined }],
    ['too-little-left', { refundableMinor: 12_899 }],
  ];

  it.each(differences)('as %s where the record of the charge shows %j', (fact, shows) => {
    expect(judgeLookups(lookedUp('two', shows), [lookedUp('one')])).toEqual(unconfirmed(fact, 'two'));
  });

  it.each(differences)('as %s where the record of the survivor shows %j', (fact, shows) => {
    expect(judgeLookups(lookedUp('two'), [lookedUp('one', shows)])).toEqual(unconfirmed(fact, 'one'));
  });

  it.each<[string, Lookup]>([
    ['cannot-look-up', { kind: 'unsupported' }],
    ['not-found', { kind: 'not-found' }],
    ['no-answer', { kind: 'unknown', reason: 'http 503' }],
  ])('as %s, also where only the survivor is so', (fact, lookup) => {
    expect(judgeLookups(answered('two', lookup), [lookedUp('one')])).toEqual(unconfirmed(fact, 'two'));
    expect(judgeLookups(lookedUp('two'), [answered('one', lookup)])).toEqual(unconfirmed(fact, 'one'));
  });

  it('as one-movement where two charges have one movement', () => {
    const [two, one] = [lookedUp('two', { movement: 'm' }), lookedUp('one', { movement: 'm' })];
    expect(judgeLookups(two, [one])).toEqual(unconfirmed('one-movement', 'one'));
  });

  it('as one-movement where both events name one payment, whatever the gateway answers', () => {
    const payment = { payment: 'pay_1' };
    expect(judgeLookups(lookedUp('two', {}, payment), [lookedUp('one', {}, payment)])).toEqual(
      unconfirmed('one-movement', 'one'),
    );
  });

  it('where neither told nor known order and payer can be compared', () => {
    const nothing = { order: undefined, payer: undefined };
    expect(judgeLookups(lookedUp('two', { payer: 'p_1' }, nothing), [lookedUp('one')])).toEqual(
      unconfirmed('nothing-to-compare', 'two'),
    );
  });

  it('in a sentence that names the charge', () => {
    expect(explainUnconfirmed({ fact: 'one-movement', chargeId: 'one' })).toBe(
      'the processor has one movement of money for this charge and one',
    );
  });
});
