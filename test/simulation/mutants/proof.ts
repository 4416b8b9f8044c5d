import type { ReasonToWait } from '../../../core/cases/flag.ts';
import type { Attestation, Source } from '../../../core/events/source.ts';
import { EVIDENCE, FILING, type Mutant, TOTALS, without } from './mutant.ts';

type Evidence = typeof import('../../../core/refunds/evidence.ts');
type Catalog = Parameters<Evidence['evidenceFor']>[2];

/** The refund waits for every reason but one. */
export function unasked(rule: string, reason: ReasonToWait): Mutant {
  return without(EVIDENCE, rule, ({ evidenceFor }) => ({
    evidenceFor: (flag, facts, configuration) => {
      const evidence = evidenceFor(flag, facts, configuration);
      return { ...evidence, waitsFor: evidence.waitsFor.filter((other) => other !== reason) };
    },
  }));
}

/** The evidence is judged by another configuration than there is. */
function judgingUnder(rule: string, change: (configuration: Catalog) => Catalog): Mutant {
  return without(EVIDENCE, rule, ({ evidenceFor, isRuleOfBefore }) => ({
    evidenceFor: (flag, facts, configuration) => evidenceFor(flag, facts, change(configuration)),
    isRuleOfBefore: (flag, configuration) =>
      isRuleOfBefore(flag, change({ sourceOf: () => undefined, ...configuration })),
  }));
}

function believing(rule: string, attestation: Attestation): Mutant {
  const believed = (source: Source | undefined): Source | undefined =>
    source && { ...source, attests: new Set([...source.attests, attestation]) };
  return judgingUnder(rule, (configuration) => ({
    ...configuration,
    sourceOf: (id) => believed(configuration.sourceOf(id)),
  }));
}

/** What proves that money may move automatically: attestations, totals, and the rule that found the charge. */
export const PROVING: readonly Mutant[] = [
  without(FILING, 'the total with the latest event time holds', ({ total }) => ({
    total: (window, detector, told) => {
      const known = window.totals?.find(({ currency }) => currency === told.currency);
      if (known?.totalMinor === told.totalMinor) return window;
      return total(window, detector, { ...told, timeMs: Math.max(told.timeMs, (known?.atMs ?? 0) + 1) });
    },
  })),
  without(FILING, 'the highest total ever stated is remembered', ({ total }) => ({
    total: (window, detector, told) => {
      const after = total(window, detector, told);
      if (after === window) return window;
      return { ...after, totals: after.totals?.map((each) => ({ ...each, highestMinor: each.totalMinor })) ?? [] };
    },
  })),
  believing('an order may be charged twice, unless its processors attest that it is not', 'single-charge'),
  believing('a total that its source does not attest proves nothing', 'totals'),
  believing('a closing that its source does not attest waits for an approver', 'closings'),
  without(TOTALS, 'what stays covers the total, whichever source states it', () => ({
    coverOf: (_, { first = [] }) => first,
  })),
  without(TOTALS, 'what was paid beyond the total is what its copies amount to', ({ isProvedByTotal }) => ({
    isProvedByTotal: (view, id, balance) =>
      isProvedByTotal(view, id, balance) || balance.paidMinor > balance.total.totalMinor,
  })),
  without(TOTALS, 'an order that is overpaid by no copy is flagged', () => ({ overpaidBy: () => undefined })),
  without('core/detection/fingerprint.ts', 'twins count once', () => ({ paymentDigestOf: () => undefined })),
  unasked('a copy from another payer waits, unless its sources list that', 'other-payer'),
  unasked('the refund that empties an order waits under another detector', 'empties-order'),
  judgingUnder('a weaker action of today waits', (configuration) => ({
    ...configuration,
    detectorFor: (id, subject) => {
      const detector = configuration.detectorFor(id, subject);
      return detector && { ...detector, action: 'refund' };
    },
  })),
  without('core/detection/epoch.ts', 'a flag keeps the rule that found it', () => ({ ruleChangeOf: () => undefined })),
  without('core/cases/flag-transitions.ts', 'what was only monitored is never refunded automatically', ({ may }) => ({
    may: ((name, flag) => may(name, flag) || (name === 'monitor' && flag.status === 'monitored')) as typeof may,
  })),
  without('core/refunds/await-readers.ts', 'no claim while a reader is further behind than the grace', () => ({
    awaitReaders: async () => ({ kind: 'level' }),
  })),
  without('core/detection/short-orders.ts', 'an order that is short after our refund is marked', () => ({
    shortOrdersIn: () => [],
  })),
];
