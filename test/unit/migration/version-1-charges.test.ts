import { describe, expect, it } from 'vitest';
import { asFingerprint } from '../../../core/brands.ts';
import type { ChargeRecord, Claim } from '../../../core/detection/charge-record.ts';
import { EVIDENCE_MS, isReleased } from '../../../core/detection/charge-record.ts';
import { addWindow, type Version1Charges } from '../../../core/detection/version-1-charges.ts';
import { mergeRecord, mergeWindow } from '../../../core/detection/version-1-merge.ts';
import type { Version1Entry, Version1Window } from '../../../core/detection/version-1-window.ts';
import { charge, DAY, HOUR, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';

const RULES = { configuration: configuration(), digests };
const END_MS = START_MS + HOUR;
const ONE = charge({ chargeId: 'one' });
const GRANTED = { refundMinor: 12_900, atMs: START_MS, restsOn: [] };

/** A window of one charge with some facts, last written at END_MS. */
function windowWith(facts: Partial<Version1Entry>, shows: Partial<Version1Window> = {}): Version1Window {
  const captured = { seq: 0, timeMs: START_MS, charge: ONE, verdict: { kind: 'original' } } as const;
  return {
    fingerprint: asFingerprint('same-order#k1#x'),
    detector: 'same-order',
    expiresAtMs: END_MS + EVIDENCE_MS,
    entries: [{ source: ONE.source, chargeId: ONE.chargeId, captured, ...facts }],
    ...shows,
  };
}

const RAPID = { fingerprint: asFingerprint('rapid-repeat#k1#y'), detector: 'rapid-repeat' };

function recordOf(...windows: readonly Version1Window[]): ChargeRecord {
  const charges: Version1Charges = new Map();
  for (const window of windows) addWindow(charges, window, RULES);
  const [record] = charges.values();
  if (record === undefined) throw new Error('no record');
  return record;
}

describe('the record of a version-1 charge', () => {
  it('names its windows, strongest detector first', () => {
    expect(recordOf(windowWith({}, RAPID), windowWith({})).capture?.windows.map(({ detector }) => detector)).toEqual([
      'same-order',
      'rapid-repeat',
    ]);
  });

  it('takes a void that one window has missed, and holds it at the time of the last write', () => {
    const record = recordOf(windowWith({}, RAPID), windowWith({ released: true }));
    expect(record.releasedMs).toBe(END_MS);
    expect(isReleased(record)).toBe(true);
  });

  it('arrived at the latest when the first of its windows was written', () => {
    // An original alone in its window, which rapid-repeat remembers for 25 hours.
    const alone = windowWith({}, { ...RAPID, expiresAtMs: START_MS + 10 * MINUTE + 25 * HOUR });
    const record = recordOf(windowWith({ kept: true }), alone);
    expect(record.capture).toMatchObject({ arrivedMs: START_MS + 10 * MINUTE, seenMs: START_MS + 10 * MINUTE });
    expect(recordOf(windowWith({ kept: true })).capture).toMatchObject({ arrivedMs: END_MS, seenMs: END_MS });
  });

  it('has the larger total of refunds, and the later dispute', () => {
    const open = { atMs: START_MS + MINUTE, open: true };
    const won = { atMs: START_MS + 2 * MINUTE, open: false, wonBy: 'merchant' } as const;
    const record = recordOf(
      windowWith({ refundedTotalMinor: 300, dispute: open }),
      windowWith({ refundedTotalMinor: 200, dispute: won }, RAPID),
    );
    expect(record.refundedByOthers).toEqual({ totalMinor: 300, atMs: END_MS });
    expect(record.dispute).toEqual(won);
    const smallerFirst = recordOf(
      windowWith({ refundedTotalMinor: 200 }, RAPID),
      windowWith({ refundedTotalMinor: 300 }),
    );
    expect(smallerFirst.refundedByOthers?.totalMinor).toBe(300);
  });

  it('keeps a charge that was kept after the closing, and opens one that was kept before it for review', () => {
    const closed = { owed: 0, atMs: START_MS + MINUTE, source: ONE.source } as const;
    expect(recordOf(windowWith({ kept: true }, { closed })).kept).toEqual({ unpaidMs: START_MS + MINUTE });
    expect(recordOf(windowWith({ reviewOnly: true }, { closed }), windowWith({ kept: true }, RAPID)).kept).toEqual({});
  });

  it.each<[string, Claim, Claim, Claim['state']]>([
    ['runs', { attempt: 0, state: 'claimed', ...GRANTED }, { attempt: 0, state: 'denied' }, 'claimed'],
    ['has moved money', { attempt: 0, state: 'refunded', ...GRANTED }, { attempt: 1, state: 'denied' }, 'refunded'],
    ['has failed', { attempt: 1, state: 'failed', ...GRANTED }, { attempt: 0, state: 'denied' }, 'failed'],
  ])('has a claim that %s, whatever the other window says', (_what, a, b, state) => {
    expect(recordOf(windowWith({ ours: a }), windowWith({ ours: b }, RAPID)).ours?.state).toBe(state);
    expect(recordOf(windowWith({ ours: b }), windowWith({ ours: a }, RAPID)).ours?.state).toBe(state);
  });

  it.each([
    ['first', 'a#k1#x'],
    ['last', 'z#k1#x'],
  ])('has the fields that a window had dropped, whose key comes %s', (_place, fingerprint) => {
    const whole = { ...ONE, instrument: 'tok_1' };
    const captured = { seq: 0, timeMs: START_MS, charge: whole, verdict: { kind: 'original' } } as const;
    const dropped = windowWith({ released: true }, { fingerprint: asFingerprint(fingerprint) });
    expect(recordOf(dropped, windowWith({ captured }, RAPID)).capture?.charge.instrument).toBe('tok_1');
  });

  it('of facts alone has no capture: they wait', () => {
    const { source, chargeId } = ONE;
    const record = recordOf({ ...windowWith({}), entries: [{ source, chargeId, released: true }] });
    expect(record).not.toHaveProperty('capture');
    expect(record.releasedMs).toBe(END_MS);
  });

  it('names a charge of which two windows know different amounts', () => {
    const captured = {
      seq: 0,
      timeMs: START_MS,
      charge: { ...ONE, amountMinor: 1 },
      verdict: { kind: 'original' },
    } as const;
    const charges: Version1Charges = new Map();
    expect(addWindow(charges, windowWith({}), RULES)).toEqual([]);
    expect(addWindow(charges, windowWith({ captured }, RAPID), RULES)).toMatchObject([{ chargeId: 'one' }]);
  });

  it('may have expired before, where version 1 saw its charge half a year late', () => {
    const captured = {
      seq: 0,
      timeMs: END_MS - 181 * DAY,
      charge: ONE,
      verdict: { kind: 'original' },
      stale: true,
    } as const;
    expect(recordOf(windowWith({ captured, released: true })).capture?.mayHaveExpired).toBe(true);
  });
});

describe('a live record', () => {
  it('lives half a year after the migration', () => {
    const late = END_MS + 170 * DAY;
    const record = mergeRecord({ record: undefined, version: 0 }, recordOf(windowWith({})), late);
    expect(record?.expiresAtMs).toBe(late + EVIDENCE_MS);
  });

  it('never stands where version 1 may have forgotten an earlier record of its charge', () => {
    const charged = { seq: 0, charge: ONE, verdict: { kind: 'original' }, stale: true } as const;
    const captured = { ...charged, timeMs: END_MS - 181 * DAY };
    expect(merge({}, { captured, released: true })?.capture?.mayHaveExpired).toBe(true);
  });

  const live = (shows: Partial<ChargeRecord>): ChargeRecord => ({ ...recordOf(windowWith({})), version: 7, ...shows });
  const merge = (shows: Partial<ChargeRecord>, facts: Partial<Version1Entry>) =>
    mergeRecord({ record: live(shows), version: 7 }, recordOf(windowWith(facts)), END_MS + HOUR);

  it('holds a failure that ended the claim of version 1', () => {
    const ours = { attempt: 0, state: 'failed', ...GRANTED } as const;
    expect(merge({ ours }, { ours: { ...ours, state: 'claimed' } })?.ours).toEqual(ours);
  });

  it('holds a claim that version 1 denied, and gets one that it granted', () => {
    const ours = { attempt: 0, state: 'claimed', ...GRANTED } as const;
    expect(merge({ ours }, { ours: { attempt: 0, state: 'denied' } })?.ours).toEqual(ours);
    expect(merge({ ours: { attempt: 0, state: 'denied' } }, { ours })?.ours).toEqual(ours);
  });

  it('holds a total that fell after the last write of version 1, and no smaller one from before it', () => {
    const fell = { totalMinor: 0, atMs: END_MS + 1 };
    expect(merge({ refundedByOthers: fell }, { refundedTotalMinor: 500 })?.refundedByOthers).toEqual(fell);
    const before = { totalMinor: 10, atMs: START_MS };
    expect(merge({ refundedByOthers: before }, { refundedTotalMinor: 500 })?.refundedByOthers).toEqual({
      totalMinor: 500,
      atMs: END_MS,
    });
  });

  it('adds single refunds that the total of version 1 may not hold', () => {
    const single = (id: string, atMs: number) => ({ id, minor: 7, atMs });
    const singleRefunds = [single('before', START_MS), single('after', END_MS + 1)];
    const merged = merge({ singleRefunds }, { refundedTotalMinor: 500 });
    expect(merged?.refundedByOthers).toEqual({ totalMinor: 507, atMs: END_MS });
    expect(merged?.singleRefunds).toEqual([single('after', END_MS + 1)]);
    if (merged === undefined) throw new Error('no record');
    const again = { record: merged, version: merged.version };
    expect(mergeRecord(again, recordOf(windowWith({ refundedTotalMinor: 500 })), END_MS + 2 * HOUR)).toBe(merged);
  });

  it('holds a report that a refund of version 1 has failed', () => {
    const ours = { attempt: 0, state: 'failed', ...GRANTED } as const;
    expect(merge({ ours }, { ours: { ...ours, state: 'refunded' } })?.ours).toEqual(ours);
  });

  it('that knew everything is not written', () => {
    const known = live({});
    expect(mergeRecord({ record: known, version: 7 }, recordOf(windowWith({})), END_MS)).toBe(known);
  });

  it('that has expired is begun anew on its version, and what version 1 had forgotten stays forgotten', () => {
    const found = { record: undefined, version: 7 };
    expect(mergeRecord(found, recordOf(windowWith({})), END_MS)?.version).toBe(END_MS);
    expect(mergeRecord(found, recordOf(windowWith({})), END_MS + EVIDENCE_MS)).toBeUndefined();
  });
});

describe('a live window', () => {
  const rules = { ...RULES, nowMs: END_MS + HOUR };
  const empty = { window: undefined, version: 0 };

  it('remembers each charge for `retain` after the last write of version 1', () => {
    expect(mergeWindow(empty, windowWith({ kept: true }), rules)?.entries).toMatchObject([{ sinceMs: END_MS }]);
  });

  it('takes the entries of version 1 before its own, and moves its deciding version', () => {
    const other = charge({ chargeId: 'two' });
    const captured = { seq: 0, timeMs: START_MS, charge: other, verdict: { kind: 'original' } } as const;
    const live = mergeWindow(empty, windowWith({ chargeId: 'two', captured }), rules);
    const merged = mergeWindow({ window: live, version: live?.version ?? 0 }, windowWith({}), rules);
    expect(merged?.entries.map(({ seq }) => seq)).toEqual([0, 1]);
    expect(merged?.entries[1]?.id).toBe(live?.entries[0]?.id);
    expect(merged?.decisiveVersion).toBeGreaterThan(live?.decisiveVersion ?? 0);
  });

  it.each([
    ['a later one as unpaid proves nothing after paid', 1, 0, { owed: 0, afterPaid: true }],
    ['a later one as paid overrules', 0, 1, { owed: 1, overrules: true }],
  ] as const)('joins the closings: %s', (_what, first, second, expected) => {
    const at = (owed: 0 | 1, atMs: number) => windowWith({}, { closed: { owed, atMs, source: ONE.source } });
    const live = mergeWindow(empty, at(second, END_MS), rules);
    const merged = mergeWindow({ window: live, version: 1 }, at(first, START_MS), rules);
    expect(merged?.closed).toMatchObject(expected);
    expect(mergeWindow({ window: merged, version: 2 }, at(first, START_MS), rules)).toBe(merged);
  });

  it('of a detector that is gone keeps verdicts and closing', () => {
    const gone = { detector: 'gone', fingerprint: asFingerprint('gone#k1#z') };
    expect(mergeWindow(empty, windowWith({}, gone), rules)).toMatchObject({ detector: 'gone', entries: [{ seq: 0 }] });
  });

  it('is not made of a window that has expired, or of facts of charges that were never captured', () => {
    expect(mergeWindow(empty, windowWith({}, { expiresAtMs: END_MS }), rules)).toBeUndefined();
    expect(mergeWindow(empty, { ...windowWith({}), entries: [{ ...ONE, released: true }] }, rules)).toBeUndefined();
  });
});
