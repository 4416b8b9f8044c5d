import { beforeEach, describe, expect, it } from 'vitest';
import type { Flag } from '../../core/cases/flag.ts';
import { arrival, captured, charge, MINUTE, SECOND } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DetectionContext, detectionContext, judgeAndRaise } from '../fixtures/contexts.ts';
import { createDesk, queryContext } from '../unit/api/desk.ts';

const AMOUNT_MINOR = 1_200;
const REASON = { reason: 'it is right' };
const CAPS = { merchant: { CNY: 60 }, total: { CNY: 100 } };
const NONE = '0'.repeat(32);
const AGAIN = { status: 401, body: { code: 'sign-in-again' } };

let context: DetectionContext;
let flag: Flag;

beforeEach(async () => {
  context = detectionContext(settings(AMOUNT_MINOR - 1));
  for (const n of [1, 2]) {
    const event = captured(charge({ chargeId: `ch_${n}`, order: 'o_1', amountMinor: AMOUNT_MINOR }));
    await judgeAndRaise([arrival(event)], context);
  }
  const [raised] = context.cases.allFlags();
  if (raised === undefined) throw new Error('no flag was raised');
  flag = raised;
});

function settings(twoAboveMinor: number) {
  return configuration({ refunds: { twoPeopleAboveMinor: { CNY: twoAboveMinor }, capPerHourMinor: CAPS } });
}

const deskOf = (twoAboveMinor = AMOUNT_MINOR - 1) =>
  createDesk({ ...queryContext(context), configuration: settings(twoAboveMinor) });
const signedIn = (ageMs: number) => ({ groups: '[admin]', signedInMs: context.nowMs() - ageMs });
const raise = () => ({
  currency: 'CNY',
  maxMinor: 300,
  until: new Date(context.nowMs() + MINUTE).toISOString(),
  ...REASON,
});
const ACTS = [
  ['the approval of a large refund', () => [`/flags/${flag.id}/approve`, REASON]],
  ['the approval of an incident', () => [`/incidents/none/approve`, { ...REASON, sums: { CNY: 1 } }]],
  ['a raise of a cap', () => ['/caps/raise', raise()]],
  ['the confirmation of a raise', () => [`/caps/raise/CNY-${NONE}/confirm`, undefined]],
  ['a thaw', () => ['/refunds/thaw', REASON]],
] as const satisfies readonly (readonly [string, () => readonly [string, unknown]])[];

describe('with the token of an approver who signed in long ago', () => {
  it.each(ACTS)('P11: %s is sent', async (_what, act) => {
    const [url, body] = act();
    const desk = deskOf();
    const old = await desk.post(url, body, signedIn(15 * MINUTE + SECOND));
    expect(old).toMatchObject(AGAIN);
    expect(old.headers['www-authenticate']).toMatch(
      /^Bearer error="insufficient_user_authentication", .*max_age="900"$/,
    );
    const recent = await desk.post(url, body, signedIn(15 * MINUTE - SECOND));
    expect(recent.body.code).not.toBe('sign-in-again');
  });

  it.each(ACTS)('P11: %s is sent with a token that states no time, or none that is one', async (_what, act) => {
    const [url, body] = act();
    for (const signedInMs of [null, '', '0', '-1', '1e12', 'NaN', '9999999999', '9999999999999']) {
      expect(await deskOf().post(url, body, { groups: '[admin]', signedInMs })).toMatchObject(AGAIN);
    }
  });

  it('P11: a large refund is approved after refreshes of the token, which keep the time of the sign-in', async () => {
    const token = signedIn(0);
    context.clock.nowMs += 16 * MINUTE;
    expect(await deskOf().post(`/flags/${flag.id}/approve`, REASON, token)).toMatchObject(AGAIN);
  });

  it('does not stop what takes one approver, nor what keeps money', async () => {
    const old = signedIn(60 * MINUTE);
    const small = await deskOf(AMOUNT_MINOR).post(`/flags/${flag.id}/approve`, REASON, old);
    expect(small.body.code).not.toBe('sign-in-again');
    for (const url of [`/flags/${flag.id}/keep`, '/refunds/freeze']) {
      expect((await deskOf().post(url, REASON, old)).body.code).toBeUndefined();
    }
  });
});
