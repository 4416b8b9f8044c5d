import { describe, expect, it } from 'vitest';
import { asCaseId, asFlagId } from '../../../core/brands.ts';
import { type AuditEntry, chainHash, GENESIS, verifyChain } from '../../../core/cases/audit.ts';
import { withChanges } from '../../../core/cases/case.ts';
import { checkCase } from '../../../core/cases/verify-cases.ts';
import { compareCharges, evidenceOf, evidenceSchema } from '../../../core/queries/evidence.ts';
import { BANK, charge, DAY, START_MS } from '../../fixtures/charges.ts';
import { detector, digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened, type Shows, wait } from '../../fixtures/flags.ts';

const ORIGINAL = charge({ chargeId: 'ch_original', part: 'deposit', instrument: 'tok_1' });
const DUPLICATE = charge({ chargeId: 'ch_duplicate', source: BANK, payer: 'p_family', part: 'deposit', mcc: '5311' });
const SAME_ORDER = detector('same-order');

/** The evidence of one flag, after what became of it. */
function evidence(shows: Shows<'open'> = {}, changes: readonly Shows[] = []) {
  const first = flag({ charge: DUPLICATE, originalCharge: ORIGINAL, ...shows });
  let change = withChanges(undefined, [opened(first)], digests);
  const audit: AuditEntry[] = [...change.audit];
  for (const next of changes) {
    change = withChanges(
      change.case,
      change.flags.map((now) => moved(now, next)),
      digests,
    );
    audit.push(...change.audit);
  }
  const check = checkCase(change.case, audit, digests);
  const of = { case: change.case, flags: change.flags, audit, check };
  const json: unknown = JSON.parse(
    JSON.stringify(evidenceOf({ ...of, detectorOf: () => SAME_ORDER, nowMs: START_MS })),
  );
  return { notified: evidenceSchema.parse(json), audit };
}

describe('the two charges of a flag', () => {
  it('are compared field by field, each with what it is to the detector', () => {
    const rows = compareCharges(DUPLICATE, ORIGINAL, SAME_ORDER).map(
      ({ field, role, outcome, charge: ours, original }) => [field, role, outcome, ours, original],
    );
    expect(rows).toEqual([
      ['source', 'other', 'differs', BANK, ORIGINAL.source],
      ['payer', 'other', 'differs', 'p_family', 'p_1'],
      ['merchant', 'key', 'agrees', 'm_1', 'm_1'],
      ['order', 'key', 'agrees', 'o_1', 'o_1'],
      ['part', 'same', 'agrees', 'deposit', 'deposit'],
      ['amount', 'same', 'agrees', '12900', '12900'],
      ['currency', 'same', 'agrees', 'CNY', 'CNY'],
      ['instrument', 'other', 'differs', undefined, 'tok_1'],
      ['mcc', 'other', 'differs', '5311', undefined],
    ]);
  });

  it('are not compared where there is one alone', () => {
    const own = { source: DUPLICATE.source, chargeId: DUPLICATE.chargeId };
    expect(evidence({ original: own, originalCharge: DUPLICATE }).notified.flags[0]?.fields).toEqual([]);
    expect(compareCharges(DUPLICATE, undefined, SAME_ORDER)).toEqual([]);
  });
});

describe('the evidence of a case', () => {
  it('has both charges, both references, the detector with its version, scheme, code and deadline', () => {
    const { notified } = evidence({}, [
      { status: 'refunding', refundMinor: 12_900, claimedAtMs: START_MS },
      { status: 'refunded', processorReference: 're_1', refundedAtMs: START_MS + 9_000 },
    ]);
    const [refunded] = notified.flags;
    expect(refunded).toMatchObject({
      charge: DUPLICATE,
      originalCharge: ORIGINAL,
      status: 'refunded',
      refundMinor: 12_900,
      reference: `onecharge-${refunded?.id}-0`,
      processorReference: 're_1',
      detector: 'same-order',
      decidedBy: 'same-order',
      configuration: 'configuration-1',
      scheme: 'mastercard',
      reasonCode: '4834',
      deadlineAt: new Date(START_MS + 90 * DAY).toISOString(),
      claimedAt: new Date(START_MS).toISOString(),
      refundedAt: new Date(START_MS + 9_000).toISOString(),
      entries: [1, 2, 3],
    });
    expect(notified.case).toMatchObject({ status: 'resolved', refundedMinor: 12_900 });
  });

  it('says why money was held, and why it was not given back', () => {
    const denied = { status: 'dismissed', denial: 'released', denialText: 'the charge itself was voided' } as const;
    const limit = wait({ waitsFor: ['limit'] });
    const { notified } = evidence({}, [
      { status: 'held', wait: limit },
      { ...denied, wait: limit },
    ]);
    expect(notified.flags[0]).toMatchObject({ waitsFor: ['limit'], denial: 'released', denialText: denied.denialText });
  });

  it('has a chain that whoever gets it can hash again', () => {
    const { notified, audit } = evidence({}, [{ status: 'held' }, { status: 'kept' }]);
    expect(notified.audit).toEqual(verifyChain(audit, digests));
    let head = GENESIS;
    const caseId = asCaseId(notified.case.id);
    for (const { at, hash, flagId, ...entry } of notified.timeline) {
      const body = { ...entry, atMs: Date.parse(at), caseId, flagId: asFlagId(flagId), previous: head };
      expect(chainHash(body, digests)).toBe(hash);
      head = hash;
    }
  });

  it('tells of a chain that is broken', () => {
    const { audit } = evidence({}, [{ status: 'held' }]);
    const first = flag({ charge: DUPLICATE });
    const { case: of } = withChanges(undefined, [opened(first)], digests);
    const check = checkCase(of, audit, digests);
    const notified = evidenceOf({
      case: of,
      flags: [first],
      audit,
      check,
      detectorOf: () => undefined,
      nowMs: START_MS,
    });
    expect(notified.audit).toEqual({ kind: 'broken', seq: 2, reason: 'is not known to the case' });
  });
});
