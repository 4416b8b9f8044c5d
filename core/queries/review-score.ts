import type { Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import { HOUR_MS, MINUTE_MS } from '../clock-units.ts';
import { isSameCharge } from '../detection/charge-record.ts';
import type { Charge } from '../events/payment-event.ts';

/** What the score looks at: facts of the flag that no later write changes. */
export type Scored = Pick<Flag, 'charge' | 'original' | 'timeMs'> &
  Partial<Pick<Flag, 'originalCharge' | 'originalTimeMs'>>;

/** Points of each sign, at most 100 in all: docs/holds.md has the same table. */
const POINTS = { instrument: 25, payer: 20, order: 10, channel: 10 } as const;
/** Points by the time between the charge and its original, the shortest first. */
const APART: readonly (readonly [atMostMs: Ms, points: number])[] = [
  [10_000, 25],
  [MINUTE_MS, 20],
  [10 * MINUTE_MS, 10],
  [HOUR_MS, 5],
];
/** Points of an amount by how many zeros it ends with in minor units: a rare amount does not repeat by chance. */
const ZEROS = [10, 5, 0] as const;

export const REVIEW_SCORE_MAX = 100;

/**
 * Returns how much the charge looks like a copy of its original, from 0 to 100. It orders the lists of what waits for an
 * approver, and nothing else: no refund goes or waits for it. A charge without a known other original gets the points of its
 * amount alone.
 */
export function reviewScore({ charge, original, timeMs, originalCharge, originalTimeMs }: Scored): number {
  const amount = ZEROS[zerosOf(charge.amountMinor)];
  if (originalCharge === undefined || isSameCharge(charge, original)) return amount;
  const same = FIELDS.filter((field) => isKnownSame(field, charge, originalCharge));
  const apartMs = originalTimeMs === undefined ? Number.POSITIVE_INFINITY : Math.abs(timeMs - originalTimeMs);
  const [, apart] = APART.find(([atMostMs]) => apartMs <= atMostMs) ?? [0, 0];
  return same.reduce((sum, field) => sum + POINTS[field], amount + apart);
}

const FIELDS = ['instrument', 'payer', 'order', 'channel'] as const;

function isKnownSame(field: (typeof FIELDS)[number], charge: Charge, original: Charge): boolean {
  return charge[field] !== undefined && charge[field] === original[field];
}

/** Zeros at the end of the amount, two at most. */
function zerosOf(amountMinor: number): 0 | 1 | 2 {
  if (amountMinor % 10 !== 0) return 0;
  return amountMinor % 100 === 0 ? 2 : 1;
}
