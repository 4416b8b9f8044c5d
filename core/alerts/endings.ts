import type { RecordChange } from './notify.ts';

/** How flags of one detector ended: what its rule was worth. */
export type Endings = {
  readonly flagsRefunded: number;
  /** The charge was meant, and people said so in time. */
  readonly flagsKept: number;
  /** The charge was meant, and people said so after the refund. */
  readonly refundsInError: number;
};

const COUNTED = { refunded: 'flagsRefunded', kept: 'flagsKept', 'refunded-in-error': 'refundsInError' } as const;

/** The endings among changes of flags, by the detector that ruled the flag. News delivered again are counted again. */
export function endingsOf(changes: readonly RecordChange[]): ReadonlyMap<string, Endings> {
  const endings = new Map<string, Endings>();
  for (const one of changes) {
    if (one.kind !== 'flag' || one.before?.status === one.after.status || !isCounted(one.after.status)) continue;
    const counted = COUNTED[one.after.status];
    const known = endings.get(one.after.detector) ?? { flagsRefunded: 0, flagsKept: 0, refundsInError: 0 };
    endings.set(one.after.detector, { ...known, [counted]: known[counted] + 1 });
  }
  return endings;
}

function isCounted(status: string): status is keyof typeof COUNTED {
  return Object.hasOwn(COUNTED, status);
}
