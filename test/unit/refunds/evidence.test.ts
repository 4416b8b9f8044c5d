import { describe, expect, it } from 'vitest';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';
import { claim } from '../../../core/refunds/claim.ts';
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
  voided,
  WALLET,
} from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, SOURCE, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

type Entry = Readonly<Record<string, unknown>>;

/** The wallet and the bank as the test has them, in one namespace. */
const registry = (wallet: Entry, bank: Entry = wallet, shows: Entry = {}) =>
  configuration({
    sources: { [WALLET]: { ...wallet, namespace: 'one' }, [BANK]: { ...bank, namespace: 'one' } },
    ...shows,
  });

const ATTESTED = { ...UNATTESTED, attests: ['single-charge', 'closings'] };
const one = charge({ chargeId: 'one', instrument: 'tok_1' });
const two = charge({ chargeId: 'two', instrument: 'tok_1' });

/** What the refund of `two` waits for, or what it rests on where it went. */
async function endOf(
  given: ReturnType<typeof registry> | { readonly rules: ReturnType<typeof registry>; readonly nowMs: number },
  ...events: readonly PaymentEvent[]
) {
  const { rules, nowMs } = 'rules' in given ? given : { rules: given, nowMs: START_MS };
  const world = refundWorld(rules);
  world.clock.nowMs = nowMs;
  await world.deliver(...events);
  const flag = await world.work('two');
  if (flag.status === 'held') return flag.wait.waitsFor;
  return flag.status === 'refunded' ? { restsOn: flag.restsOn } : flag.status;
}

const copyOf = (rules: ReturnType<typeof registry>, copy: Partial<Charge>, original: Partial<Charge> = {}) =>
  endOf(rules, captured({ ...one, ...original }), captured({ ...two, ...copy }));

describe('a copy of one order', () => {
  it('waits where no source attests that an order is charged once', async () => {
    expect(await copyOf(registry(UNATTESTED), {})).toEqual(['may-split']);
  });

  it('is refunded where its source attests it, and rests on that', async () => {
    expect(await copyOf(registry(ATTESTED), {})).toEqual({ restsOn: ['single-charge'] });
  });

  it.each([
    ['only its own source attests it', UNATTESTED, ATTESTED],
    ['only the source of the original attests it', ATTESTED, UNATTESTED],
  ])('waits where %s', async (_, wallet, bank) => {
    const copies = ['other-source'];
    expect(await copyOf(registry({ ...wallet, copies }, { ...bank, copies }), { source: BANK })).toContain('may-split');
    expect(await copyOf(registry({ ...ATTESTED, copies }), { source: BANK })).toEqual({ restsOn: ['single-charge'] });
  });

  it('waits where a source says the same of other merchants alone', async () => {
    const copies = ['other-source'];
    const rules = registry({ ...ATTESTED, copies }, { ...ATTESTED, copies, merchants: ['m_9'] });
    expect(await copyOf(rules, { source: BANK })).toEqual(['may-split', 'other-source']);
  });

  it.each<[string, Partial<Charge>, readonly string[]]>([
    ['another payer', { payer: 'p_2' }, ['other-payer']],
    ['another instrument', { instrument: 'tok_2' }, ['other-instrument']],
    ['no instrument beside one', { instrument: undefined }, ['other-instrument']],
    ['another source', { source: BANK }, ['other-source']],
    [
      'all of them',
      { payer: 'p_2', instrument: 'tok_2', source: BANK },
      ['other-payer', 'other-instrument', 'other-source'],
    ],
  ])('with %s waits, unless the sources of both list it among copies', async (_, copy, waitsFor) => {
    expect(await copyOf(registry(ATTESTED), copy)).toEqual(waitsFor);
    expect(await copyOf(registry({ ...ATTESTED, copies: waitsFor }), copy)).toEqual({ restsOn: ['single-charge'] });
    const onlyOne = registry({ ...ATTESTED, copies: waitsFor }, ATTESTED);
    if (copy.source === BANK) expect(await copyOf(onlyOne, copy)).toEqual(waitsFor);
  });

  it('waits where a third payer shares the order', async () => {
    const third = captured({ ...one, chargeId: 'three', payer: 'p_3' });
    const rules = registry({ ...ATTESTED, copies: ['other-payer'] });
    const events = [captured(one), captured({ ...two, payer: 'p_2' })];
    expect(await endOf(rules, ...events)).toEqual({ restsOn: ['single-charge'] });
    expect(await endOf(rules, ...events, third)).toEqual(['common-order']);
  });

  it('waits where its payer or the payer of its original is not known, whatever may differ', async () => {
    const rules = registry({ ...ATTESTED, copies: ['other-payer', 'other-instrument', 'other-source'] });
    expect(await copyOf(rules, { payer: undefined })).toEqual(['payer-unknown']);
    expect(await copyOf(rules, {}, { payer: undefined })).toEqual(['payer-unknown']);
    expect(await copyOf(rules, { payer: undefined }, { payer: undefined })).toEqual(['payer-unknown']);
  });

  it('waits where two charges without a payer share its order: each may be of another payer', async () => {
    const guest = (chargeId: string) => captured({ ...one, chargeId, payer: undefined });
    const rules = registry(ATTESTED);
    expect(await endOf(rules, captured(one), captured(two), guest('three'))).toEqual({ restsOn: ['single-charge'] });
    expect(await endOf(rules, captured(one), captured(two), guest('three'), guest('four'))).toEqual(['common-order']);
  });

  it('waits where the order number came again a window later', async () => {
    const later = captured({ ...one, chargeId: 'three' }, { timeMs: START_MS + 2 * DAY });
    expect(await endOf(registry(ATTESTED), captured(one), captured(two), later)).toEqual(['common-order']);
  });

  it('waits where it came a whole window after its original, and the detector looks further', async () => {
    const later = (afterMs: number) => captured(two, { timeMs: START_MS + afterMs });
    expect(await endOf(registry(ATTESTED), captured(one), later(12 * HOUR - 1))).toEqual({
      restsOn: ['single-charge'],
    });
    expect(await endOf(registry(ATTESTED), captured(one), later(12 * HOUR))).toEqual(['late-copy', 'common-order']);
  });

  it('waits where it was told later than its detector allows', async () => {
    const toldAfter = (lateMs: number, shows: Entry = {}) =>
      endOf({ rules: registry(ATTESTED, ATTESTED, shows), nowMs: START_MS + lateMs }, captured(one), captured(two));
    expect(await toldAfter(HOUR)).toEqual({ restsOn: ['single-charge'] });
    expect(await toldAfter(HOUR + 1)).toEqual(['late']);
    expect(await toldAfter(16 * DAY)).toEqual(['late', 'stale']);
    expect(await toldAfter(16 * DAY, { history: 'judge' })).toEqual({ restsOn: ['single-charge'] });
  });

  it('waits where its amount is only near', async () => {
    const near = { ...SAME_ORDER, same: ['currency'], near: { percent: 10 }, action: 'review' };
    const rules = registry(ATTESTED, ATTESTED, { detectors: [near] });
    expect(await copyOf(rules, { amountMinor: 12_000 })).toEqual(['near-amount', 'review']);
    expect(await copyOf(rules, {})).toEqual(['review']);
  });

  it('waits where it is one of three at a steady period', async () => {
    const at = (chargeId: string, hours: number) => captured({ ...one, chargeId }, { timeMs: START_MS + hours * HOUR });
    expect(await endOf(registry(ATTESTED), at('one', 0), at('two', 5), at('three', 10))).toEqual(['recurring']);
    expect(await endOf(registry(ATTESTED), at('one', 0), at('three', 3), at('two', 6))).toEqual(['recurring']);
    expect(await endOf(registry(ATTESTED), at('one', 0), at('three', 2), at('two', 6))).toEqual({
      restsOn: ['single-charge'],
    });
  });

  it('waits where others have returned a part of it, or of every charge that would stand beside it', async () => {
    const events = [captured(one), captured(two)];
    expect(await endOf(registry(ATTESTED), ...events, refunded(two, 900))).toEqual(['partly-returned']);
    expect(await endOf(registry(ATTESTED), ...events, refunded(one, 900))).toEqual(['partly-returned']);
    const three = captured({ ...one, chargeId: 'three' });
    expect(await endOf(registry(ATTESTED), ...events, three, refunded(one, 900))).toEqual({
      restsOn: ['single-charge'],
    });
  });
});

it('an original that is one too many is compared with the copy that stands beside it', async () => {
  const world = refundWorld(registry({ ...ATTESTED, attests: ['single-charge'] }));
  const closing = (outcome: 'paid' | 'unpaid', minutes: number) =>
    orderClosed(outcome, { source: WALLET, timeMs: START_MS + minutes * MINUTE });
  await world.deliver(captured(one), captured({ ...two, payer: 'p_2' }), closing('unpaid', 1), closing('paid', 2));
  expect(await world.work('one')).toMatchObject({ status: 'held', wait: { waitsFor: ['other-payer'] } });
});

describe('an order closed unpaid', () => {
  const charged = captured(two, { timeMs: START_MS });
  const closed = (minutes: number, source = WALLET) =>
    orderClosed('unpaid', { source, timeMs: START_MS + minutes * MINUTE });

  it('returns its last charge on the word of a source that attests closings', async () => {
    expect(await endOf(registry(ATTESTED), charged, closed(30))).toEqual({ restsOn: ['closings'] });
  });

  it.each<[string, readonly PaymentEvent[]]>([
    ['the source of the closing does not attest it', [charged, closed(30, BANK)]],
    [
      'it was closed as paid before, and as unpaid twice since',
      [charged, orderClosed('paid', { timeMs: START_MS + MINUTE }), closed(30), closed(40)],
    ],
    ['it was closed as paid before', [charged, orderClosed('paid', { timeMs: START_MS + MINUTE }), closed(30)]],
    [
      'the earlier closing as paid arrives last',
      [charged, closed(30), orderClosed('paid', { timeMs: START_MS + MINUTE })],
    ],
    ['the charge is a new try after the closing', [closed(-1), charged]],
    ['the closing came more than a day later', [charged, closed(24 * 60 + 1)]],
  ])('waits where %s', async (_, events) => {
    expect(await endOf(registry(ATTESTED, UNATTESTED), ...events)).toEqual(['closing']);
  });

  it('waits where the source of the closing attests closings of other merchants alone', async () => {
    const rules = registry(ATTESTED, { ...ATTESTED, merchants: ['m_9'] });
    expect(await endOf(rules, charged, closed(30, BANK))).toEqual(['closing']);
  });

  it('waits where the record of a charge in it is gone: we may have refunded that one', async () => {
    const world = refundWorld(registry(ATTESTED));
    await world.deliver(captured(one), charged, closed(30));
    const gone = world.flagOn('one').id;
    const readRecords: typeof world.records.readRecords = async (ids, nowMs) => {
      const found = await world.charges.records.readRecords(ids, nowMs);
      return found.map((each, at) => (ids[at] === gone ? { record: undefined, version: 0 } : each));
    };
    Object.assign(world, { records: { ...world.records, readRecords } });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['closing'] } });
  });

  it('waits where it was closed after our own refund', async () => {
    const world = refundWorld(registry(ATTESTED));
    await world.deliver(captured(one), captured(two));
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    await world.deliver(closed(30));
    expect(await world.work('one')).toMatchObject({ status: 'held', wait: { waitsFor: ['closing'] } });
    expect(world.refunds.size).toBe(1);
  });

  it('returns all its charges at once: copies rest on the closing too', async () => {
    const world = refundWorld(registry(ATTESTED));
    await world.deliver(captured(one), captured(two), closed(30));
    world.clock.nowMs = START_MS + HOUR;
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['closings'] });
    expect(await world.work('one')).toMatchObject({ status: 'refunded', restsOn: ['closings'] });
  });
});

describe('a repeat under another detector than the order', () => {
  const repeats = (shows: Entry = {}) =>
    registry(ATTESTED, ATTESTED, { detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }], ...shows });

  it('waits where its order would be left with nothing', async () => {
    expect(await copyOf(repeats(), { order: 'o_2' })).toEqual(['empties-order']);
  });

  it('waits where its order is no longer remembered', async () => {
    const world = refundWorld(repeats());
    const beside = captured({ ...one, chargeId: 'other', order: 'o_2', amountMinor: 5 });
    await world.deliver(captured(one), beside, captured({ ...two, order: 'o_2' }));
    const readWindows: typeof world.windows.readWindows = async (fingerprints, nowMs) => {
      const found = await world.charges.windows.readWindows(fingerprints, nowMs);
      return found.map((each) => (each.window?.detector === 'same-order' ? { window: undefined, version: 0 } : each));
    };
    Object.assign(world, { windows: { ...world.windows, readWindows } });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order'] } });
  });

  it('is refunded where it has no order, or another charge stands in it', async () => {
    expect(await copyOf(repeats(), { order: undefined })).toEqual({ restsOn: ['single-charge'] });
    const beside = captured({ ...one, chargeId: 'other', order: 'o_2', amountMinor: 5 });
    expect(await endOf(repeats(), captured(one), beside, captured({ ...two, order: 'o_2' }))).toEqual({
      restsOn: ['single-charge'],
    });
    const gone = voided({ ...one, chargeId: 'other', order: 'o_2', amountMinor: 5 });
    const events = [captured(one), beside, captured({ ...two, order: 'o_2' }), gone];
    expect(await endOf(repeats(), ...events)).toEqual(['empties-order']);
  });
});

describe('a detector that was weakened or taken away since', () => {
  it.each<[string, Entry]>([
    ['only reviews now', { detectors: [{ ...SAME_ORDER, action: 'review' }, RAPID_REPEAT] }],
    ['is gone', { detectors: [RAPID_REPEAT] }],
    ['reviews this merchant now', { merchants: { m_1: { detectors: { 'same-order': { action: 'review' } } } } }],
  ])('refunds nothing that it found: %s', async (_, shows) => {
    const world = refundWorld(registry(ATTESTED));
    await world.deliver(captured(one), captured(two));
    Object.assign(world, { configuration: registry(ATTESTED, ATTESTED, shows) });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['configuration-changed'] } });
  });

  it('stays a review where it is one', async () => {
    const rules = registry(ATTESTED, ATTESTED, { detectors: [{ ...SAME_ORDER, action: 'review' }, RAPID_REPEAT] });
    expect(await copyOf(rules, {})).toEqual(['review']);
  });
});

it('a claim answers with what it rested on, however late its flag learns of it', async () => {
  const world = refundWorld(registry(ATTESTED));
  await world.deliver(captured(one), captured(two));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  const dying = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  await expect(claim(attempt, { ...world, cases: dying })).rejects.toThrow('died');
  await world.deliver(orderClosed('unpaid', { source: BANK, timeMs: START_MS + HOUR }));
  expect(await claim(attempt, world)).toMatchObject({ next: 'reverse' });
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding', restsOn: ['single-charge'] });
});

it('an approval answers every reason, and is what the refund rests on', async () => {
  const world = refundWorld(registry({ ...SOURCE, attests: [] }));
  await world.deliver(captured(one), captured(two));
  expect(await world.work('two')).toMatchObject({ wait: { waitsFor: ['may-split'] } });
  await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'looked' }, world);
  expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
});
