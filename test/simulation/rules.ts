import type { Flag, ReasonToWait } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { givenApprovals } from './given-approvals.ts';

/** Under which configuration each flag was found by a detector, and which were only monitored then. */
export class RulesOfFlags {
  readonly #foundUnder = new Map<string, Configuration>();
  readonly #monitored = new Set<string>();

  note({ id, detector, status }: Flag, configuration: Configuration): void {
    const key = keyOf({ id, detector });
    if (!this.#foundUnder.has(key)) this.#foundUnder.set(key, configuration);
    if (status === 'monitored') this.#monitored.add(key);
  }

  /**
   * Returns why the rule by which a flag was found is not that of today: what was only monitored is never refunded
   * automatically, and neither is what a weaker, changed or missing rule of today would not refund.
   */
  changeOf(flag: Flag, today: Configuration): string | undefined {
    if (isNamedByApproval(flag, 'configuration-changed')) return undefined;
    if (this.#monitored.has(keyOf(flag)) && givenApprovals(flag).length === 0)
      return 'its detector only monitored then';
    const { id, detector, charge, action } = flag;
    const found = this.#foundUnder.get(keyOf({ id, detector }))?.detectorFor(detector, charge);
    const now = today.detectorFor(detector, charge);
    if (now === undefined) return 'its detector is gone';
    if (STRENGTHS.indexOf(now.action) < STRENGTHS.indexOf(action)) return `its detector only has ${now.action} today`;
    if (charge.mcc !== undefined && now.exemptMccs.has(charge.mcc)) return 'its detector exempts it today';
    const isAsFound = found?.windowMs === now.windowMs && found.reviewWindowMs === now.reviewWindowMs;
    return isAsFound ? undefined : 'its detector looks less or further today';
  }
}

const STRENGTHS = ['monitor', 'review', 'refund'];

/** Somebody has approved it, and all who did saw this reason. */
export function isNamedByApproval(flag: Flag, reason: ReasonToWait): boolean {
  const approvals = givenApprovals(flag);
  return approvals.length > 0 && approvals.every(({ saw }) => saw?.includes(reason));
}

function keyOf({ id, detector }: Pick<Flag, 'id' | 'detector'>): string {
  return `${id} ${detector}`;
}
