import type { Ms } from '../../../core/brands.ts';
import type { FlagView } from '../../../core/queries/views.ts';
import { mayAct, type Person } from '../../session/person.ts';

export type Decision = 'approve' | 'keep' | 'refunded-in-error';

/** A page that was read longer ago than this, or could not be read anew, offers no decision: it may be stale. */
export const FRESH_MS = 20_000;

interface Shown {
  readonly person: Person;
  /** When the flag was read last. */
  readonly readAtMs: Ms;
  readonly nowMs: Ms;
}

/** What this person may decide about the flag as it was read; the API looks again. */
export function decisionsFor(flag: FlagView, { person, readAtMs, nowMs }: Shown): readonly Decision[] {
  if (!mayAct(person, 'approver') || nowMs - readAtMs > FRESH_MS) return [];
  const decisions: Decision[] = [];
  const { subject } = person;
  if (APPROVABLE.has(flag.status) && flag.raisedBy !== subject && !isAmong(flag.approvals, person))
    decisions.push('approve');
  if (KEEPABLE.has(flag.status) && !isAmong(flag.keeps, person)) decisions.push('keep');
  if (flag.status === 'refunded') decisions.push('refunded-in-error');
  return decisions;
}

const APPROVABLE: ReadonlySet<FlagView['status']> = new Set(['held', 'expired', 'failed', 'monitored']);

/** Nothing is claimed yet, or what was is known to have failed: the charge can still stay. */
const KEEPABLE: ReadonlySet<FlagView['status']> = new Set([
  'open',
  'held',
  'expired',
  'approved',
  'failed',
  'monitored',
  'dismissed',
]);

/** Who has said so already does not count twice. */
export function isAmong(votes: FlagView['approvals'], { subject }: Person): boolean {
  return votes.some(({ by }) => by === subject);
}

/** True where the flag, and all that it waits for, is as the user saw it: a decision may be sent again. */
export function isAsSeen(seen: FlagView, now: FlagView): boolean {
  return !hasMoved(seen, now) && JSON.stringify(seen.reasons) === JSON.stringify(now.reasons);
}

/** True when something has happened to the flag since it was shown: a decision about the old state must not go through unseen. */
export function hasMoved(shown: FlagView, now: FlagView): boolean {
  const votes = (flag: FlagView) => flag.approvals.length + flag.keeps.length;
  return shown.status !== now.status || shown.attempt !== now.attempt || votes(shown) !== votes(now);
}
