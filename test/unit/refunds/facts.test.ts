import { describe, expect, it } from 'vitest';
import type { Flag } from '../../../core/cases/flag.ts';
import { groundsOf, reasonsOf } from '../../../core/cases/sentences.ts';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import {
  BANK,
  captured,
  charge,
  DAY,
  HOUR,
  MINUTE,
  orderClosed,
  refunded,
  START_MS,
  WALLET,
} from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

type Entry = Readonly<Record<string, unknown>>;

const registry = (wallet: Entry, bank: Entry = wallet, shows: Entry = {}) =>
  configuration({
    sources: { [WALLET]: { ...wallet, namespace: 'one' }, [BANK]: { ...bank, namespace: 'one' } },
    ...shows,
  });

const COPIES = ['other-payer', 'other-instrument', 'other-source'];
const ATTESTED = { ...UNATTESTED, attests: ['single-charge', 'closings'], copies: COPIES };
const one = charge({ chargeId: 'one', order: 'o_7', payer: 'p_12', instrument: 'tok_1' });
const two = { ...one, chargeId: 'two' };

/** What the flag of `two` says it waits for, or what its refund rested on. */
async function saidOf(rules: ReturnType<typeof registry>, ...events: readonly PaymentEvent[]) {
  const world = refundWorld(rules);
  await world.deliver(...events);
  return said(await world.work('two'));
}

function said(flag: Flag): readonly string[] {
  return [...reasonsOf(flag, 'shown'), ...groundsOf(flag, 'shown')].map(({ sentence }) => sentence.en);
}

const copy = (shows: Partial<Charge>, timeMs = START_MS) => captured({ ...two, ...shows }, { timeMs });
const third = (shows: Partial<Charge> = {}, timeMs = START_MS) =>
  captured({ ...one, chargeId: 'three', ...shows }, { timeMs });

describe('a refund that waits says each reason with its facts', () => {
  it('names the sources that attest nothing, and both payers', async () => {
    expect(await saidOf(registry(ATTESTED, UNATTESTED), captured(one), copy({ source: BANK, payer: 'p_77' }))).toEqual([
      `${BANK} does not attest that an order is charged once: it may be paid in equal parts.`,
      'Another payer paid the duplicate: p_77; the original was paid by p_12.',
      `${BANK} captured the duplicate; ${WALLET} captured the original.`,
    ]);
  });

  it('names the period and how often it was charged', async () => {
    const events = [captured(one), copy({}, START_MS + 5 * HOUR), third({}, START_MS + 10 * HOUR)];
    expect(await saidOf(registry(ATTESTED), ...events)).toEqual([
      'The order was charged 3 times at a steady period of 5 h.',
    ]);
  });

  it('counts the payers of a common order, and says when it came again', async () => {
    const shared = [captured(one), copy({ payer: 'p_2' }), third({ payer: 'p_3' })];
    expect(await saidOf(registry(ATTESTED), ...shared)).toEqual(['3 payers share the order number o_7.']);
    const again = [captured(one), copy({}), third({}, START_MS + 3 * DAY)];
    expect(await saidOf(registry(ATTESTED), ...again)).toEqual(['The order number o_7 came again 3 d later.']);
  });

  it('names what was returned before', async () => {
    const events = [captured(one), copy({})];
    expect(await saidOf(registry(ATTESTED), ...events, refunded(two, 500))).toEqual([
      '5.00 of CNY 129.00 was returned before.',
    ]);
    expect(await saidOf(registry(ATTESTED), ...events, refunded(one, 500))).toEqual([
      'A part of a charge that must remain was returned before.',
    ]);
  });

  it.each([
    ['unattested', BANK, 30, `; ${BANK} does not attest closings`],
    ['early', WALLET, -10, ', before this charge of 2024-11-10T16:00:00.000Z'],
    ['late', WALLET, 25 * 60, ', too long after this charge of 2024-11-10T16:00:00.000Z'],
  ])('names the source and the time of a closing that is %s', async (_, source, minutes, doubt) => {
    const closing = orderClosed('unpaid', { source, order: 'o_7', timeMs: START_MS + minutes * MINUTE });
    const time = new Date(START_MS + minutes * MINUTE).toISOString();
    expect(await saidOf(registry(ATTESTED, UNATTESTED), copy({}), closing)).toEqual([
      `${source} closed the order o_7 unpaid at ${time}${doubt}.`,
    ]);
  });

  it('says that the record of another charge of the order is gone', async () => {
    const world = refundWorld(registry(ATTESTED));
    const closing = orderClosed('unpaid', { source: WALLET, order: 'o_7', timeMs: START_MS + 30 * MINUTE });
    await world.deliver(captured(one), copy({}), closing);
    const gone = world.flagOn('one').id;
    const readRecords: typeof world.records.readRecords = async (ids, nowMs) => {
      const found = await world.charges.records.readRecords(ids, nowMs);
      return found.map((each, at) => (ids[at] === gone ? { record: undefined, version: 0 } : each));
    };
    Object.assign(world, { records: { ...world.records, readRecords } });
    expect(said(await world.work('two'))).toEqual([
      `${WALLET} closed the order o_7 unpaid at 2024-11-10T16:30:00.000Z; the record of another charge in it has expired, so we may have refunded that charge.`,
    ]);
  });

  it('compares an original that is one too many with the copy that would remain', async () => {
    const world = refundWorld(registry({ ...ATTESTED, copies: [] }));
    const closing = (outcome: 'paid' | 'unpaid', minutes: number) =>
      orderClosed(outcome, { source: WALLET, order: 'o_7', timeMs: START_MS + minutes * MINUTE });
    await world.deliver(captured(one), copy({ payer: 'p_77' }), closing('unpaid', 1), closing('paid', 2));
    expect(said(await world.work('one'))).toEqual([
      'Another payer paid the copy that would remain: p_77; the original was paid by p_12.',
    ]);
  });

  it('names the limit, and the currency that the registry leaves out', async () => {
    const limited = registry(ATTESTED, ATTESTED, { refunds: { limitMinor: { CNY: 10_000 } } });
    expect(await saidOf(limited, captured(one), copy({}))).toEqual(['CNY 129.00 is above the limit of CNY 100.00.']);
    const unnamed = registry({ ...ATTESTED, currencies: ['JPY'] });
    expect(await saidOf(unnamed, captured(one), copy({}))).toEqual([`The registry does not name CNY for ${WALLET}.`]);
  });

  it('names the budget of the hour', async () => {
    const rules = registry(ATTESTED, ATTESTED, { refunds: { budgetPerHourMinor: { merchant: { CNY: 13_000 } } } });
    const world = refundWorld(rules);
    await world.deliver(captured(one), copy({}), third());
    await world.work('two');
    expect(said(await world.work('three'))).toEqual([
      'The refund budget of the hour 2024-11-10T16 (UTC) is spent: at most CNY 130.00 for m_1.',
    ]);
  });

  it('names the detector that asks, and the action that it has now', async () => {
    const detectors = [{ ...SAME_ORDER, action: 'review' }, RAPID_REPEAT];
    const rules = registry(ATTESTED, ATTESTED, { detectors });
    expect(await saidOf(rules, captured(one), copy({}))).toEqual([
      'The detector same-order asks for the decision of an approver.',
    ]);
    const world = refundWorld(registry(ATTESTED));
    await world.deliver(captured(one), copy({}));
    Object.assign(world, { configuration: rules });
    expect(said(await world.work('two'))).toEqual([
      'The detector same-order had the action refund when it found this charge; now it has review.',
    ]);
  });

  it('stores the facts of its own reasons only', async () => {
    const world = refundWorld(registry(UNATTESTED));
    await world.deliver(captured(one), copy({}));
    expect(await world.work('two')).toMatchObject({ wait: { facts: { 'may-split': { sources: [WALLET] } } } });
    const held = world.flagOn('two');
    expect(Object.keys((held.status === 'held' && held.wait.facts) || {})).toEqual(['may-split']);
  });
});

describe('a refund that went says what it rested on', () => {
  it('names the sources that attested a single charge', async () => {
    expect(await saidOf(registry(ATTESTED), captured(one), copy({ source: BANK }))).toEqual([
      `${BANK} and ${WALLET} attested that an order is charged once.`,
    ]);
  });

  it('names the closing, and who attested it', async () => {
    const closing = orderClosed('unpaid', { source: BANK, order: 'o_7', timeMs: START_MS + 30 * MINUTE });
    expect(await saidOf(registry(ATTESTED), copy({}), closing)).toEqual([
      `${BANK} closed the order o_7 unpaid at 2024-11-10T16:30:00.000Z; ${BANK} and ${WALLET} attested closings.`,
    ]);
  });

  it('names who approved it, beside the reason for which it had waited', async () => {
    const world = refundWorld(registry(UNATTESTED));
    await world.deliver(captured(one), copy({}));
    await world.work('two');
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'looked' }, world);
    expect(said(await world.work('two'))).toEqual([
      `${WALLET} does not attest that an order is charged once: it may be paid in equal parts.`,
      'ann approved it.',
    ]);
  });
});
