import { describe, expect, it } from 'vitest';
import type { Flag, FlagStatus } from '../../../core/cases/flag.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import { judgeListed, type ListedRefund } from '../../../core/refunds/listed-refund.ts';
import { moved } from '../../fixtures/flags.ts';
import { byOthers, listed, refundedFlag } from '../../fixtures/listed-refunds.ts';

describe('what a list says of one flag', () => {
  const one = refundedFlag(1);
  const open = (status: FlagStatus) => moved(one, { status }).after;
  it.each<[string, Flag, readonly ListedRefund[], string]>([
    ['our refund as we have it', one, [listed(one)], 'agrees'],
    ['the same line again, from another page', one, [listed(one), listed(one)], 'agrees'],
    ['no id of the processor', one, [listed(one, { refundId: undefined })], 'agrees'],
    ['a refund made in error, which moved money too', open('refunded-in-error'), [listed(one)], 'agrees'],
    ['another amount', one, [listed(one, { amountMinor: 999 })], 'differs'],
    ['another currency', one, [listed(one, { currency: 'JPY' })], 'differs'],
    ['another charge', one, [listed(one, { chargeId: 'ch_9' })], 'differs'],
    ['another refund id', one, [listed(one, { refundId: 're_9' })], 'differs'],
    ['another attempt', one, [listed(one, { reference: referenceOf({ id: one.id, attempt: 3 }) })], 'differs'],
    ['two refunds in our name', one, [listed(one), listed(one, { refundId: 're_9' })], 'twice'],
    ['ours, and one by others', one, [listed(one), byOthers(one, 1)], 'twice'],
    ['one by others, though ours is done', one, [byOthers(one, 1)], 'twice'],
    ['one that failed for us', open('failed'), [listed(one)], 'not-known'],
    ['one that we dismissed', open('dismissed'), [listed(one)], 'not-known'],
    [
      'one whose outcome we gave up asking for',
      moved(one, { status: 'refunding', unanswered: true }).after,
      [listed(one)],
      'not-known',
    ],
    ['one that we are still asking about', open('refunding'), [listed(one)], 'on-its-way'],
    ['one by others of a charge that we hold', open('held'), [byOthers(one, 1_000)], 'by-others'],
    [
      'parts by others beside our part',
      refundedFlag(1, { refundMinor: 600 }),
      [listed(one, { amountMinor: 600 }), byOthers(one, 400)],
      'agrees',
    ],
    [
      'parts that pass the amount',
      refundedFlag(1, { refundMinor: 600 }),
      [listed(one, { amountMinor: 600 }), byOthers(one, 401)],
      'twice',
    ],
  ])('%s', (_, of, refunds, expected) => {
    const judged = judgeListed(of, refunds);
    expect(judged.kind === 'unreconciled' ? judged.what : judged.kind).toBe(expected);
  });
});
