import { describe, expect, it } from 'vitest';
import { asCaseId } from '../../../core/brands.ts';
import { verifyChain } from '../../../core/cases/audit.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { recordClaim } from '../../../core/detection/record-transitions.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import {
  ACME,
  arrival,
  BANK,
  captured,
  charge,
  DAY,
  disputed,
  MINUTE,
  orderClosed,
  START_MS,
  voided,
} from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import { configuration, digests, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { moved } from '../../fixtures/flags.ts';

async function deliver(context: DetectionContext, ...events: readonly PaymentEvent[]): Promise<void> {
  for (const event of events) {
    await judgeAndRaise([arrival(event, context.clock.nowMs)], context);
  }
}

function flagOn(context: DetectionContext, chargeId: string): Flag | undefined {
  return context.cases.allFlags().find((flag) => flag.charge.chargeId === chargeId);
}

const first = charge({ chargeId: 'first' });
const second = charge({ chargeId: 'second' });

describe('flags follow records and windows', () => {
  it('one for each surplus charge, all in the case of their original', async () => {
    const context = detectionContext(configuration());
    const charges = Array.from({ length: 22 }, (_, n) => charge({ chargeId: `ch_${n}` }));
    await deliver(context, ...charges.map((of) => captured(of)));
    const flags = context.cases.allFlags();
    expect(flags).toHaveLength(21);
    expect(new Set(flags.map(({ caseId }) => caseId)).size).toBe(1);
    expect(context.cases.allCases()).toMatchObject([{ flags: 21, unresolved: 21, openings: 1 }]);
  });

  it('once, however often the events come again', async () => {
    const context = detectionContext(configuration());
    const events = [captured(first), captured(second), voided(second), captured(second), captured(first)];
    await deliver(context, ...events, ...events);
    expect(context.cases.allFlags()).toMatchObject([{ version: 1, charge: { chargeId: 'second' } }]);
  });

  it('for all of a batch of 200 duplicates, though a transaction holds 100 items', async () => {
    const context = detectionContext(configuration());
    const charges = Array.from({ length: 201 }, (_, n) => charge({ chargeId: `ch_${n}` }));
    await judgeAndRaise(
      charges.map((of) => arrival(captured(of))),
      context,
    );
    const [only] = context.cases.allCases();
    expect(only).toMatchObject({ flags: 200, auditLength: 200 });
    expect(verifyChain(await context.cases.auditOf(only?.id ?? asCaseId('')), digests).kind).toBe('intact');
  });

  it.each([
    ['a charge within one namespace', { source: BANK }, 'same-order'],
    ['the strongest detector that finds it', {}, 'same-order'],
    ['a repeat of an order that it has not', { order: 'o_2' }, 'rapid-repeat'],
  ])('names %s', async (_, change, detector) => {
    const context = detectionContext(configuration());
    await deliver(context, captured(first), captured({ ...second, ...change }));
    expect(flagOn(context, 'second')).toMatchObject({ detector, original: { chargeId: 'first' } });
  });

  it.each([
    ['another namespace', {}, { source: ACME }],
    ['another order of another payer', {}, { order: 'o_2', payer: 'p_2' }],
    ['an exempt category without an order', { order: undefined, mcc: '4111' }, { order: undefined, mcc: '4111' }],
  ])('not for %s', async (_, one, other) => {
    const context = detectionContext(configuration());
    await deliver(context, captured({ ...first, ...one }), captured({ ...second, ...other }));
    expect(context.cases.allFlags()).toEqual([]);
  });

  it('the action and the window that a merchant has for itself', async () => {
    const merchants = { m_1: { detectors: { 'same-order': { action: 'monitor', window: '1m' } } } };
    const context = detectionContext(configuration({ merchants, detectors: [SAME_ORDER] }));
    await deliver(
      context,
      captured(first),
      captured(second),
      captured(charge({ chargeId: 'later' }), { timeMs: START_MS + MINUTE + 1 }),
    );
    expect(context.cases.allFlags()).toMatchObject([{ status: 'monitored', action: 'monitor' }]);
    expect(context.cases.allFlags()).toHaveLength(1);
  });
});

describe('charges told years after their time', () => {
  it.each([
    ['hold', 0],
    ['judge', 1],
  ])('where history says "%s": %i flags', async (history, flags) => {
    const context = detectionContext(configuration({ history }));
    context.clock.nowMs = START_MS + 730 * DAY;
    await deliver(context, captured(first), captured(second));
    expect(context.cases.allFlags()).toHaveLength(flags);
  });
});

describe('an order closed unpaid', () => {
  const repeat = charge({ chargeId: 'repeat', order: 'o_2' });

  it('raises a flag of a weaker detector to the stronger one, which acts', async () => {
    const context = detectionContext(configuration());
    await deliver(context, captured(first), captured(repeat));
    expect(flagOn(context, 'repeat')).toMatchObject({ detector: 'rapid-repeat', action: 'review' });
    await deliver(context, orderClosed('unpaid', { order: 'o_2' }));
    expect(flagOn(context, 'repeat')).toMatchObject({
      detector: 'same-order',
      action: 'refund',
      status: 'open',
      attempt: 0,
    });
  });

  it('raises a monitored flag even where the stronger detector only monitors', async () => {
    const detectors = [
      { ...SAME_ORDER, action: 'monitor' },
      { ...RAPID_REPEAT, action: 'monitor' },
    ];
    const context = detectionContext(configuration({ detectors }));
    await deliver(context, captured(first), captured(repeat), orderClosed('unpaid', { order: 'o_2' }));
    expect(flagOn(context, 'repeat')).toMatchObject({ detector: 'same-order', action: 'monitor', status: 'monitored' });
  });

  it('flags the last charge too, and what comes later, and nothing more once it is paid', async () => {
    const context = detectionContext(configuration());
    await deliver(context, orderClosed('unpaid'), captured(first), orderClosed('paid', { timeMs: START_MS + DAY }));
    await deliver(context, captured(charge({ chargeId: 'other', order: 'o_1', part: 'balance', amountMinor: 7 })));
    expect(context.cases.allFlags().map(({ charge: { chargeId } }) => chargeId)).toEqual(['first']);
  });
});

describe('a held flag', () => {
  async function holdAll(context: DetectionContext): Promise<void> {
    for (const flag of context.cases.allFlags()) {
      const known = await context.cases.readCase(flag.caseId);
      await context.cases.commit(withChanges(known, [moved(flag, { status: 'held' })], digests));
    }
  }
  const third = charge({ chargeId: 'third' });

  it('waits on while its charge may still be the surplus one, and no longer', async () => {
    const context = detectionContext(configuration());
    await deliver(context, captured(first), captured(second), captured(third));
    await holdAll(context);
    await deliver(context, voided(first), captured(second));
    expect(context.cases.allFlags().map(({ status }) => status)).toEqual(['held', 'held']);
    await deliver(context, voided(third));
    expect(flagOn(context, 'second')).toMatchObject({ status: 'approved', version: 3 });
  });
});

describe('a dismissed flag', () => {
  it.each([
    ['opens anew', 'refund', 'open'],
    ['is monitored', 'monitor', 'monitored'],
  ])('%s when its charge is surplus again under a detector that says %s', async (_, action, status) => {
    const context = detectionContext(configuration({ detectors: [{ ...SAME_ORDER, action }, RAPID_REPEAT] }));
    await deliver(context, captured(first), captured(charge({ chargeId: 'repeat', order: 'o_2' })));
    const [flag] = context.cases.allFlags();
    if (flag === undefined) throw new Error('no flag');
    const known = await context.cases.readCase(flag.caseId);
    await context.cases.commit(withChanges(known, [moved(flag, { status: 'dismissed' })], digests));
    await deliver(context, orderClosed('unpaid', { order: 'o_2' }));
    expect(flagOn(context, 'repeat')).toMatchObject({ status, attempt: 1, detector: 'same-order' });
  });
});

describe('a dispute upon a refund of ours', () => {
  it('marks the flag once, and its audit says so', async () => {
    const context = detectionContext(configuration());
    await deliver(context, captured(first), captured(second));
    const record = context.records.all().find(({ chargeId }) => chargeId === 'second');
    if (record === undefined) throw new Error('no record');
    await context.records.replaceRecord(recordClaim(record, claimIn('refunded'), START_MS), record.version);
    await deliver(context, disputed(second, 'open'), disputed(second, 'open'));
    expect(flagOn(context, 'second')).toMatchObject({ contested: true, version: 2 });
  });
});
